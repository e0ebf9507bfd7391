/** What the load balancer publishes of each target group, and what services publish of themselves: one point a minute. */
import {
  type CloudWatchClient,
  type MetricDataQuery,
  type MetricDataResult,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import { metricKey } from '../core/judgement/judge-policy.ts';
import type { OwnMinute } from '../core/judgement/judgement.ts';
import type { GroupMetrics, GroupQuery, Metrics, MinuteCounts, Span } from '../core/judgement/ports.ts';
import type { Group, Service } from '../core/service/service.ts';

/** ELB's granularity. */
const MINUTE_MS = 60_000;
/** Fewer have no quantiles worth the name. */
const FEWEST_TIMED = 20;

type Points = ReadonlyMap<number, number>;

export class CloudwatchMetrics implements Metrics {
  private readonly client: CloudWatchClient;

  constructor(client: CloudWatchClient) {
    this.client = client;
  }

  async read(service: Service, groups: readonly GroupQuery[], span: Span): Promise<readonly GroupMetrics[]> {
    const queries = groups.flatMap((group) => toQueries(service, group));
    const results = await this.ask(queries, span);
    return groups.map((group) => toGroupMetrics(service, group, results));
  }

  /** Of each quantile the median over the minutes: a period of several minutes would begin where CloudWatch wants it. */
  async quantiles(
    service: Service,
    group: Group,
    { quantiles, ...span }: Span & { readonly quantiles: readonly number[] },
  ): Promise<readonly (number | undefined)[]> {
    const query = queryOf(service, group);
    const of = (quantile: number) => `p${Number((100 * quantile).toFixed(4))}`;
    const results = await this.ask(
      [
        query('timed', RESPONSE_TIME, 'SampleCount'),
        ...quantiles.map((quantile, n) => query(`quantile${n}`, RESPONSE_TIME, of(quantile))),
      ],
      span,
    );
    const points = (what: string) => [...toPoints(results.filter(({ Id }) => Id === toId(group, what))).values()];
    const timed = points('timed').reduce((sum, count) => sum + count, 0);
    return quantiles.map((_, n) => (timed < FEWEST_TIMED ? undefined : medianMs(points(`quantile${n}`))));
  }

  /** One call holds 500 queries and 100,800 points: five groups with all that can be declared, for hours. */
  private async ask(queries: readonly MetricDataQuery[], { from, to }: Span): Promise<readonly MetricDataResult[]> {
    const [start, end] = [Math.ceil(from / MINUTE_MS) * MINUTE_MS, Math.floor(to / MINUTE_MS) * MINUTE_MS];
    if (start >= end || queries.length === 0) return [];
    const span = { StartTime: new Date(start), EndTime: new Date(end) };
    const query = { ...span, MetricDataQueries: [...queries], MaxDatapoints: 100_800 };
    const results: MetricDataResult[] = [];
    for await (const page of paginateGetMetricData({ client: this.client }, query))
      results.push(...(page.MetricDataResults ?? []));
    refuseFailed(results);
    return results;
  }
}

/** A query that failed inside an answer of 200 has no points, which would read as no errors. PartialData goes on on the next page. */
function refuseFailed(results: readonly MetricDataResult[]): void {
  const failed = results.find(({ StatusCode }) => StatusCode === 'InternalError' || StatusCode === 'Forbidden');
  if (failed) throw new Error(`CloudWatch did not answer the query ${failed.Id ?? ''}: ${failed.StatusCode ?? ''}`);
}

function medianMs(seconds: readonly number[]): number | undefined {
  const middle = seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)];
  return middle === undefined ? undefined : 1000 * middle;
}

const RESPONSE_TIME = 'TargetResponseTime';
const toId = (group: Group, what: string) => `${group}_${what}`;

/** Of what ELB publishes of one group. */
function queryOf({ file, resources }: Service, group: Group) {
  const { loadBalancer, targetGroups } = resources.metrics;
  const Namespace = file.protocol === 'http' ? 'AWS/ApplicationELB' : 'AWS/NetworkELB';
  const Dimensions = [
    { Name: 'LoadBalancer', Value: loadBalancer },
    { Name: 'TargetGroup', Value: targetGroups[group] },
  ];
  return (what: string, MetricName: string, Stat: string): MetricDataQuery => ({
    Id: toId(group, what),
    MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: MINUTE_MS / 1000, Stat },
  });
}

/**
 * `TC(1:)` is the trimmed count: how many values are above 1 (exclusive). TargetResponseTime is in seconds, and has fewer
 * samples than RequestCount counts: of what no target answered there is no time. An NLB counts neither requests nor
 * errors per group; the health of its nodes is known, and what the service declares.
 */
export function toQueries(service: Service, of: GroupQuery): MetricDataQuery[] {
  const { group, version, build, edgesMs, nodes = [], median } = of;
  const query = queryOf(service, group);
  const unhealthy = query('unhealthy', 'UnHealthyHostCount', 'Maximum');
  const declared = declaredQueries(service, { group, version, build });
  if (service.file.protocol !== 'http') return [unhealthy, ...declared];
  return [
    unhealthy,
    query('requests', 'RequestCount', 'Sum'),
    query('errors', 'HTTPCode_Target_5XX_Count', 'Sum'),
    query('timed', RESPONSE_TIME, 'SampleCount'),
    ...(median ? [query('median', RESPONSE_TIME, 'p50')] : []),
    ...edgesMs.map((ms, n) => query(`slower${n}`, RESPONSE_TIME, above(ms))),
    ...declared,
    ...nodes.flatMap((node, n) => nodeQueries(service, of, { node, n })),
  ];
}

/**
 * A node tells of itself, so a sum over the minute is what it answered. Response times that were put as values with counts
 * can be counted like ELB's own (CloudWatch: no percentiles of statistic sets).
 */
