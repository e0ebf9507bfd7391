/** What a trace is judged by: what its canary can be compared with, and the margins that come of its history. */
import {
  bucketFactor,
  crashesPerNodeHour,
  errorPolicy,
  latencyBuckets,
  NO_HISTORY,
  type Policy,
  QUANTILES,
  sharesOf,
} from '../sequential/policy.ts';
import type { Trace, TraceCounts, TraceHistory } from './trace.ts';

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
  const { history } = trace;
  const comparison = comparisonIn(trace);
  const offset = offsetTo(comparison, trace);
  const errors = errorPolicy({ ...history, errorRate: history.errorRate ?? NO_HISTORY.errorRate });
  const buckets = latencyBuckets(history.latencyNoise);
  const margins = { fail: buckets.fail + offset.buckets, pass: buckets.pass.map((one) => one + offset.buckets) };
  const policy: Policy = {
    alpha: 0.005,
    alphaWithoutNode: 0.05,
    alphaLast: 0.01,
    warmupIntervals: warmupOf(trace, comparison),
    horizon: Math.min(trace.intervals, trace.data.length),
    shares: sharesOf(measuredIn(trace, comparison), []),
    errors: {
      ...errors,
      ratio: errors.ratio * offset.errors,
      passRatio: errors.passRatio * offset.errors,
      absolute: errors.absolute + offset.absolute,
    },
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
    against: comparison === 'history' && history.errorRate === undefined ? NO_RATE : AGAINST[comparison],
    mayPass: comparison === 'baseline',
  };
  return { policy, comparison, margins };
}

/** What nothing is known of cannot be held against a release. */
const NO_RATE = 'a history that tells no error rate (history.err_rate)';
const AGAINST: Readonly<Record<Comparison, string>> = { baseline: 'baseline', stable: 'stable group', history: 'history' };

/** A baseline that never had data is none. */
function comparisonIn({ groups, data }: Trace): Comparison {
  const beside = (['baseline', 'stable'] as const).filter((name) => groups[name] !== undefined);
  return beside.find((name) => data.some((one) => one[name] !== undefined)) ?? beside[0] ?? 'history';
}

interface Offset {
  readonly errors: number;
  readonly absolute: number;
  readonly buckets: number;
}

const NO_OFFSET: Offset = { errors: 1, absolute: 0, buckets: 0 };
/** Nothing shares the hour and its troubles with the canary: only what is grossly worse fails it. */
const AGAINST_HISTORY: Offset = { errors: 3, absolute: 0.005, buckets: 16 };

function offsetTo(comparison: Comparison, { groups, history }: Trace): Offset {
  if (comparison === 'history') return AGAINST_HISTORY;
  const isOtherBuild = comparison === 'stable' && groups.stable?.build !== groups.canary?.build;
  return isOtherBuild ? offsetOf(history) : NO_OFFSET;
}

/** What the builds differ by, and twice what that is unsure by: on the release's side. */
function offsetOf({ buildErrors, buildLatency }: TraceHistory): Offset {
  const most = ({ ratio, deviation }: TraceHistory['buildErrors']) => Math.max(0, ratio + 2 * deviation);
  return {
    ...NO_OFFSET,
    errors: Math.exp(most(buildErrors)),
    buckets: Math.ceil(most(buildLatency) / Math.log(bucketFactor(1))),
  };
}

/** Both groups are new, and cold for as long. */
const USUAL_WARMUP = 3;
function warmupOf({ groups }: Trace, comparison: Comparison): number {
  const reference = comparison === 'history' ? undefined : groups[comparison];
  return Math.max(groups.canary?.warmupIntervals ?? USUAL_WARMUP, reference?.warmupIntervals ?? 0);
}

function measuredIn({ data, history }: Trace, comparison: Comparison): readonly string[] {
  const has = (what: (counts: TraceCounts) => boolean) => data.some(({ canary }) => canary !== undefined && what(canary));
  const hasMemory = comparison === 'baseline' && has(({ memoryMb }) => memoryMb.length > 0);
  const isTold = (test: string, value: number | undefined) => (comparison === 'history' && value === undefined ? [] : [test]);
  const latency = [...isTold('p50', history.p50Ms), ...isTold('p90', undefined), ...isTold('p99', history.p99Ms)];
  return [
    ...isTold('errors', history.errorRate),
    ...(has((counts) => counts.latency.length > 0) ? latency : []),
    ...(has(({ crashes }) => crashes.length > 0) ? ['crashes'] : []),
    ...(hasMemory ? ['memory'] : []),
  ];
}
