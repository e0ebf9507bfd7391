/** Makes of a trace's intervals what the sequential judge is fed with, one after the other. */
import type { Interval, NodeCounts } from '../sequential/counts.ts';
import {
  bucketFactor,
  crashesPerNodeHour,
  errorPolicy,
  latencyBuckets,
  type Policy,
  QUANTILES,
  sharesOf,
} from '../sequential/policy.ts';
import { bucketAt, countFrom, countOf, edgeOf, mergeRows } from './histogram.ts';
import type { LatencyRow, Trace, TraceCounts, TraceGroup, TraceHistory, TraceInterval } from './trace.ts';

/** What the canary is compared with. `history`: nothing stands beside it. */
export type Comparison = 'baseline' | 'stable' | 'history';

export interface Margins {
  readonly fail: number;
  readonly pass: readonly number[];
}

export interface TracePlan {
  readonly policy: Policy;
  readonly comparison: Comparison;
  readonly margins: Margins;
}

export function planTrace(trace: Trace): TracePlan {
  const { groups, history } = trace;
  const comparison: Comparison = groups.baseline ? 'baseline' : groups.stable ? 'stable' : 'history';
  const offset =
    comparison === 'stable' && groups.stable?.build !== groups.canary?.build ? offsetOf(history) : { errors: 1, buckets: 0 };
  const errors = errorPolicy(history);
  const buckets = latencyBuckets(history.latencyNoise);
  const margins = { fail: buckets.fail + offset.buckets, pass: buckets.pass.map((one) => one + offset.buckets) };
  const policy: Policy = {
    alpha: 0.005,
    alphaWithoutNode: 0.02,
    alphaLast: 0.01,
    warmupIntervals: warmupOf(trace, comparison),
    horizon: Math.min(trace.intervals, trace.data.length),
    shares: sharesOf(measuredIn(trace, comparison), []),
    errors: { ...errors, ratio: errors.ratio * offset.errors, passRatio: errors.passRatio * offset.errors },
    latency: QUANTILES.map((quantile, index) => ({
      quantile,
      failFactor: bucketFactor(margins.fail),
      passFactor: bucketFactor(margins.pass[index] ?? 0),
    })),
    crashes: {
      isCompared: comparison === 'baseline',
      ratio: 3,
      perNodeHour: crashesPerNodeHour(history),
      knownFingerprints: history.knownFingerprints,
    },
    memory: { windowIntervals: 4, toleranceMb: 0.4 },
    gauges: [],
    mayPass: comparison === 'baseline',
  };
  return { policy, comparison, margins };
}

/** What the builds differ by, and twice what that is unsure by: on the release's side. */
function offsetOf({ buildErrors, buildLatency }: TraceHistory) {
  const most = ({ ratio, deviation }: TraceHistory['buildErrors']) => Math.max(0, ratio + 2 * deviation);
  return { errors: Math.exp(most(buildErrors)), buckets: Math.ceil(most(buildLatency) / Math.log(bucketFactor(1))) };
}

/** Both groups are new, and cold for as long. */
const USUAL_WARMUP = 3;
function warmupOf({ groups }: Trace, comparison: Comparison): number {
  const reference = comparison === 'history' ? undefined : groups[comparison];
  return Math.max(groups.canary?.warmupIntervals ?? USUAL_WARMUP, reference?.warmupIntervals ?? 0);
}

function measuredIn({ data }: Trace, comparison: Comparison): readonly string[] {
  const has = (what: (counts: TraceCounts) => boolean) => data.some(({ canary }) => canary !== undefined && what(canary));
  const hasMemory = comparison === 'baseline' && has(({ memoryMb }) => memoryMb.length > 0);
  const latency = has((counts) => counts.latency.length > 0) ? ['p50', 'p90', 'p99'] : [];
  return [
    'errors',
    ...latency,
    ...(has(({ crashes }) => crashes.length > 0) ? ['crashes'] : []),
    ...(hasMemory ? ['memory'] : []),
  ];
}

