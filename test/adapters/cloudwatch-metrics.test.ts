import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { CloudwatchMetrics, toGroupMetrics, toQueries } from '../../adapters/cloudwatch-metrics.ts';
import type { GroupQuery } from '../../core/judgement/ports.ts';
import type { Group } from '../../core/service/service.ts';
import { aService } from './a-service.ts';
import { answering } from './answering.ts';

const service = aService();
const MINUTE = 60_000;
const of = (group: Group, edgesMs: readonly number[] = [250, 1044.27]): GroupQuery => ({
  ...{ group, version: '1.2.0', build: group === 'canary' ? 'linux' : 'unikernel', edgesMs },
});
const result = (Id: string, ...points: readonly (readonly [number, number])[]) => ({
  Id,
  Timestamps: points.map(([at]) => new Date(at)),
  Values: points.map(([, value]) => value),
});
const client = (answers: Parameters<typeof answering>[1]) => answering(new CloudWatchClient({ region: 'eu-west-1' }), answers);

const backlog = {
  ...{ namespace: 'Shop', name: 'Backlog', statistic: 'Average', direction: 'increase' },
  dimensions: {
    Service: '{service}',
    Release: '{version}',
    Build: '{build}',
    Balancer: '{loadBalancer}',
    Target: '{targetGroup}',
  },
};

describe('CloudwatchMetrics', () => {
  it('counts requests above each edge in seconds, with an open upper end', () => {
    const stats = toQueries(service, of('canary')).map(({ MetricStat }) => [MetricStat?.Metric?.MetricName, MetricStat?.Stat]);
    expect(stats).toEqual([
      ['UnHealthyHostCount', 'Maximum'],
      ['RequestCount', 'Sum'],
      ['HTTPCode_Target_5XX_Count', 'Sum'],
      ['TargetResponseTime', 'SampleCount'],
      ['TargetResponseTime', 'TC(0.25:)'],
      ['TargetResponseTime', 'TC(1.0443:)'],
    ]);
  });

  it('reads a minute with requests and no point for errors as one without errors, and leaves out minutes without requests', () => {
    const metrics = toGroupMetrics(service, of('canary'), [
      result('canary_requests', [2 * MINUTE, 30], [0, 10]),
      result('canary_errors', [0, 2], [MINUTE, 1]),
      result('canary_timed', [2 * MINUTE, 29], [0, 10]),
      result('canary_slower0', [2 * MINUTE, 3]),
      result('green_requests', [0, 99]),
    ]);
    expect(metrics).toEqual({
      group: 'canary',
      minutes: [
        { at: 0, requests: 10, errors: 2, timed: 10, slower: [0, 0], gauges: {} },
        { at: 2 * MINUTE, requests: 30, errors: 0, timed: 29, slower: [3, 0], gauges: {} },
      ],
    });
  });

  it('tells the most unhealthy nodes of the window, and nothing where nothing is known', () => {
    const unhealthy = result('canary_unhealthy', [0, 0], [MINUTE, 2], [2 * MINUTE, 1]);
    expect(toGroupMetrics(service, of('canary'), [unhealthy]).unhealthyNodes).toBe(2);
    expect(toGroupMetrics(service, of('canary'), []).unhealthyNodes).toBeUndefined();
  });

  it('asks once for all groups and whole minutes, and puts the parts of a long answer together', async () => {
    const found = client({
      GetMetricData: (_input, call) =>
        call === 0
          ? { MetricDataResults: [result('canary_requests', [MINUTE, 1])], NextToken: 'more' }
          : { MetricDataResults: [result('canary_requests', [2 * MINUTE, 2])] },
    });
    const span = { from: 30_000, to: 3.5 * MINUTE };
    const [canary, baseline] = await new CloudwatchMetrics(found.client).read(service, [of('canary'), of('baseline')], span);
    expect(canary?.minutes.map(({ requests }) => requests)).toEqual([1, 2]);
    expect(baseline).toEqual({ group: 'baseline', minutes: [] });
    expect(found.asked[0]?.input).toMatchObject({ StartTime: new Date(MINUTE), EndTime: new Date(3 * MINUTE) });
    expect(found.asked).toHaveLength(2);
  });

  it('fails rather than take a query that was not answered for one without errors', async () => {
    const failed = { ...result('canary_errors'), StatusCode: 'InternalError' };
    const found = client({ GetMetricData: () => ({ MetricDataResults: [result('canary_requests', [0, 10]), failed] }) });
    const span = { from: 0, to: MINUTE };
    await expect(new CloudwatchMetrics(found.client).read(service, [of('canary')], span)).rejects.toThrow('canary_errors');
  });

  it('asks nothing where no whole minute has passed', async () => {
    const found = client({});
    const metrics = new CloudwatchMetrics(found.client);
    expect(await metrics.read(service, [of('canary')], { from: 1, to: MINUTE - 1 })).toEqual([{ group: 'canary', minutes: [] }]);
    expect(found.asked).toEqual([]);
  });

  it('tells quantiles as the median over the minutes, in milliseconds, and none of a handful of requests', async () => {
    const answer = (timed: number) =>
      client({
        GetMetricData: () => ({
          MetricDataResults: [
            result('control_timed', [0, timed], [MINUTE, timed], [2 * MINUTE, timed]),
            result('control_quantile0', [0, 0.2], [MINUTE, 0.9], [2 * MINUTE, 0.3]),
            result('control_quantile1', [0, 2], [MINUTE, 3], [2 * MINUTE, 1]),
          ],
        }),
      });
    const of = { from: 0, to: 3 * MINUTE, quantiles: [0.5, 0.999] };
    const { client: many, asked } = answer(10);
    expect(await new CloudwatchMetrics(many).quantiles(service, 'control', of)).toEqual([300, 2000]);
    expect(JSON.stringify(asked)).toContain('"Stat":"p99.9"');
    expect(await new CloudwatchMetrics(answer(6).client).quantiles(service, 'control', of)).toEqual([undefined, undefined]);
  });
});

