import type {
  DescribeAlarmsOutput,
  GetMetricDataOutput,
  GetMetricStatisticsOutput,
  ListMetricsOutput,
} from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import type { BusEvent } from '../../../local/kernel/ports.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import type { World } from '../../../local/kernel/world.ts';
import { createCloudWatch } from '../../../local/services/cloudwatch/cloudwatch.ts';
import type { CloudWatch } from '../../../local/services/cloudwatch/cloudwatch.ts';

const START = Date.UTC(2030, 0, 1);
const MINUTE = 60_000;
const call = { requestId: 'r', sourceIp: '127.0.0.1' };

let time: VirtualClock;
let cloudwatch: CloudWatch;
let events: BusEvent[];
let notes: { topic: string; subject: string; message: string }[];

beforeEach(() => {
  time = new VirtualClock({ start: START });
  events = [];
  notes = [];
  const account = { id: '111122223333', region: 'eu-central-1', partition: 'aws', zones: [], endpoint: '' };
  const world: World = { time, random: createRandom(7), trace: { add: () => undefined }, account };
  const topics = { publish: (topic: string, note: { subject: string; message: string }) => void notes.push({ topic, ...note }) };
  cloudwatch = createCloudWatch({ world, events: { put: (event) => void events.push(event) }, topics });
});

const run = async (operation: string, input: object): Promise<unknown> =>
  cloudwatch.operations[operation]!.run(input as never, call);
const query = (Id: string, Stat = 'Sum', Period = 60) => ({
  Id,
  MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Orders', Dimensions: [{ Name: 'Zone', Value: 'a' }] }, Period, Stat },
});
const put = (value: number, count?: number) => cloudwatch.put('Shop', 'Orders', { Zone: 'a' }, value, count);
const read = async (more: object = {}, queries: object[] = [query('orders')]) =>
  (await run('GetMetricData', {
    StartTime: new Date(START),
    EndTime: new Date(time.now() + MINUTE),
    MetricDataQueries: queries,
    ...more,
  })) as GetMetricDataOutput;
const values = (answer: GetMetricDataOutput, n = 0) => answer.MetricDataResults![n]!.Values;

