/** What the sequential judge tolerates of one service, and what it risks, from the service's file. Pure. */
import type { ServiceFile } from '../service/service-file.ts';
import type { GroupWatch } from './judgement.ts';
import {
  bucketFactor,
  crashesPerNodeHour,
  errorPolicy,
  gaugeTest,
  type History,
  type GaugePolicy,
  latencyBuckets,
  type LatencyPolicy,
  NO_HISTORY,
  type Policy,
  QUANTILES,
} from './sequential/policy.ts';
import { latencyTest } from './sequential/learn.ts';

type DeclaredMetric = ServiceFile['metrics'][number];

/** How a declared metric is called in counts and verdicts. */
export const metricKey = ({ name, statistic }: Pick<DeclaredMetric, 'name' | 'statistic'>) => `${name} ${statistic}`;

/** Sums and counts grow with a group's requests: they are comparable only where both groups get as many. */
const growsWithTraffic = ({ statistic }: DeclaredMetric) => /^(Sum|SampleCount|TC|TS|tc|ts)/.test(statistic);

export const comparedMetrics = (file: ServiceFile, watch: GroupWatch): readonly DeclaredMetric[] =>
  file.metrics.filter((metric) => watch !== 'promotion' || !growsWithTraffic(metric));

/** Of the evidence: errors, latency between its tests, crashes, memory; and what is left to declared metrics. */
const SHARES = { errors: 0.34, latency: 0.42, crashes: 0.24, memory: 0.05 };
const SHARE_OF_METRICS = 0.2;

/** Both groups are cold at first, for as long; a short watch has no time for it. */
const MOST_WARMUP_MINUTES = 2;
const MINUTES_OF_A_WARMUP = 10;

/** Memory is compared by how much it grows in so many minutes. */
const MINUTES_OF_GROWTH = 2;

/** Linux nodes publish of themselves, where the service file says so; unikernels do not. */
export const hasOwnCounts = ({ nodeMetrics }: ServiceFile, watch: GroupWatch): boolean =>
  nodeMetrics !== undefined && watch === 'canary';

export interface PolicyOf {
  readonly file: ServiceFile;
  readonly watch: GroupWatch;
  readonly minutes: number;
  /** Number of the look at the end of the watch. */
  readonly lastLooks: number;
  /** What is known of the service's past, if anything. */
  readonly history?: History | undefined;
}

export function judgePolicy({ file, watch, minutes, lastLooks, history = NO_HISTORY }: PolicyOf): Policy {
  const isHttp = file.protocol === 'http';
  const latency = isHttp ? latencyPolicies(file, history) : [];
  const gauges = comparedMetrics(file, watch).map(toGauge);
  const errors = errorPolicy(history);
  return {
    alpha: 0.005,
    alphaWithoutNode: 0.05,
    alphaLast: 0.01 / 2 ** lastLooks,
    warmupIntervals: Math.min(MOST_WARMUP_MINUTES, Math.floor(minutes / MINUTES_OF_A_WARMUP)),
    // The minute in which it begins has requests of before.
    horizon: Math.max(1, minutes - 1),
    shares: sharesOf({ isHttp, hasMemory: hasOwnCounts(file, watch) }, latency, gauges),
    errors: { ...errors, passAbsolute: Math.max(errors.passAbsolute, file.limits.passMarginPercent / 100) },
    latency,
    crashes: {
      isCompared: true,
      ratio: 3,
      perNodeHour: crashesPerNodeHour(history),
      knownFingerprints: history.knownFingerprints,
    },
    memory: { windowIntervals: MINUTES_OF_GROWTH, toleranceMb: 0.4 },
    gauges,
    dispersion: history.dispersion ?? {},
    mayPass: true,
  };
}

function latencyPolicies({ limits }: ServiceFile, { latencyNoise }: History): readonly LatencyPolicy[] {
  const buckets = latencyBuckets(latencyNoise);
  const failFactor = bucketFactor(buckets.fail);
  if (limits.slow.length > 0)
    return limits.slow.map(({ overMs }) => ({
      quantile: 0,
      failFactor,
      passFactor: 1,
      limitMs: overMs,
      passAbove: limits.passMarginPercent / 100,
    }));
  return QUANTILES.map((quantile, index) => ({
    quantile,
    failFactor,
    passFactor: bucketFactor(buckets.pass[index] ?? 0),
    passAbove: limits.passMarginPercent / 100,
  }));
}

const toGauge = (metric: DeclaredMetric): GaugePolicy => ({
  name: metricKey(metric),
  direction: metric.direction,
  margin: metric.marginPercent / 100,
  critical: metric.critical,
  dryRun: metric.dryRun,
});

interface Measured {
  readonly isHttp: boolean;
  readonly hasMemory: boolean;
}

function sharesOf(
  { isHttp, hasMemory }: Measured,
  latency: readonly LatencyPolicy[],
  gauges: readonly GaugePolicy[],
): Policy['shares'] {
  const deciding = gauges.filter(({ dryRun }) => !dryRun);
  const builtIn: readonly (readonly [string, number])[] = [
    ...(isHttp ? [['errors', SHARES.errors] as const] : []),
    ...latency.map((one) => [latencyTest(one), SHARES.latency / latency.length] as const),
    ['crashes', SHARES.crashes],
    ...(hasMemory ? [['memory', SHARES.memory] as const] : []),
  ];
  const total = builtIn.reduce((sum, [, share]) => sum + share, 0);
  const left = deciding.length === 0 ? 1 : 1 - SHARE_OF_METRICS;
  return Object.fromEntries([
    ...builtIn.map(([test, share]) => [test, (share / total) * left] as const),
    ...deciding.map(({ name }) => [gaugeTest(name), (1 - left) / deciding.length] as const),
  ]);
}
