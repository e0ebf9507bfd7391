/**
 * Is the rate of the watched group more than `ratio` times the reference's? Only how an interval's events split between
 * the two is bet on, so what both share (the time of day, an outage) cancels. Given all events, the watched group's share
 * is at most q0 while the rate is at most `ratio` times; each alternative says it is `kappa` times that.
 * Holds for Poisson counts, and for Bernoulli trials, whose split varies less.
 */
import type { Tally } from './counts.ts';

export interface RatioTest {
  readonly ratio: number;
  readonly kappas: readonly number[];
  /** At most 1: what over-dispersed counts are worth. */
  readonly temper: number;
  /** The most one interval may win: a shock that hits one group only is one interval long. */
  readonly cap: number;
}

export function ratioGains(watched: Tally, reference: Tally, test: RatioTest): readonly number[] {
  const { ratio, kappas, temper, cap } = test;
  if (watched.exposure === 0 || reference.exposure === 0) return kappas.map(() => 0);
  const shareAt = (times: number) => {
    const weighed = watched.exposure * ratio * times;
    return weighed / (weighed + reference.exposure);
  };
  const fair = shareAt(1);
  return kappas.map((kappa) => {
    const share = shareAt(kappa);
    const gain = watched.events * Math.log(share / fair) + reference.events * Math.log((1 - share) / (1 - fair));
    return Math.min(cap, temper * gain);
  });
}