/** Histograms of the reference's newest intervals, newest last: its quantiles are the edges of the next one. */
export type Past = readonly LatencyRow[];

const PAST_INTERVALS = 5;
const FEWEST_PAST_REQUESTS = 20;

export function feedInterval(trace: Trace, { comparison, margins }: TracePlan, one: TraceInterval, past: Past) {
  const { groups, history, intervalSeconds } = trace;
  const reference = comparison === 'history' ? undefined : one[comparison];
  const merged = reference ? mergeRows(reference.latency) : [];
  const edges = comparison === 'history' ? edgesOf(history) : edgesIn(past);
  const canary = groups.canary && one.canary ? nodesOf(groups.canary, one.canary, { edges, margins }) : undefined;
  const beside = (name: Exclude<Comparison, 'history'>) => {
    const group = groups[name];
    return group && one[name] ? nodesOf(group, one[name], { edges, margins: { fail: 0, pass: [0, 0, 0] } }) : undefined;
  };
  const compared = comparison === 'history' ? expectedBy(history, canary) : beside(comparison);
  const interval: Interval = {
    seconds: intervalSeconds,
    ...(canary && { watched: canary }),
    ...(compared && { reference: compared }),
  };
  return { interval, past: reference ? [...past, merged].slice(-PAST_INTERVALS) : past };
}

type Edges = readonly (number | undefined)[];

function edgesIn(past: Past): Edges {
  const merged = mergeRows(past);
  return QUANTILES.map((quantile) => (countOf(merged) < FEWEST_PAST_REQUESTS ? undefined : edgeOf(merged, quantile)));
}

const edgesOf = ({ p50Ms, p99Ms }: TraceHistory): Edges =>
  [p50Ms, undefined, p99Ms].map((ms) => (ms === undefined ? undefined : bucketAt(ms)));

interface Measure {
  readonly edges: Edges;
  readonly margins: Margins;
}

function nodesOf(group: TraceGroup, counts: TraceCounts, measure: Measure): readonly NodeCounts[] {
  const isMerged = counts.latency.length === 1 && group.nodes.length > 1;
  const nodes = group.nodes.map((id, index): NodeCounts => {
    const memoryMb = counts.memoryMb[index];
    return {
      id,
      requests: counts.requests[index] ?? 0,
      errors: counts.errors[index] ?? 0,
      ...slower(isMerged ? [] : (counts.latency[index] ?? []), measure),
      crashes: counts.crashes[index] ?? 0,
      fingerprints: counts.fingerprints[id] ?? [],
      ...(memoryMb !== undefined && { memoryMb }),
    };
  });
  if (!isMerged) return nodes;
  return [...nodes, { ...NOTHING, id: 'latency of all', ...slower(counts.latency[0] ?? [], measure) }];
}

const NOTHING = { requests: 0, errors: 0, crashes: 0, fingerprints: [] };

function slower(row: LatencyRow, { edges, margins }: Measure): Pick<NodeCounts, 'timed' | 'over' | 'far'> {
  const beyond = (margin: (quantile: number) => number) =>
    edges.map((edge, index) => (edge === undefined ? 0 : countFrom(row, edge + margin(index))));
  const isKnown = edges.some((edge) => edge !== undefined);
  return {
    timed: isKnown ? countOf(row) : 0,
    over: beyond(() => margins.fail),
    far: beyond((index) => margins.pass[index] ?? 0),
  };
}

/** So many more requests that their counts are as good as certain. */
const CERTAIN = 1000;

/** A reference that is exactly as the history says. */
function expectedBy(history: TraceHistory, watched: readonly NodeCounts[] | undefined): readonly NodeCounts[] | undefined {
  if (watched === undefined) return undefined;
  const requests = CERTAIN * watched.reduce((sum, node) => sum + node.requests, 0);
  const timed = CERTAIN * watched.reduce((sum, node) => sum + node.timed, 0);
  const over = QUANTILES.map((quantile) => (1 - quantile) * timed);
  return [{ ...NOTHING, id: 'history', requests, errors: history.errorRate * requests, timed, over, far: over }];
}
