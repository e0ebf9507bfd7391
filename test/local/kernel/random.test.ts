import { describe, expect, it } from 'vitest';
import { createRandom, xoshiro128 } from '../../../local/kernel/random.ts';

const draws = (seed: number, count: number) => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.next());
};

describe('seeded chance', () => {
  it('is xoshiro128**: the reference generator’s numbers from the state 1, 2, 3, 4', () => {
    const draw = xoshiro128([1, 2, 3, 4]);
    const expected = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804];
    expect(expected.map(() => draw())).toEqual(expected);
  });

  it('draws the same numbers from the same seed, and others from another', () => {
    expect(draws(7, 100)).toEqual(draws(7, 100));
    expect(draws(7, 10)).not.toEqual(draws(8, 10));
  });

  it('spreads evenly over [0, 1), also from small seeds', () => {
    for (const seed of [0, 1, 2, -1, 2 ** 40]) {
      const numbers = draws(seed, 20_000);
      const tenths = new Map(Array.from({ length: 10 }, (_, i) => [i, 0]));
      for (const n of numbers) tenths.set(Math.floor(n * 10), tenths.get(Math.floor(n * 10))! + 1);
      for (const count of tenths.values()) expect(Math.abs(count - 2000)).toBeLessThan(250);
    }
  });

  it('makes ids of the forms AWS uses', () => {
    const random = createRandom(1);
    expect(random.hex(17)).toMatch(/^[0-9a-f]{17}$/);
    expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(Array.from({ length: 1000 }, () => random.below(6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });
});
