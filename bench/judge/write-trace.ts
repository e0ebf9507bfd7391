/** A simulated release in the form in which outsiders write theirs, `canary-trace/1`. */
import { TRACE_SCHEMA } from '../../core/judgement/trace/parse-trace.ts';
import { type Trace, TRACE_GROUPS, type TraceCounts, type TraceHistory } from '../../core/judgement/trace/trace.ts';

export function writeTrace(trace: Trace) {
  const groups = TRACE_GROUPS.flatMap((name) => {
    const group = trace.groups[name];
    if (group === undefined) return [];
    const nodes = group.nodes.map((id, index) => ({ id, az: `az-${index % 3}` }));
    const release = name === 'canary' ? 'new' : 'old';
    return [[name, { build: group.build, release, nodes, warmup_intervals: group.warmupIntervals }] as const];
  });
  return {
    schema: TRACE_SCHEMA,
    id: trace.id,
    interval_s: trace.intervalSeconds,
    intervals: trace.intervals,
    latency: { kind: 'otel-exponential', scale: 4, unit: 'ms' },
    groups: Object.fromEntries(groups),
    history: writeHistory(trace.history),
    data: trace.data.map((one) => ({
      t: one.t,
      ...Object.fromEntries(TRACE_GROUPS.map((name) => [name, one[name] === undefined ? null : writeCounts(one[name])])),
    })),
  };
}

const writeCounts = ({ requests, errors, crashes, fingerprints, memoryMb, latency }: TraceCounts) => ({
  requests,
  errors,
  crashes,
  fingerprints,
  rss_mb: memoryMb,
  latency,
});

const writeHistory = (history: TraceHistory) => ({
  linux_crashes: history.crashes,
  linux_node_hours: history.nodeHours,
  fingerprints: Object.fromEntries(history.knownFingerprints.map((print) => [print, 1])),
  build_err_log_ratio: history.buildErrors.ratio,
  build_err_log_sd: history.buildErrors.deviation,
  build_lat_log_ratio: history.buildLatency.ratio,
  build_lat_log_sd: history.buildLatency.deviation,
  aa_err_log_sd: history.errorNoise,
  aa_lat_log_sd: history.latencyNoise,
  err_rate: history.errorRate,
  p50_ms: history.p50Ms,
  p99_ms: history.p99Ms,
});