describe('metrics of the service’s own', () => {
  it('are asked of every group by what stands in it', () => {
    const queries = toQueries(aService({ metrics: [backlog] }), of('canary', []));
    expect(queries.at(-1)).toEqual({
      Id: 'canary_declared0',
      MetricStat: {
        Metric: {
          Namespace: 'Shop',
          MetricName: 'Backlog',
          Dimensions: [
            { Name: 'Service', Value: 'hello' },
            { Name: 'Release', Value: '1.2.0' },
            { Name: 'Build', Value: 'linux' },
            { Name: 'Balancer', Value: 'app/hello/1' },
            { Name: 'Target', Value: 'targetgroup/canary/1' },
          ],
        },
        Period: 60,
        Stat: 'Average',
      },
    });
  });

  it('have no value in a minute without one, which is not 0', () => {
    const own = aService({ metrics: [backlog] });
    const { minutes } = toGroupMetrics(own, of('canary', []), [
      result('canary_requests', [0, 10], [MINUTE, 10]),
      result('canary_declared0', [MINUTE, 0], [2 * MINUTE, 7]),
    ]);
    expect(minutes.map(({ requests, gauges }) => [requests, gauges])).toEqual([
      [10, {}],
      [10, { 'Backlog Average': 0 }],
      [undefined, { 'Backlog Average': 7 }],
    ]);
  });

  it('are all there is behind an NLB, beside the health of nodes', () => {
    const queries = toQueries(aService({ protocol: 'tcp', metrics: [backlog] }), of('blue'));
    expect(queries.map(({ MetricStat }) => MetricStat?.Metric)).toMatchObject([
      { Namespace: 'AWS/NetworkELB', MetricName: 'UnHealthyHostCount' },
      { Namespace: 'Shop', MetricName: 'Backlog' },
    ]);
  });
});

describe('nodes that publish their own counts', () => {
  const counted = aService({ nodeMetrics: { namespace: 'Hello/Nodes', errors: 'Failures' } });
  const nodes = ['i-1', 'i-2'];

  it('are asked by their instance ids', () => {
    const asked = toQueries(counted, { ...of('canary', []), nodes }).slice(-6);
    const dimension = (Value: string) => [{ Name: 'InstanceId', Value }];
    expect(asked.map(({ Id, MetricStat }) => [Id, MetricStat?.Stat, MetricStat?.Metric])).toEqual([
      ['canary_node0_requests', 'Sum', { Namespace: 'Hello/Nodes', MetricName: 'Requests', Dimensions: dimension('i-1') }],
      ['canary_node0_errors', 'Sum', { Namespace: 'Hello/Nodes', MetricName: 'Failures', Dimensions: dimension('i-1') }],
      ['canary_node0_memory', 'Average', { Namespace: 'Hello/Nodes', MetricName: 'MemoryBytes', Dimensions: dimension('i-1') }],
      ['canary_node1_requests', 'Sum', { Namespace: 'Hello/Nodes', MetricName: 'Requests', Dimensions: dimension('i-2') }],
      ['canary_node1_errors', 'Sum', { Namespace: 'Hello/Nodes', MetricName: 'Failures', Dimensions: dimension('i-2') }],
      ['canary_node1_memory', 'Average', { Namespace: 'Hello/Nodes', MetricName: 'MemoryBytes', Dimensions: dimension('i-2') }],
    ]);
    expect(toQueries(service, { ...of('canary', []), nodes })).toHaveLength(4);
  });

  it('are asked for their response times where they publish them, at the edges of their group', () => {
    const timed = aService({ nodeMetrics: { namespace: 'Hello/Nodes', latency: 'Seconds' } });
    const asked = toQueries(timed, { ...of('canary', [500]), nodes: ['i-1'] }).slice(-2);
    expect(asked.map(({ Id, MetricStat }) => [Id, MetricStat?.Stat, MetricStat?.Metric?.MetricName])).toEqual([
      ['canary_node0_timed', 'SampleCount', 'Seconds'],
      ['canary_node0_slower0', 'TC(0.5:)', 'Seconds'],
    ]);
    const results = [
      result('canary_node0_requests', [0, 9]),
      result('canary_node0_timed', [0, 8]),
      result('canary_node0_memory', [0, 5e7]),
    ];
    const { minutes } = toGroupMetrics(timed, { ...of('canary', [500]), nodes: ['i-1'] }, [
      result('canary_requests', [0, 9]),
      ...results,
    ]);
    expect(minutes[0]?.nodes).toEqual({ 'i-1': { requests: 9, errors: 0, memoryMb: 50, timed: 8, slower: [0] } });
  });

  it('had no errors if they tell of requests only, and are unknown if they tell nothing', () => {
    const { minutes } = toGroupMetrics(counted, { ...of('canary', []), nodes }, [
      result('canary_requests', [0, 20], [MINUTE, 20]),
      result('canary_node0_requests', [0, 9], [MINUTE, 9]),
      result('canary_node0_errors', [MINUTE, 3]),
      result('canary_node1_requests', [MINUTE, 11]),
    ]);
    expect(minutes.map((one) => one.nodes)).toEqual([
      { 'i-1': { requests: 9, errors: 0 } },
      { 'i-1': { requests: 9, errors: 3 }, 'i-2': { requests: 11, errors: 0 } },
    ]);
  });
});
