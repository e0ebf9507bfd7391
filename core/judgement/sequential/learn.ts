/** One interval more: every test bets on it with what was known before it, and then it is learnt from. */
import { type Interval, type NodeCounts, nodesIn, standsFor, sumOf, type Tally, without } from './counts.ts';
import { CRASH_KAPPAS, learnFingerprints, recentCrashes } from './crash-test.ts';
import { learnDispersion } from './dispersion.ts';
import { GROWTH_RATES, growthGains, watchGrowth } from './growth-test.ts';
import { gaugeTest, type LatencyPolicy, type Policy } from './policy.ts';
import { ratioGains, type RatioTest } from './ratio-test.ts';
import { SIGN_ALTERNATIVES, signGains } from './sign-test.ts';
import { addTotals, dispersionFor, dispersionIn, type JudgeState, keptNodes, tally } from './state.ts';
import { betPanel, openPanel } from './wealth.ts';

const ERROR_KAPPAS = [1.1, 1.25, 1.5, 2, 3, 5, 10, 30];
const LATENCY_KAPPAS = [1.05, 1.1, 1.2, 1.4, 1.8, 3, 6];
/** What one interval may win at most, of errors and of slow requests. */
const CAP = 4;
type Pair = { readonly watched: readonly NodeCounts[]; readonly reference: readonly NodeCounts[] };

export function learn(state: JudgeState, interval: Interval, policy: Policy): JudgeState {
  const { watched = [], reference = [], gauges = {} } = interval;
  const pair = { watched, reference };
  const hours = interval.seconds / 3600;
  const isMissing = watched.length === 0 || reference.length === 0;
  const isAlone = isMissing || state.intervals < policy.warmupIntervals;
  const crashed = learnCrashes(state, pair, { policy, hours });
  const judged = isAlone
    ? learnDispersions(crashed, reference, policy)
    : learnCounts(learnGauges(learnGrowth(crashed, pair, policy), gauges, policy), pair, policy);
  return {
    ...judged,
    intervals: state.intervals + 1,
    compared: state.compared + (isAlone ? 0 : 1),
    missing: state.missing + (isMissing ? 1 : 0),
    watched: addTotals(state.watched, watched, { hours, isAlone, kept: keptNodes(state, watched) }),
    reference: addTotals(state.reference, reference, { hours, isAlone, kept: [] }),
  };
}

interface Bet {
  readonly test: string;
  readonly alternatives: number;
  /** What each alternative wins, with a node left out. */
  readonly gains: (left?: string) => readonly number[];
}

/** `nodes`: those that can be left out of it, if any can. */
function place(state: JudgeState, nodes: readonly NodeCounts[], { test, alternatives, gains }: Bet): JudgeState {
  const bets = state.bets[test] ?? 0;
  const kept = nodes.length === 0 ? [] : keptNodes(state, nodes);
  const isOneOfMany = kept.length > 1 || nodesIn(nodes) > 1;
  const panel = betPanel(state.panels[test] ?? openPanel(alternatives), isOneOfMany ? kept : [], gains, bets);
  return { ...state, panels: { ...state.panels, [test]: panel }, bets: { ...state.bets, [test]: bets + 1 } };
}

interface CountTest {
  readonly test: string;
  readonly kappas: readonly number[];
  readonly pick: (node: NodeCounts) => Tally;
  readonly ratio: number;
}

const errorsOf = ({ errors, requests }: NodeCounts): Tally => ({ events: errors, exposure: requests });
const slowerOf =
  (quantile: number) =>
  (node: NodeCounts): Tally => ({ events: node.over[quantile] ?? 0, exposure: node.timed });

/** How a latency's test is called: p50, p90, p99, or by the declared limit. */
export const latencyTest = ({ quantile, limitMs }: Pick<LatencyPolicy, 'quantile' | 'limitMs'>) =>
  limitMs === undefined ? `p${Math.round(quantile * 1000) / 10}` : `over ${limitMs} ms`;

const countTests = (state: JudgeState, policy: Policy): readonly CountTest[] => [
  { test: 'errors', kappas: ERROR_KAPPAS, pick: errorsOf, ratio: errorRatio(state, policy) },
  ...policy.latency.map((latency, index) => ({
    test: latencyTest(latency),
    kappas: LATENCY_KAPPAS,
    pick: slowerOf(index),
    ratio: 1,
  })),
];

const learnCounts = (state: JudgeState, pair: Pair, policy: Policy): JudgeState =>
  countTests(state, policy).reduce((known, test) => learnCount(known, pair, policy, test), state);