describe('reading metrics', () => {
  it('shows a minute only some time after it has ended, and then all of it at once', async () => {
    put(1);
    cloudwatch.put('Shop', 'Refunds', {}, 1);
    await time.advanceTo(START + MINUTE + 14_000);
    expect(values(await read())).toEqual([]);
    await time.advanceTo(START + MINUTE + 75_000);
    expect(values(await read())).toEqual([1]);
    expect(((await run('ListMetrics', {})) as ListMetricsOutput).Metrics).toHaveLength(2);
  });

  it('makes all metrics of a namespace readable at the same instant', async () => {
    put(1);
    for (let n = 0; n < 20; n++) cloudwatch.put('Shop', `M${n}`, {}, 1);
    for (let second = 0; second < 80; second++) {
      await time.advanceTo(START + MINUTE + second * 1000);
      const count = ((await run('ListMetrics', {})) as ListMetricsOutput).Metrics!.length;
      expect([0, 21]).toContain(count);
    }
  });

  it('has no datapoint where there was no sample, which is not 0', async () => {
    put(1);
    await time.advanceTo(START + 2 * MINUTE);
    put(0);
    await time.advanceTo(START + 5 * MINUTE);
    const answer = await read({ ScanBy: 'TimestampAscending' });
    expect(answer.MetricDataResults![0]).toMatchObject({
      Timestamps: [new Date(START), new Date(START + 2 * MINUTE)],
      Values: [1, 0],
      StatusCode: 'Complete',
    });
    expect(values(await read())).toEqual([0, 1]);
  });

  it('adds minutes up to longer periods', async () => {
    put(1);
    await time.advanceBy(MINUTE);
    put(2, 3);
    await time.advanceBy(5 * MINUTE);
    expect(values(await read({}, [query('orders', 'Sum', 300)]))).toEqual([7]);
    expect(values(await read({}, [query('orders', 'SampleCount', 300)]))).toEqual([4]);
  });

  it('tells metrics apart by all of their dimensions, whatever their order', async () => {
    cloudwatch.put('Shop', 'Orders', { Zone: 'a', Shop: '1' }, 10);
    await time.advanceBy(3 * MINUTE);
    expect(values(await read())).toEqual([]);
    const both = [
      { Name: 'Shop', Value: '1' },
      { Name: 'Zone', Value: 'a' },
    ];
    const metric = { Namespace: 'Shop', MetricName: 'Orders', Dimensions: both };
    expect(values(await read({}, [{ Id: 'x', MetricStat: { Metric: metric, Period: 60, Stat: 'Sum' } }]))).toEqual([10]);
  });

  it('hands long answers out in pages that add up', async () => {
    for (let minute = 0; minute < 5; minute++) {
      put(minute);
      await time.advanceBy(MINUTE);
    }
    await time.advanceBy(2 * MINUTE);
    const queries = [query('a'), query('b')];
    const found: number[] = [];
    let NextToken: string | undefined;
    do {
      const answer: GetMetricDataOutput = await read({ MaxDatapoints: 3, ScanBy: 'TimestampAscending', NextToken }, queries);
      found.push(...answer.MetricDataResults!.flatMap((result) => result.Values!));
      NextToken = answer.NextToken;
    } while (NextToken);
    expect(found).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
  });

  it('forgets what is older than three hours', async () => {
    await cloudwatch.start!();
    put(1);
    await time.advanceBy(4 * 60 * MINUTE);
    expect(values(await read())).toEqual([]);
    await cloudwatch.stop!();
    expect(time.entries).toBe(0);
  });

  it.each([
    [{ MetricDataQueries: [{ Id: 'rate', Expression: 'errors / requests' }] }, 'metric math'],
    [{ MetricDataQueries: [query('Orders')] }, 'small letter'],
    [{ MetricDataQueries: [query('a'), query('a')] }, 'twice'],
    [{ MetricDataQueries: [query('a', 'Sum', 30)] }, 'multiple of 60'],
    [{ EndTime: new Date(START) }, 'before'],
    [{ NextToken: 'x' }, 'token'],
  ])('refuses %j', async (more, why) => {
    await expect(read(more)).rejects.toThrow(why);
  });

  it('answers GetMetricStatistics, several statistics in one datapoint', async () => {
    put(1);
    put(5);
    await time.advanceBy(3 * MINUTE);
    const range = { StartTime: new Date(START), EndTime: new Date(time.now()), Period: 60 };
    const metric = { Namespace: 'Shop', MetricName: 'Orders', Dimensions: [{ Name: 'Zone', Value: 'a' }] };
    const answer = await run('GetMetricStatistics', { ...metric, ...range, Statistics: ['Sum', 'Maximum'] });
    expect((answer as GetMetricStatisticsOutput).Datapoints).toMatchObject([{ Timestamp: new Date(START), Sum: 6, Maximum: 5 }]);
  });
});

describe('publishing metrics', () => {
  const datum = (more: object) => ({
    Namespace: 'Shop',
    MetricData: [{ MetricName: 'Orders', Dimensions: [{ Name: 'Zone', Value: 'a' }], ...more }],
  });

  it('takes single values, and values with counts, at their own time', async () => {
    await time.advanceBy(2 * MINUTE);
    await run('PutMetricData', datum({ Value: 4, Timestamp: new Date(START) }));
    await run('PutMetricData', datum({ Values: [1, 2], Counts: [10, 5] }));
    await time.advanceBy(3 * MINUTE);
    expect(values(await read({ ScanBy: 'TimestampAscending' }))).toEqual([4, 20]);
  });

  it.each([
    [{ Namespace: 'AWS/EC2', MetricData: [] }, 'AWS/'],
    [datum({ Values: [1, 2], Counts: [1] }), '2 values and 1 counts'],
    [datum({}), 'no value'],
    [datum({ Value: Number.NaN }), 'finite'],
    [datum({ StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1 } }), 'StatisticValues'],
  ])('refuses %j', async (input, why) => {
    await expect(run('PutMetricData', input)).rejects.toThrow(why);
  });
});

