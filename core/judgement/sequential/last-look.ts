/**
 * The look at the end. A release fails on the whole of its counts where a difference is clear that built up too slowly for
 * the bets, and passes only if the counts show that it is not worse by more than the margins.
 */
import { isNode, sumOf, type Tally } from './counts.ts';
import { lowerLimit, upperLimit } from './difference.ts';
import { dispersionOf } from './dispersion.ts';
import { latencyTest } from './learn.ts';
import type { Policy } from './policy.ts';
import { dispersionFor, type JudgeState, type NodeTotals, tally } from './state.ts';
import { evidenceOf } from './weigh.ts';

interface Comparison {
  readonly test: string;
  readonly watched: (node: NodeTotals) => Tally;
  /** With the edge moved as far as a pass tolerates. */
  readonly watchedFar: (node: NodeTotals) => Tally;
  readonly reference: (node: NodeTotals) => Tally;
  readonly fail: { readonly ratio: number; readonly above: number };
  readonly pass: { readonly ratio: number; readonly above: number };
}

function comparisons({ errors, latency }: Policy): readonly Comparison[] {
  const failed = (node: NodeTotals): Tally => ({ events: node.errors, exposure: node.requests });
  const ofErrors: Comparison = {
    test: 'errors',
    watched: failed,
    watchedFar: failed,
    reference: failed,
    fail: { ratio: errors.ratio, above: errors.absolute },
    pass: { ratio: errors.passRatio, above: errors.passAbsolute },
  };
  const ofLatency = latency.map((one, index): Comparison => {
    const over = (node: NodeTotals): Tally => ({ events: node.over[index] ?? 0, exposure: node.timed });
    const far = (node: NodeTotals): Tally => ({ events: node.far[index] ?? 0, exposure: node.timed });
    const even = { ratio: 1, above: 0 };
    const pass = { ratio: 1, above: one.passAbove ?? 0 };
    return { test: latencyTest(one), watched: over, watchedFar: far, reference: over, fail: even, pass };
  });
  return [ofErrors, ...ofLatency];
}

/** Tests that fail on all counts, and whichever node is left out. */
export function failsAtLast(state: JudgeState, policy: Policy): readonly string[] {
  const tests = comparisons(policy).filter(({ test }) => test in policy.shares);
  const all = sumOf(tests, ({ test }) => policy.shares[test] ?? 0);
  const nodes = Object.keys(state.watched);
  const lefts = nodes.length > 1 ? nodes.filter(isNode) : [];
  return tests
    .filter((one) => {
      const share = (policy.shares[one.test] ?? 0) / all;
      const isWorse = (tail: number, left?: string) => isAbove(state, one, { tail: tail * share, left });
      return isWorse(policy.alphaLast) && lefts.every((left) => isWorse(policy.alphaWithoutNode, left));
    })
    .map(({ test }) => test);
}

function isAbove(
  state: JudgeState,
  one: Comparison,
  { tail, left }: { readonly tail: number; readonly left?: string | undefined },
) {
  const [watched, reference] = [tally(state.watched, one.watched, left), tally(state.reference, one.reference)];
  if (watched.exposure === 0 || reference.exposure === 0) return false;
  const dispersion = dispersionOf(dispersionFor(state, one.test));
  return lowerLimit(watched, reference, { ratio: one.fail.ratio, dispersion, tail }) > one.fail.above;
}

export interface Lack {
  readonly test: string;
  /** `worse`: what was seen is beyond the margin. `unsure`: more requests can show that it is not. */
  readonly kind: 'no data' | 'unsure' | 'worse' | 'evidence';
  readonly text: string;
  /** Requests that are still needed, about. */
  readonly requests?: number;
}

const PASS_TAIL = 0.05;
const MOST_EVIDENCE = 5;

/**
 * What keeps the release from passing. One node may be left out of the counts, for a bad node is no bad release; a crash
 * never is, because a release that seldom crashes does so on one node first.
 */
export function lacksToPass(state: JudgeState, policy: Policy): readonly Lack[] {
  const crashes = evidenceLack(state, policy, 'crashes');
  const nodes = Object.keys(state.watched);
  const lefts = nodes.length > 1 ? [undefined, ...nodes.filter(isNode)] : [undefined];
  const found = lefts.map((left) => [...lacksIn(state, policy, left), ...crashes]);
  return found.find((lacks) => lacks.length === 0) ?? found[0] ?? [];
}

function lacksIn(state: JudgeState, policy: Policy, left?: string): readonly Lack[] {
  const counted = comparisons(policy).filter(({ test }) => test in policy.shares);
  const gauges = Object.keys(policy.shares).filter((test) => test.startsWith('metric '));
  return [
    ...counted.flatMap((one) => countLack(state, one, left)),
    ...['memory', ...gauges].flatMap((test) => evidenceLack(state, policy, test, left)),
  ];
}

function evidenceLack(state: JudgeState, policy: Policy, test: string, left?: string): readonly Lack[] {
  if (!(test in policy.shares)) return [];
  const found = evidenceOf(state, policy, test, left);
  if (found < MOST_EVIDENCE) return [];
  return [{ test, kind: 'evidence', text: `evidence ${found.toFixed(1)} ≥ ${MOST_EVIDENCE} against its ${test}` }];
}

function countLack(state: JudgeState, one: Comparison, left?: string): readonly Lack[] {
  const { test, pass } = one;
  const [watched, reference] = [tally(state.watched, one.watchedFar, left), tally(state.reference, one.reference)];
  if (watched.exposure === 0 || reference.exposure === 0) return [{ test, kind: 'no data', text: `no data on ${test}` }];
  const dispersion = dispersionOf(dispersionFor(state, test));
  const limit = { ratio: pass.ratio, dispersion, tail: PASS_TAIL };
  const upper = upperLimit(watched, reference, limit);
  if (upper <= pass.above) return [];
  const difference = watched.events / watched.exposure - (pass.ratio * reference.events) / reference.exposure;
  if (difference > pass.above)
    return [{ test, kind: 'worse', text: `${test}: ${points(difference)} > ${points(pass.above)} allowed` }];
  const times = timesNeeded((more) => upperLimit(scale(watched, more), scale(reference, more), limit) <= pass.above);
  const requests = roundUp(watched.exposure * (times - 1));
  const text = `${test}: ${points(upper)} > ${points(pass.above)} allowed, about ${requests} more requests needed`;
  return [{ test, kind: 'unsure', text, requests }];
}

const scale = ({ events, exposure }: Tally, times: number): Tally => ({ events: events * times, exposure: exposure * times });

/** How many times the traffic, at the same rates, would do. */
function timesNeeded(isEnough: (times: number) => boolean): number {
  let times = 1;
  while (times < 1e6 && !isEnough(times)) times *= 1.1;
  return times;
}

/** Of a share, in percentage points. */
const points = (share: number) => `${(100 * share).toFixed(2)} pp`;

/** Two digits are as exact as such a forecast is. */
function roundUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
  return Math.ceil(value / unit) * unit;
}
