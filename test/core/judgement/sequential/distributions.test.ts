import { describe, expect, it } from 'vitest';
import { lowerLimit, upperLimit } from '../../../../core/judgement/sequential/difference.ts';
import { dispersionOf, learnDispersion, NO_DISPERSION } from '../../../../core/judgement/sequential/dispersion.ts';
import { chiSquareQuantile, normalQuantile, poissonTail } from '../../../../core/judgement/sequential/distributions.ts';
import { growthGains } from '../../../../core/judgement/sequential/growth-test.ts';

describe('the distributions', () => {
  it('are those of the tables', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 5);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232, 5);
    expect(chiSquareQuantile(0.95, 10) / 18.307).toBeCloseTo(1, 2);
    expect(chiSquareQuantile(0.99, 22) / 40.289).toBeCloseTo(1, 2);
    expect(poissonTail(3, 1)).toBeCloseTo(0.0803, 4);
  });
});

describe('limits of a difference', () => {
  const test = { ratio: 1, dispersion: 1, tail: 0.05 };
  const like = { events: 100, exposure: 10_000 };

  it('hold the difference between them, and draw together with more requests', () => {
    const more = { events: 10_000, exposure: 1_000_000 };
    expect(lowerLimit(like, like, test)).toBeLessThan(0);
    expect(upperLimit(like, like, test)).toBeGreaterThan(0);
    expect(upperLimit(more, more, test) / upperLimit(like, like, test)).toBeCloseTo(0.1, 1);
  });

  it('are wider where counts are over-dispersed', () => {
    expect(upperLimit(like, like, { ...test, dispersion: 4 })).toBeGreaterThan(1.8 * upperLimit(like, like, test));
  });
});

describe('dispersion', () => {
  it('is 1 of counts that differ as chance has it, and more of counts that differ more', () => {
    const cells = (counts: readonly number[]) => counts.map((events) => ({ events, exposure: 1000 }));
    const after = (counts: readonly number[]) =>
      dispersionOf(
        Array.from({ length: 50 }).reduce<typeof NO_DISPERSION>((known) => learnDispersion(known, cells(counts)), NO_DISPERSION),
      );
    expect(after([20, 24, 16, 20])).toBe(1);
    expect(after([5, 60, 10, 5])).toBeGreaterThan(10);
  });
});

describe('growth', () => {
  it('wins nothing on average over all labellings of the nodes', () => {
    const growths = [0.1, 0.7, 0.3, 0.9, 0.5];
    const pairs = growths.flatMap((_, one) => growths.slice(one + 1).map((__, rest) => [one, one + 1 + rest]));
    const sums = pairs.map((chosen) => {
      const watched = growths.filter((_, index) => chosen.includes(index));
      const reference = growths.filter((_, index) => !chosen.includes(index));
      return growthGains(watched, reference, 0).map(Math.exp);
    });
    for (const rate of [0, 1, 2, 3]) expect(sums.reduce((sum, one) => sum + one[rate]!, 0) / sums.length).toBeCloseTo(1, 9);
  });
});