describe('an alarm of a template', () => {
  const declare = (properties: object = {}) =>
    cloudwatch.resources['AWS::CloudWatch::Alarm']!({
      stack: 'shop',
      logicalId: 'TooMany',
      type: 'AWS::CloudWatch::Alarm',
      path: 'shop/TooMany',
      properties: {
        AlarmName: 'too-many',
        Namespace: 'Shop',
        MetricName: 'Orders',
        Dimensions: [{ Name: 'Zone', Value: 'a' }],
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: '1',
        Threshold: 10,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
        AlarmActions: ['arn:aws:sns:eu-central-1:111122223333:pages'],
        ...properties,
      },
    });
  const state = async () =>
    ((await run('DescribeAlarms', { AlarmNames: ['too-many'] })) as DescribeAlarmsOutput).MetricAlarms![0]!;

  it('goes to OK, to ALARM and back, and says so on the bus in the shape of AWS', async () => {
    await declare();
    await cloudwatch.start!();
    await time.advanceBy(2 * MINUTE);
    expect(await state()).toMatchObject({ StateValue: 'OK' });
    put(11);
    await time.advanceBy(4 * MINUTE);
    expect(await state()).toMatchObject({ StateValue: 'ALARM', Threshold: 10, DatapointsToAlarm: 1 });
    await time.advanceBy(6 * MINUTE);
    expect(await state()).toMatchObject({ StateValue: 'OK' });
    await cloudwatch.stop!();
    expect(time.entries).toBe(0);
    expect(events.map(({ detail }) => (detail as { state: { value: string } }).state.value)).toEqual(['OK', 'ALARM', 'OK']);
    expect(events[1]).toMatchObject({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      resources: ['arn:aws:cloudwatch:eu-central-1:111122223333:alarm:too-many'],
      detail: {
        alarmName: 'too-many',
        state: {
          value: 'ALARM',
          reason:
            'Threshold Crossed: 1 out of the last 1 datapoints [11 (01/01/30 00:02:00)] was greater than the threshold (10.0) (minimum 1 datapoint for OK -> ALARM transition).',
        },
        previousState: { value: 'OK' },
        configuration: {
          metrics: [
            {
              metricStat: { metric: { namespace: 'Shop', name: 'Orders', dimensions: { Zone: 'a' } }, period: 60, stat: 'Sum' },
              returnData: true,
            },
          ],
        },
      },
    });
    expect(notes).toMatchObject([
      { topic: 'arn:aws:sns:eu-central-1:111122223333:pages', subject: 'ALARM: "too-many" in eu-central-1' },
    ]);
  });

  it('on metrics of an AWS service that publishes nothing here stays without data, whatever missing data means', async () => {
    await declare({ Namespace: 'AWS/Lambda', TreatMissingData: 'breaching' });
    await cloudwatch.start!();
    await time.advanceBy(10 * MINUTE);
    expect(await state()).toMatchObject({ StateValue: 'INSUFFICIENT_DATA' });
    cloudwatch.put('AWS/Lambda', 'Other', {}, 1);
    await time.advanceBy(10 * MINUTE);
    expect(await state()).toMatchObject({ StateValue: 'ALARM' });
  });

  it.each([
    [{ Metrics: [] }, 'Metrics'],
    [{ ComparisonOperator: 'Above' }, 'ComparisonOperator Above'],
    [{ DatapointsToAlarm: 2 }, 'more than EvaluationPeriods'],
    [{ TreatMissingData: 'zero' }, 'TreatMissingData zero'],
    [{ Period: 10 }, 'multiple of 60'],
  ])('with %j is refused by name', async (properties, why) => {
    await expect(async () => declare(properties)).rejects.toThrow(why);
  });
});
