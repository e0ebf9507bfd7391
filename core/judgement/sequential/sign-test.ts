/**
 * For a metric that is one number an interval, of which nothing else is known: is it worse than the reference's, beyond the
 * margin, in more than half of the intervals? Each alternative bets a fixed share of its wealth.
 */
import type { GaugePair } from './counts.ts';

const STAKES = [0.2, 0.4, 0.6, 0.8];
export const SIGN_ALTERNATIVES = STAKES.length;

export interface SignTest {
  readonly direction: 'increase' | 'decrease';
  /** Share of the reference's value that is tolerated. */
  readonly margin: number;
}

export function isWorse({ watched, reference }: GaugePair, { direction, margin }: SignTest): boolean {
  const tolerated = Math.abs(reference) * margin;
  return direction === 'increase' ? watched > reference + tolerated : watched < reference - tolerated;
}

export const signGains = (pair: GaugePair, test: SignTest): readonly number[] =>
  STAKES.map((stake) => Math.log(isWorse(pair, test) ? 1 + stake : 1 - stake));
