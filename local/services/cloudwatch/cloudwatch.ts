import { DescribeAlarms$, GetMetricData$, GetMetricStatistics$, ListMetrics$, PutMetricData$ } from '@aws-sdk/client-cloudwatch';
import type {
  DescribeAlarmsInput,
  GetMetricDataInput,
  GetMetricStatisticsInput,
  ListMetricsInput,
  PutMetricDataInput,
} from '@aws-sdk/client-cloudwatch';
import type { EventBus, MetricSink } from '../../kernel/ports.ts';
import type { DeclaredResource, LocalService, Operation } from '../../kernel/service.ts';
import type { Entry, World } from '../../kernel/world.ts';
import { readAlarm } from './alarm-resource.ts';
import type { Topics } from './alarms.ts';
import { Alarms } from './alarms.ts';
import { describeAlarms } from './describe-alarms.ts';
import { getMetricData } from './get-metric-data.ts';
import { getMetricStatistics } from './get-metric-statistics.ts';
import { listMetrics } from './list-metrics.ts';
import { LATENESS_MS, MetricStore, MINUTE_MS } from './metric-store.ts';
import { putMetricData } from './put-metric-data.ts';

const GAPS = [
  `a minute's data can be read ${LATENESS_MS.least / 1000} to ${LATENESS_MS.most / 1000} seconds after the minute has ended, all metrics of a namespace together`,
  'metrics have one-minute resolution, are kept three hours and have no unit',
  'metric math, Metrics Insights and anomaly detection are refused; PutMetricData refuses StatisticValues',
  'periods begin at multiples of their length, whatever StartTime is',
  'percentiles are the value at that rank; AWS interpolates between ranks',
  'an alarm on a namespace of AWS in which no local service publishes stays INSUFFICIENT_DATA',
  'a state folder keeps no metrics: they, and the states of alarms, begin anew with every run',
  'alarms come from templates only, are evaluated once a minute, and notify SNS topics only',
];

export interface CloudWatch extends LocalService, MetricSink {}

export function createCloudWatch(ports: {
  readonly world: World;
  readonly events: EventBus;
  readonly topics?: Topics;
}): CloudWatch {
  const { world } = ports;
  const store = new MetricStore(world.random);
  const alarms = new Alarms(world, store, ports);
  let pruning: Entry | undefined;
  const prune = (): void => {
    store.prune(world.time.now());
    pruning = world.time.after(10 * MINUTE_MS, 'cloudwatch drops old metrics', prune);
  };
  return {
    name: 'monitoring',
    gaps: GAPS,
    operations: operationsOf(world, store, alarms),
    resources: {
      'AWS::CloudWatch::Alarm': (resource: DeclaredResource) => {
        const alarm = readAlarm(resource, world);
        alarms.add(alarm);
        return { ref: alarm.name, attributes: { Arn: alarm.arn } };
      },
    },
    put(...sample: Parameters<MetricSink['put']>): void {
      const [namespace, name, dimensions, value, count = 1] = sample;
      const now = world.time.now();
      store.put({ namespace, name, dimensions }, { value, count, at: now, now });
    },
    start() {
      alarms.start();
      prune();
    },
    stop() {
      alarms.stop();
      pruning?.cancel();
    },
  };
}

function operationsOf(world: World, store: MetricStore, alarms: Alarms): Readonly<Record<string, Operation>> {
  const now = (): number => world.time.now();
  return {
    GetMetricData: { schema: GetMetricData$, run: (input: GetMetricDataInput) => getMetricData(store, input, now()) },
    GetMetricStatistics: {
      schema: GetMetricStatistics$,
      run: (input: GetMetricStatisticsInput) => getMetricStatistics(store, input, now()),
    },
    ListMetrics: { schema: ListMetrics$, run: (input: ListMetricsInput) => listMetrics(store, input, now()) },
    PutMetricData: { schema: PutMetricData$, run: (input: PutMetricDataInput) => (putMetricData(store, input, now()), {}) },
    DescribeAlarms: { schema: DescribeAlarms$, run: (input: DescribeAlarmsInput) => describeAlarms(alarms.list(), input) },
  };
}
