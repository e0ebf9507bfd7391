/**
 * Do the two groups get the requests that their weights say? If not, the split itself is broken, and what is compared is not
 * alike. Two bets on how a minute's requests split: that the new release gets more than is tolerated, and that it gets less.
 * Like all bets of the judge it may be looked at after every minute. Pure.
 */
import type { Group } from '../service/service.ts';
import type { Weights } from '../release/release.ts';
import { type Dispersion, dispersionOf, learnDispersion, NO_DISPERSION } from './sequential/dispersion.ts';
import type { Tally } from './sequential/counts.ts';
import { ratioGains } from './sequential/ratio-test.ts';
import { bet, evidence, openWealth, type Wealth } from './sequential/wealth.ts';

export interface SplitState {
  readonly bets: number;
  readonly more: Wealth;
  readonly fewer: Wealth;
  /** How much more the split varies from minute to minute than chance has it: sessions that stick to a group do that. */
  readonly dispersion: Dispersion;
  readonly watched: number;
  readonly reference: number;
  /** Of all these, so many should have gone to the new release. */
  readonly expected: number;
}

const KAPPAS = [1.1, 1.25, 1.5, 2, 4, 16];
/** Times as many, or as few, are nobody's fault. */
const TOLERATED = 1.1;
/** What one minute may win at most. */
const CAP = 2;
/** In one of so many good releases the split is called broken. */
const ONE_IN = 1000;

export const NO_SPLIT: SplitState = {
  bets: 0,
  more: openWealth(KAPPAS.length),
  fewer: openWealth(KAPPAS.length),
  dispersion: NO_DISPERSION,
  watched: 0,
  reference: 0,
  expected: 0,
};

/** Requests of a minute, and the groups' weights. */
export interface SplitMinute {
  readonly watched: Tally;
  readonly reference: Tally;
}

export function learnSplit(known: SplitState, { watched, reference }: SplitMinute): SplitState {
  const requests = watched.events + reference.events;
  if (requests === 0) return known;
  const dispersion = learnDispersion(known.dispersion, [{ events: watched.events, exposure: requests }]);
  const tempers = [known.dispersion, dispersion].map((one) => 1 / dispersionOf(one));
  // The less of two is no more than what was known before the minute has it: so it stays a bet.
  const gains = (one: Tally, other: Tally) => {
    const each = tempers.map((temper) => ratioGains(one, other, { ratio: TOLERATED, kappas: KAPPAS, temper, cap: CAP }));
    return KAPPAS.map((_, index) => Math.min(...each.map((some) => some[index] ?? 0)));
  };
  return {
    bets: known.bets + 1,
    more: bet(known.more, gains(watched, reference), known.bets),
    fewer: bet(known.fewer, gains(reference, watched), known.bets),
    dispersion,
    watched: known.watched + watched.events,
    reference: known.reference + reference.events,
    expected: known.expected + (requests * watched.exposure) / (watched.exposure + reference.exposure),
  };
}

/** What is wrong with it; undefined where it may be chance. */
export function brokenSplit(
  state: SplitState,
  groups: { readonly watched: string; readonly reference: string },
): string | undefined {
  const against = (evidence(state.more, state.bets) + evidence(state.fewer, state.bets)) / 2;
  if (against < ONE_IN) return undefined;
  const all = state.watched + state.reference;
  const percent = (some: number) => `${((100 * some) / all).toFixed(1)} %`;
  const sign = state.watched > state.expected ? '>' : '<';
  return `the split is broken: ${groups.watched} got ${percent(state.watched)} of the ${all} requests to it and ${groups.reference} ${sign} ${percent(state.expected)} by their weights; evidence ${sayEvidence(against)} ≥ ${ONE_IN}`;
}

const sayEvidence = (value: number) => (value >= 1e4 ? value.toExponential(1) : value.toFixed(0));

/** Where the same rule splits requests between both. */
export function weightsOf({ main, beta }: Weights, watched: Group, reference: Group) {
  const both = [main, beta].flatMap((rule) => {
    const [ours = 0, theirs = 0] = [rule[watched], rule[reference]];
    return ours > 0 && theirs > 0 ? [{ watched: ours, reference: theirs }] : [];
  });
  return both.length === 1 ? both[0] : undefined;
}
