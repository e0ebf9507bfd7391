import type { Datapoint, GetMetricStatisticsInput, GetMetricStatisticsOutput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import { toDimensions } from './dimensions.ts';
import type { MetricStore } from './metric-store.ts';
import { MINUTE_MS } from './metric-store.ts';
import { readPeriods, requirePeriod } from './periods.ts';
import { parseStatistic } from './statistic.ts';

const MAX_DATAPOINTS = 1440;

export function getMetricStatistics(store: MetricStore, input: GetMetricStatisticsInput, now: number): GetMetricStatisticsOutput {
  const { Namespace, MetricName, StartTime, EndTime, Statistics = [], ExtendedStatistics = [] } = input;
  if (!Namespace || !MetricName || !StartTime || !EndTime) {
    throw new AwsError('MissingParameter', 'Namespace, MetricName, StartTime and EndTime are required.');
  }
  if (Statistics.length > 0 === ExtendedStatistics.length > 0) {
    throw new AwsError('InvalidParameterCombination', 'Give either Statistics or ExtendedStatistics.');
  }
  const period = requirePeriod(input.Period) * 1000;
  const from = Math.floor(StartTime.getTime() / MINUTE_MS) * MINUTE_MS;
  const to = EndTime.getTime();
  if ((to - from) / period > MAX_DATAPOINTS) {
    throw new AwsError(
      'InvalidParameterCombination',
      `That asks for more than ${MAX_DATAPOINTS} datapoints; use a longer period or a shorter time.`,
    );
  }
  const metric = { namespace: Namespace, name: MetricName, dimensions: toDimensions(input.Dimensions) };
  const points = new Map<number, Datapoint>();
  for (const name of [...Statistics, ...ExtendedStatistics]) {
    for (const { at, value } of readPeriods(store, metric, { from, to, period, now, statistic: parseStatistic(name) })) {
      const known = points.get(at) ?? { Timestamp: new Date(at), Unit: 'None' };
      points.set(at, withStatistic(known, name, value));
    }
  }
  return { Label: MetricName, Datapoints: [...points.values()] };
}

function withStatistic(point: Datapoint, name: string, value: number): Datapoint {
  if (['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'].includes(name)) return { ...point, [name]: value };
  return { ...point, ExtendedStatistics: { ...point.ExtendedStatistics, [name]: value } };
}
