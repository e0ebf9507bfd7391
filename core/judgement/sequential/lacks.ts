/**
 * What keeps a release from passing: it passes only if the counts show that it is not worse by more than the margins. Where
 * they are too few to show it, it is said how many more would.
 */
import type { Tally } from './counts.ts';
import { isNode } from './counts.ts';
import { upperLimit } from './difference.ts';
import { type Comparison, comparisons } from './last-look.ts';
import type { Policy } from './policy.ts';
import { dispersionIn, type JudgeState, tally } from './state.ts';
import { evidenceOf } from './weigh.ts';

export interface Lack {
  readonly test: string;
  /** `unsure`: more requests can show that it is not worse. `worse`: it was seen to be beyond the margin. */
  readonly kind: 'unsure' | 'worse' | 'evidence';
  readonly text: string;
  /** Requests that are still needed, about. */
  readonly requests?: number;
}

export interface Lacks {
  readonly lacks: readonly Lack[];
  /** The node that was left out. */
  readonly left?: string | undefined;
}

const NOTHING = { watched: { events: 0, exposure: 0 }, reference: { events: 0, exposure: 0 } };
const PASS_TAIL = 0.05;
const MOST_EVIDENCE = 5;

/**
 * One node may be left out of the counts, for a bad node is no bad release; a crash never is, because a release that seldom
 * crashes does so on one node first.
 */
export function lacksToPass(state: JudgeState, policy: Policy): Lacks {
  const crashes = evidenceLack(state, policy, 'crashes');
  const nodes = Object.keys(state.watched).filter(isNode);
  const lefts = nodes.length > 1 ? [undefined, ...nodes] : [undefined];
  const found = lefts.map((left): Lacks => ({ left, lacks: [...lacksIn(state, policy, left), ...crashes] }));
  return found.find(({ lacks }) => lacks.length === 0) ?? found[0] ?? { lacks: [] };
}

function lacksIn(state: JudgeState, policy: Policy, left?: string): readonly Lack[] {
  const counted = comparisons(policy).filter(({ test }) => test in policy.shares);
  const gauges = Object.keys(policy.shares).filter((test) => test.startsWith('metric '));
  return [
    ...counted.flatMap((one) => countLack(state, policy, one, left)),
    ...['memory', ...gauges].flatMap((test) => evidenceLack(state, policy, test, left)),
  ];
}

function evidenceLack(state: JudgeState, policy: Policy, test: string, left?: string): readonly Lack[] {
  if (!(test in policy.shares)) return [];
  const found = evidenceOf(state, policy, test, left);
  if (found < MOST_EVIDENCE) return [];
  return [{ test, kind: 'evidence', text: `evidence ${found.toFixed(1)} ≥ ${MOST_EVIDENCE} against its ${test}` }];
}

function countLack(state: JudgeState, policy: Policy, one: Comparison, left?: string): readonly Lack[] {
  const { test, pass } = one;
  const [watched, reference] = [tally(state.watched, one.watchedFar, left), tally(state.reference, one.reference)];
  const limits = { ratio: pass.ratio, dispersion: dispersionIn(state, policy, test), tail: PASS_TAIL };
  const isKnown = watched.exposure > 0 && reference.exposure > 0;
  const upper = isKnown ? upperLimit(watched, reference, limits) : 1;
  if (upper <= pass.above) return [];
  const requests = requestsLacking(isKnown ? { watched, reference } : NOTHING, one, limits);
  const found = isKnown ? `up to ${points(upper)} > ${points(pass.above)} allowed` : 'no data';
  if (requests === 0) return [{ test, kind: 'worse', text: `${test}: ${found}, and fine releases seldom show as much` }];
  const text = `${test}: ${found} on ${Math.round(watched.exposure)} requests, about ${roundUp(requests)} more needed`;
  return [{ test, kind: 'unsure', text, requests: roundUp(requests) }];
}

/** Of the past, as many events as these are believed. */
const PRIOR_EVENTS = 5;
const MOST_DOUBLINGS = 40;

/**
 * As many more as would show it of a release that is like its reference, with a standard deviation of bad luck; 0 if it
 * should have shown by now.
 */
function requestsLacking(
  { watched, reference }: { readonly watched: Tally; readonly reference: Tally },
  { expected, likeness, pass }: Comparison,
  limits: Parameters<typeof upperLimit>[2],
): number {
  const rate = (reference.events + PRIOR_EVENTS) / (reference.exposure + PRIOR_EVENTS / expected);
  const split = watched.exposure > 0 && reference.exposure > 0 ? reference.exposure / watched.exposure : 1;
  const shows = (requests: number) => {
    const beside = { events: rate * split * requests, exposure: split * requests };
    const like = rate * likeness * requests;
    const luck = Math.sqrt(limits.dispersion * like * (1 + likeness / split));
    return upperLimit({ events: like + luck, exposure: requests }, beside, limits) <= pass.above;
  };
  if (watched.exposure > 0 && shows(watched.exposure)) return 0;
  let [few, enough] = [watched.exposure, Math.max(1, watched.exposure)];
  for (let doubled = 0; doubled < MOST_DOUBLINGS && !shows(enough); doubled++) [few, enough] = [enough, 2 * enough];
  while (enough - few > Math.max(1, 0.01 * enough)) {
    const middle = (few + enough) / 2;
    [few, enough] = shows(middle) ? [few, middle] : [middle, enough];
  }
  return enough - watched.exposure;
}

/** Of a share, in percentage points. */
const points = (share: number) => `${(100 * share).toFixed(2)} pp`;

/** Two digits are as exact as such a forecast is. */
function roundUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
  return Math.ceil(value / unit) * unit;
}
