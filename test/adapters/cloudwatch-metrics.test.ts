import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { CloudwatchMetrics, toGroupMetrics, toQueries } from '../../adapters/cloudwatch-metrics.ts';
import { aService } from './a-service.ts';
import { answering } from './answering.ts';

const service = aService({
  limits: {
    slow: [
      { overMs: 250, maxPercent: 5 },
      { overMs: 1000, maxPercent: 1 },
    ],
  },
});
const MINUTE = 60_000;
const result = (Id: string, ...points: readonly (readonly [number, number])[]) => ({
  Id,
  Timestamps: points.map(([at]) => new Date(at)),
  Values: points.map(([, value]) => value),
});

describe('CloudwatchMetrics', () => {
  it('counts requests above each limit in seconds, with an open upper end', () => {
    const stats = toQueries(service, 'canary').map(({ MetricStat }) => [MetricStat?.Metric?.MetricName, MetricStat?.Stat]);
    expect(stats).toEqual([
      ['UnHealthyHostCount', 'Maximum'],
      ['RequestCount', 'Sum'],
      ['HTTPCode_Target_5XX_Count', 'Sum'],
      ['TargetResponseTime', 'TC(0.25:)'],
      ['TargetResponseTime', 'TC(1:)'],
    ]);
  });

  it('reads a minute with requests and no point for errors as one without errors, and leaves out minutes without requests', () => {
    const metrics = toGroupMetrics(service, 'canary', [
      result('canary_requests', [2 * MINUTE, 30], [0, 10]),
      result('canary_errors', [0, 2], [MINUTE, 1]),
      result('canary_slow0', [2 * MINUTE, 3]),
      result('green_requests', [0, 99]),
    ]);
    expect(metrics).toEqual({
      group: 'canary',
      intervals: [
        { at: 0, requests: 10, errors: 2, slow: [0, 0] },
        { at: 2 * MINUTE, requests: 30, errors: 0, slow: [3, 0] },
      ],
      nodes: [],
    });
  });

  it('tells the most unhealthy nodes of the window, and nothing where nothing is known', () => {
    const unhealthy = result('canary_unhealthy', [0, 0], [MINUTE, 2], [2 * MINUTE, 1]);
    expect(toGroupMetrics(service, 'canary', [unhealthy]).unhealthyNodes).toBe(2);
    expect(toGroupMetrics(service, 'canary', []).unhealthyNodes).toBeUndefined();
  });

  it('asks once for all groups and whole minutes, and puts the parts of a long answer together', async () => {
    const { client, asked } = answering(new CloudWatchClient({ region: 'eu-west-1' }), {
      GetMetricData: (_input, call) =>
        call === 0
          ? { MetricDataResults: [result('canary_requests', [MINUTE, 1])], NextToken: 'more' }
          : { MetricDataResults: [result('canary_requests', [2 * MINUTE, 2])] },
    });
    const [canary, baseline] = await new CloudwatchMetrics(client).read(service, ['canary', 'baseline'], 30_000, 3.5 * MINUTE);
    expect(canary?.intervals.map(({ requests }) => requests)).toEqual([1, 2]);
    expect(baseline).toEqual({ group: 'baseline', intervals: [], nodes: [] });
    expect(asked[0]?.input).toMatchObject({ StartTime: new Date(MINUTE), EndTime: new Date(3 * MINUTE) });
    expect(asked).toHaveLength(2);
  });

  it('fails rather than take a query that was not answered for one without errors', async () => {
    const failed = { ...result('canary_errors'), StatusCode: 'InternalError' };
    const { client } = answering(new CloudWatchClient({ region: 'eu-west-1' }), {
      GetMetricData: () => ({ MetricDataResults: [result('canary_requests', [0, 10]), failed] }),
    });
    await expect(new CloudwatchMetrics(client).read(service, ['canary'], 0, MINUTE)).rejects.toThrow('canary_errors');
  });

  it('asks nothing where no whole minute has passed', async () => {
    const { client, asked } = answering(new CloudWatchClient({ region: 'eu-west-1' }), {});
    expect(await new CloudwatchMetrics(client).read(service, ['canary'], 1, MINUTE - 1)).toEqual([
      { group: 'canary', intervals: [], nodes: [] },
    ]);
    expect(asked).toEqual([]);
  });

  it('knows only the health of nodes behind an NLB', () => {
    const queries = toQueries(aService({ protocol: 'tcp' }), 'blue');
    expect(queries.map(({ MetricStat }) => MetricStat?.Metric)).toMatchObject([
      { Namespace: 'AWS/NetworkELB', MetricName: 'UnHealthyHostCount' },
    ]);
  });
});
