/** What the load balancer publishes of each target group, one point a minute, read in one query. */
import {
  type CloudWatchClient,
  type MetricDataQuery,
  type MetricDataResult,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import type { GroupMetrics, IntervalCounts, Metrics } from '../core/judgement/ports.ts';
import type { Group, Service } from '../core/service/service.ts';

/** ELB's granularity. */
const MINUTE_MS = 60_000;

type Points = ReadonlyMap<number, number>;

export class CloudwatchMetrics implements Metrics {
  private readonly client: CloudWatchClient;

  constructor(client: CloudWatchClient) {
    this.client = client;
  }

  /** One call holds 500 queries and 100,800 points: five groups with four limits over two days fit. */
  async read(service: Service, groups: readonly Group[], from: number, to: number): Promise<readonly GroupMetrics[]> {
    const [start, end] = [Math.ceil(from / MINUTE_MS) * MINUTE_MS, Math.floor(to / MINUTE_MS) * MINUTE_MS];
    const MetricDataQueries = groups.flatMap((group) => toQueries(service, group));
    if (start >= end || MetricDataQueries.length === 0) return groups.map((group) => noData(group));
    const query = { StartTime: new Date(start), EndTime: new Date(end), MetricDataQueries, MaxDatapoints: 100_800 };
    const results: MetricDataResult[] = [];
    for await (const page of paginateGetMetricData({ client: this.client }, query))
      results.push(...(page.MetricDataResults ?? []));
    refuseFailed(results);
    return groups.map((group) => toGroupMetrics(service, group, results));
  }
}

/** A query that failed inside an answer of 200 has no points, which would read as no errors. PartialData goes on on the next page. */
function refuseFailed(results: readonly MetricDataResult[]): void {
  const failed = results.find(({ StatusCode }) => StatusCode === 'InternalError' || StatusCode === 'Forbidden');
  if (failed) throw new Error(`CloudWatch did not answer the query ${failed.Id ?? ''}: ${failed.StatusCode ?? ''}`);
}

const noData = (group: Group): GroupMetrics => ({ group, intervals: [], nodes: [] });

/**
 * `TC(1:)` is the trimmed count: how many values are above 1 (exclusive). TargetResponseTime is in seconds. An NLB
 * counts neither requests nor errors per group; only the health of its nodes is known.
 */
export function toQueries(service: Service, group: Group): MetricDataQuery[] {
  const { metrics } = service.resources;
  const isHttp = service.file.protocol === 'http';
  const Dimensions = [
    { Name: 'LoadBalancer', Value: metrics.loadBalancer },
    { Name: 'TargetGroup', Value: metrics.targetGroups[group] },
  ];
  const Namespace = isHttp ? 'AWS/ApplicationELB' : 'AWS/NetworkELB';
  const query = (what: string, MetricName: string, Stat: string): MetricDataQuery => ({
    Id: toId(group, what),
    MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: MINUTE_MS / 1000, Stat },
  });
  const unhealthy = query('unhealthy', 'UnHealthyHostCount', 'Maximum');
  if (!isHttp) return [unhealthy];
  return [
    unhealthy,
    query('requests', 'RequestCount', 'Sum'),
    query('errors', 'HTTPCode_Target_5XX_Count', 'Sum'),
    ...service.file.limits.slow.map(({ overMs }, n) => query(`slow${n}`, 'TargetResponseTime', `TC(${overMs / 1000}:)`)),
  ];
}

const toId = (group: Group, what: string) => `${group}_${what}`;

/**
 * ELB publishes RequestCount and the 5XX count only where they are not 0. So a minute without requests has no data;
 * a minute with requests and no point for errors, or for slow ones, had none of them.
 */
export function toGroupMetrics(service: Service, group: Group, results: readonly MetricDataResult[]): GroupMetrics {
  const points = (what: string) => toPoints(results.filter(({ Id }) => Id === toId(group, what)));
  const [requests, errors] = [points('requests'), points('errors')];
  const slow = service.file.limits.slow.map((_limit, n) => points(`slow${n}`));
  const intervals = [...requests].map(([at, count]): IntervalCounts => ({
    at,
    requests: count,
    errors: errors.get(at) ?? 0,
    slow: slow.map((perMinute) => perMinute.get(at) ?? 0),
  }));
  const unhealthy = [...points('unhealthy').values()];
  return {
    group,
    intervals: intervals.sort((a, b) => a.at - b.at),
    nodes: [],
    ...(unhealthy.length > 0 && { unhealthyNodes: Math.max(...unhealthy) }),
  };
}

/** A long answer comes in parts, each result with some of its points. */
function toPoints(results: readonly MetricDataResult[]): Points {
  const points = new Map<number, number>();
  for (const { Timestamps = [], Values = [] } of results)
    Timestamps.forEach((at, n) => {
      const value = Values[n];
      if (value !== undefined) points.set(at.getTime(), value);
    });
  return points;
}