function nodeQueries(
  { file }: Service,
  { group, edgesMs }: GroupQuery,
  { node, n }: { readonly node: string; readonly n: number },
): MetricDataQuery[] {
  const { nodeMetrics } = file;
  if (nodeMetrics === undefined) return [];
  const { namespace, requests, errors, memory, latency, dimension } = nodeMetrics;
  const query = (what: string, MetricName: string, Stat = 'Sum'): MetricDataQuery => {
    const Metric = { Namespace: namespace, MetricName, Dimensions: [{ Name: dimension, Value: node }] };
    return { Id: toId(group, `node${n}_${what}`), MetricStat: { Metric, Period: MINUTE_MS / 1000, Stat } };
  };
  const times = latency === undefined ? [] : [query('timed', latency, 'SampleCount')];
  const slower = latency === undefined ? [] : edgesMs.map((ms, edge) => query(`slower${edge}`, latency, above(ms)));
  return [query('requests', requests), query('errors', errors), query('memory', memory, 'Average'), ...times, ...slower];
}

const above = (ms: number) => `TC(${toSeconds(ms)}:)`;

/** A tenth of a millisecond is as exact as ELB tells it. */
const toSeconds = (ms: number) => Number((ms / 1000).toFixed(4));

function declaredQueries({ file, resources }: Service, of: Omit<GroupQuery, 'edgesMs'>): MetricDataQuery[] {
  const { loadBalancer, targetGroups } = resources.metrics;
  const places: Readonly<Record<string, string>> = {
    ...{ service: file.name, version: of.version, build: of.build, group: of.group },
    ...{ loadBalancer, targetGroup: targetGroups[of.group] },
  };
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, place: string) => places[place] ?? whole);
  return file.metrics.map(({ namespace, name, statistic, dimensions }, n) => {
    const Dimensions = Object.entries(dimensions).map(([Name, value]) => ({ Name, Value: fill(value) }));
    const Metric = { Namespace: namespace, MetricName: name, Dimensions };
    return { Id: toId(of.group, `declared${n}`), MetricStat: { Metric, Period: MINUTE_MS / 1000, Stat: statistic } };
  });
}

/**
 * ELB publishes RequestCount and the 5XX count only where they are not 0. So a minute without requests has no data;
 * a minute with requests and no point for errors, or for slow ones, had none of them.
 */
export function toGroupMetrics(
  service: Service,
  { group, edgesMs, nodes = [] }: GroupQuery,
  results: readonly MetricDataResult[],
): GroupMetrics {
  const points = (what: string) => toPoints(results.filter(({ Id }) => Id === toId(group, what)));
  const [requests, errors, timed] = [points('requests'), points('errors'), points('timed')];
  const slower = edgesMs.map((_, n) => points(`slower${n}`));
  const declared = service.file.metrics.map((metric, n) => [metricKey(metric), points(`declared${n}`)] as const);
  const medians = points('median');
  const byNode = nodes.map((node, n) => [node, nodePoints((what) => points(`node${n}_${what}`), edgesMs)] as const);
  const times = new Set([...requests.keys(), ...declared.flatMap(([, of]) => [...of.keys()])]);
  const toMinute = (at: number): MinuteCounts => {
    const gauges = declared.flatMap(([key, of]) => (of.has(at) ? [[key, of.get(at) ?? 0] as const] : []));
    const counts = { requests: requests.get(at) ?? 0, errors: errors.get(at) ?? 0, timed: timed.get(at) ?? 0 };
    const isCounted = requests.has(at);
    return {
      at,
      ...(isCounted && counts),
      slower: slower.map((of) => (isCounted ? (of.get(at) ?? 0) : undefined)),
      ...medianAt(medians, at),
      ...(nodes.length > 0 && { nodes: countsOfNodes(byNode, at) }),
      gauges: Object.fromEntries(gauges),
    };
  };
  const unhealthy = [...points('unhealthy').values()];
  return {
    group,
    minutes: [...times].sort((a, b) => a - b).map(toMinute),
    ...(unhealthy.length > 0 && { unhealthyNodes: Math.max(...unhealthy) }),
  };
}

function medianAt(medians: Points, at: number): Pick<MinuteCounts, 'medianMs'> {
  const seconds = medians.get(at);
  return seconds === undefined ? {} : { medianMs: 1000 * seconds };
}

interface NodePoints {
  readonly requests: Points;
  readonly errors: Points;
  readonly memory: Points;
  readonly timed: Points;
  readonly slower: readonly Points[];
}

const nodePoints = (points: (what: string) => Points, edgesMs: readonly number[]): NodePoints => ({
  requests: points('requests'),
  errors: points('errors'),
  memory: points('memory'),
  timed: points('timed'),
  slower: edgesMs.map((_, edge) => points(`slower${edge}`)),
});

const BYTES_IN_A_MB = 1e6;

/** One that published its requests and no errors, or none that were slow, had none. */
function countsOfNodes(nodes: readonly (readonly [string, NodePoints])[], at: number): NonNullable<MinuteCounts['nodes']> {
  return Object.fromEntries(
    nodes.flatMap(([node, { requests, errors, memory, timed, slower }]) => {
      const [counted, bytes, ofTime] = [requests.get(at), memory.get(at), timed.get(at)];
      if (counted === undefined) return [];
      const own: OwnMinute = {
        requests: counted,
        errors: errors.get(at) ?? 0,
        ...(bytes !== undefined && { memoryMb: bytes / BYTES_IN_A_MB }),
        ...(ofTime !== undefined && { timed: ofTime, slower: slower.map((of) => of.get(at) ?? 0) }),
      };
      return [[node, own] as const];
    }),
  );
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