/** Cold nodes cannot be compared, but how much they differ among themselves can be learnt from them. */
function learnDispersions(state: JudgeState, reference: readonly NodeCounts[], policy: Policy): JudgeState {
  const learnt = countTests(state, policy).map(
    ({ test, pick }) => [test, learnDispersion(dispersionFor(state, test), reference.map(pick))] as const,
  );
  return { ...state, dispersion: Object.fromEntries(learnt) };
}

function learnCount(state: JudgeState, { watched, reference }: Pair, policy: Policy, one: CountTest): JudgeState {
  const { test, kappas, pick, ratio } = one;
  // How an interval's events fall on the reference's nodes says nothing of their split between the groups: it may be known.
  const dispersion = learnDispersion(dispersionFor(state, test), reference.map(pick));
  const known = { ...state, dispersion: { ...state.dispersion, [test]: dispersion } };
  const rules: RatioTest = { ratio, kappas, temper: 1 / dispersionIn(known, policy, test), cap: CAP };
  const against = total(reference, pick);
  return place(known, watched, {
    test,
    alternatives: kappas.length,
    gains: (left) => ratioGains(total(without(watched, left), pick), against, rules),
  });
}

/** The tolerated ratio, and the tolerated difference as a ratio to what the reference has had so far. */
function errorRatio(state: JudgeState, { errors }: Policy): number {
  const past = tally(state.reference, (node) => ({ events: node.errors, exposure: node.requests }));
  const rate = (past.events + 5) / (past.exposure + 5 / Math.max(errors.expected, 1e-9));
  return errors.ratio + errors.absolute / rate;
}

const total = (nodes: readonly NodeCounts[], pick: (node: NodeCounts) => Tally): Tally => ({
  events: sumOf(nodes, (node) => pick(node).events),
  exposure: sumOf(nodes, (node) => pick(node).exposure),
});

/** Crashes count always: also of a node that warms up, and while the reference has no data. */
function learnCrashes(state: JudgeState, pair: Pair, { policy, hours }: { policy: Policy; hours: number }): JudgeState {
  if (!('crashes' in policy.shares) || pair.watched.length === 0) return state;
  const among = (counts: readonly NodeCounts[]) => (one: NodeCounts) => ({
    events: one.crashes,
    exposure: hours * standsFor(counts, one),
  });
  const { watched, reference } = pair;
  const rules: RatioTest = { ratio: policy.crashes.ratio, kappas: CRASH_KAPPAS, temper: 1, cap: Infinity };
  const against = policy.crashes.isCompared ? total(reference, among(reference)) : { events: 0, exposure: 0 };
  const placed = place(state, watched, {
    test: 'crashes',
    alternatives: CRASH_KAPPAS.length,
    gains: (left) => ratioGains(total(without(watched, left), among(watched)), against, rules),
  });
  return {
    ...placed,
    fingerprints: learnFingerprints(state, watched, policy.crashes.knownFingerprints),
    recentCrashes: recentCrashes(state, watched),
  };
}

function learnGrowth(state: JudgeState, { watched, reference }: Pair, { memory, shares }: Policy): JudgeState {
  if (!('memory' in shares)) return state;
  const own = (nodes: readonly NodeCounts[], side: string) => nodes.map((node) => ({ ...node, id: `${side} ${node.id}` }));
  const { window, growths } = watchGrowth(state.growth, [...own(watched, 'w'), ...own(reference, 'r')], memory.windowIntervals);
  if (growths === undefined) return { ...state, growth: window };
  const of = (nodes: readonly NodeCounts[], side: string) =>
    nodes.flatMap(({ id }) => {
      const growth = growths[`${side} ${id}`];
      return growth === undefined ? [] : [growth];
    });
  const placed = place(state, watched, {
    test: 'memory',
    alternatives: GROWTH_RATES.length,
    gains: (left) => growthGains(of(without(watched, left), 'w'), of(reference, 'r'), memory.toleranceMb),
  });
  return { ...placed, growth: window };
}

/** A declared metric is one number a group: there is no node to leave out. */
function learnGauges(state: JudgeState, gauges: NonNullable<Interval['gauges']>, policy: Policy): JudgeState {
  return policy.gauges.reduce((known, gauge) => {
    const pair = gauges[gauge.name];
    if (pair === undefined) return known;
    return place(known, [], {
      test: gaugeTest(gauge.name),
      alternatives: SIGN_ALTERNATIVES,
      gains: () => signGains(pair, gauge),
    });
  }, state);
}
