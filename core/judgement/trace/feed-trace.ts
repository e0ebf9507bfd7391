/** Makes of a trace's intervals what the sequential judge is fed with, one after the other. */
import { type Interval, type NodeCounts, WHOLE_GROUP } from '../sequential/counts.ts';
import { QUANTILES } from '../sequential/policy.ts';
import { bucketAt, countFrom, countOf, edgeOf, mergeRows } from './histogram.ts';
import type { Comparison, Margins, TracePlan } from './plan-trace.ts';
import type { LatencyRow, Trace, TraceCounts, TraceGroup, TraceHistory, TraceInterval } from './trace.ts';

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
  return [...nodes, { ...NOTHING, id: WHOLE_GROUP, ...slower(counts.latency[0] ?? [], measure) }];
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
  return [{ ...NOTHING, id: WHOLE_GROUP, requests, errors: (history.errorRate ?? 0) * requests, timed, over, far: over }];
}
