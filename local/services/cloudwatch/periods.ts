import { AwsError } from '../../kernel/aws-error.ts';
import type { MetricId, MetricStore } from './metric-store.ts';
import type { Statistic } from './statistic.ts';

export interface Datapoint {
  readonly at: number;
  readonly value: number;
}

/** Datapoints of the periods that begin in [from, to), oldest first. Periods begin at multiples of their length. */
export function readPeriods(
  store: MetricStore,
  metric: MetricId,
  range: {
    readonly from: number;
    readonly to: number;
    readonly period: number;
    readonly now: number;
    readonly statistic: Statistic;
  },
): readonly Datapoint[] {
  const points: Datapoint[] = [];
  const first = Math.floor(range.from / range.period) * range.period;
  for (let at = first; at < range.to; at += range.period) {
    const samples = store.read(metric, { from: at, to: at + range.period, now: range.now });
    if (samples) points.push({ at, value: range.statistic(samples) });
  }
  return points;
}

/** Seconds. Only one-minute data is kept, so shorter periods are refused. */
export function requirePeriod(seconds: number | undefined): number {
  if (seconds !== undefined && seconds > 0 && seconds % 60 === 0) return seconds;
  throw new AwsError(
    'InvalidParameterValue',
    `The period ${String(seconds)} must be a multiple of 60 seconds: local metrics have one-minute resolution.`,
  );
}
