import { describe, expect, it } from 'vitest';
import { upperTail } from '../../../../core/faults/ledger/upper-tail.ts';

describe('the chance of so many or more', () => {
  it.each([
    [0, 1, 1],
    [1, 1, 0.6321205588],
    [3, 1, 0.0803013971],
    [2, 20, 0.9999999567],
  ])('of %i where %d are expected is %d', (count, mean, chance) => {
    expect(upperTail(count, mean)).toBeCloseTo(chance, 9);
  });

  it('is still told apart where it is next to nothing', () => {
    expect(upperTail(12, 0.01) / (1e-24 / 479_001_600)).toBeCloseTo(0.99, 2);
    expect(upperTail(13, 0.01)).toBeLessThan(upperTail(12, 0.01));
    expect(upperTail(3, 0)).toBe(0);
  });
});
