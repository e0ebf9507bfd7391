/** The look at the end: a release fails on the whole of its counts where a difference is clear that grew too slowly for the bets. */
import { isNode, sumOf, type Tally } from './counts.ts';
import { lowerLimit } from './difference.ts';
import { latencyTest } from './learn.ts';
import type { Policy } from './policy.ts';
import { dispersionIn, type JudgeState, type NodeTotals, tally } from './state.ts';

/** What the looks at the end compare: events of the watched group against those of the reference. */
export interface Comparison {
  readonly test: string;
  readonly watched: (node: NodeTotals) => Tally;
  /** With the edge moved as far as a pass tolerates. */
  readonly watchedFar: (node: NodeTotals) => Tally;
  readonly reference: (node: NodeTotals) => Tally;
  readonly fail: { readonly ratio: number; readonly above: number };
  readonly pass: { readonly ratio: number; readonly above: number };
  /** The rate, until the reference has told; and how much of it is beyond the far edge if the release is fine. */
  readonly expected: number;
  readonly likeness: number;
}

/** Of the requests slower than a quantile, about so many are slower than what a pass tolerates on top of it. */
const BEYOND_FAR_EDGE = 0.8;
/** Of the requests, until the reference has told, as many are slower than a limit that somebody declared. */
const BEYOND_LIMIT = 0.001;

export function comparisons({ errors, latency }: Policy): readonly Comparison[] {
  const failed = (node: NodeTotals): Tally => ({ events: node.errors, exposure: node.requests });
  const ofErrors: Comparison = {
    test: 'errors',
    watched: failed,
    watchedFar: failed,
    reference: failed,
    fail: { ratio: errors.ratio, above: errors.absolute },
    pass: { ratio: errors.passRatio, above: errors.passAbsolute },
    expected: Math.max(errors.expected, 1e-6),
    likeness: 1,
  };
  const ofLatency = latency.map((one, index): Comparison => {
    const over = (node: NodeTotals): Tally => ({ events: node.over[index] ?? 0, exposure: node.timed });
    const far = (node: NodeTotals): Tally => ({ events: node.far[index] ?? 0, exposure: node.timed });
    const even = { ratio: 1, above: 0 };
    const pass = { ratio: 1, above: one.passAbove ?? 0 };
    const ofQuantile = { expected: 1 - one.quantile, likeness: BEYOND_FAR_EDGE };
    const like = one.limitMs === undefined ? ofQuantile : { expected: BEYOND_LIMIT, likeness: 1 };
    return { test: latencyTest(one), watched: over, watchedFar: far, reference: over, fail: even, pass, ...like };
  });
  return [ofErrors, ...ofLatency];
}

/** Tests that fail on all counts, and whichever node is left out. */
export function failsAtLast(state: JudgeState, policy: Policy): readonly string[] {
  const tests = comparisons(policy).filter(({ test }) => test in policy.shares);
  const all = sumOf(tests, ({ test }) => policy.shares[test] ?? 0);
  const nodes = Object.keys(state.watched).filter(isNode);
  const lefts = nodes.length > 1 ? nodes : [];
  return tests
    .filter((one) => {
      const share = (policy.shares[one.test] ?? 0) / all;
      const dispersion = dispersionIn(state, policy, one.test);
      const isWorse = (tail: number, left?: string) => isAbove(state, one, { tail: tail * share, left, dispersion });
      return isWorse(policy.alphaLast) && lefts.every((left) => isWorse(policy.alphaWithoutNode, left));
    })
    .map(({ test }) => test);
}

function isAbove(
  state: JudgeState,
  one: Comparison,
  { tail, left, dispersion }: { readonly tail: number; readonly left?: string | undefined; readonly dispersion: number },
) {
  const [watched, reference] = [tally(state.watched, one.watched, left), tally(state.reference, one.reference)];
  if (watched.exposure === 0 || reference.exposure === 0) return false;
  return lowerLimit(watched, reference, { ratio: one.fail.ratio, dispersion, tail }) > one.fail.above;
}
