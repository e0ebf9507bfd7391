/**
 * Limits of `watched rate - ratio * reference rate`, from limits of each rate (Zou and Donner's method of variance
 * estimates recovery). The rates' own limits are Garwood's for Poisson counts, on counts thinned by their dispersion.
 */
import type { Tally } from './counts.ts';
import { rateOf } from './counts.ts';
import { chiSquareQuantile } from './distributions.ts';

export interface DifferenceTest {
  readonly ratio: number;
  readonly dispersion: number;
  /** Chance that the true difference lies beyond the limit, on one side. */
  readonly tail: number;
}

export function lowerLimit(watched: Tally, reference: Tally, test: DifferenceTest): number {
  const [rate, beside] = [rateOf(watched), rateOf(reference)];
  const down = rate - lowerRate(watched, test);
  const up = test.ratio * (upperRate(reference, test) - beside);
  return rate - test.ratio * beside - Math.hypot(down, up);
}

export function upperLimit(watched: Tally, reference: Tally, test: DifferenceTest): number {
  const [rate, beside] = [rateOf(watched), rateOf(reference)];
  const up = upperRate(watched, test) - rate;
  const down = test.ratio * (beside - lowerRate(reference, test));
  return rate - test.ratio * beside + Math.hypot(up, down);
}

const lowerRate = ({ events, exposure }: Tally, { dispersion, tail }: DifferenceTest) =>
  exposure === 0 ? 0 : (dispersion * chiSquareQuantile(tail, (2 * events) / dispersion)) / 2 / exposure;

const upperRate = ({ events, exposure }: Tally, { dispersion, tail }: DifferenceTest) =>
  exposure === 0 ? 1 : (dispersion * chiSquareQuantile(1 - tail, (2 * events) / dispersion + 2)) / 2 / exposure;
