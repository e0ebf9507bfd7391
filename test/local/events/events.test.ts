import { beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/kernel/aws-error.ts';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import { MemoryTrace } from '../../../local/kernel/trace.ts';
import { createEvents } from '../../../local/services/events/events.ts';
import type { DeliveryPlan } from '../../../local/services/events/events.ts';

const FUNCTION = 'arn:aws:lambda:eu-west-1:1:function:f';
const MACHINE = 'arn:aws:states:eu-west-1:1:stateMachine:m';
const QUEUE = 'arn:aws:sqs:eu-west-1:1:q';
const DEAD = 'arn:aws:sqs:eu-west-1:1:dead';

let clock: VirtualClock;
let received: { at: number; arn: string; payload: unknown }[];
let dead: { body: unknown; attributes: Readonly<Record<string, string>> | undefined }[];
let refusal: () => AwsError | undefined;
beforeEach(() => {
  clock = new VirtualClock({ start: Date.UTC(2031, 0, 1) });
  received = [];
  dead = [];
  refusal = () => undefined;
});

async function open(properties: Record<string, unknown>, plan?: DeliveryPlan) {
  const receive = (arn: string, payload: unknown) => {
    const error = refusal();
    if (error) throw error;
    received.push({ at: clock.now() - Date.UTC(2031, 0, 1), arn, payload });
  };
  const account = { id: '1', region: 'eu-west-1', partition: 'aws', zones: [], endpoint: '' };
  const events = createEvents({
    world: { time: clock, random: createRandom(1), trace: new MemoryTrace(() => 0), account },
    functions: { invoke: () => Promise.reject(new Error('not asked')), enqueue: receive },
    stateMachines: { start: (arn, input) => (receive(arn, JSON.parse(input)), 'execution') },
    queues: {
      send: (arn, body, attributes) =>
        arn === DEAD ? void dead.push({ body: JSON.parse(body), attributes }) : receive(arn, JSON.parse(body)),
    },
    ...(plan && { plan }),
  });
  const type = 'AWS::Events::Rule';
  await events.resources[type]!({
    stack: 's',
    logicalId: 'Rule',
    type,
    path: 's/Rule',
    properties: { Name: 'r', ...properties },
  });
  await events.start?.();
  return events;
}

const target = (arn: string, more: Record<string, unknown> = {}) => ({ Id: arn, Arn: arn, ...more });
const shop = { EventPattern: { source: ['shop'] } };
const put = { source: 'shop', 'detail-type': 'Sold', detail: { item: 'tea', count: 2 } };

describe('a rule', () => {
  it('delivers what matches to each target, as a whole event, after a moment', async () => {
    const events = await open({ ...shop, Targets: [target(FUNCTION), target(MACHINE), target(QUEUE)] });
    events.put(put);
    events.put({ ...put, source: 'other' });
    expect(received).toEqual([]);
    await clock.advanceBy(1000);
    expect(received.map(({ arn }) => arn).toSorted()).toEqual([FUNCTION, QUEUE, MACHINE].toSorted());
    expect(received[0]!.payload).toMatchObject({
      version: '0',
      source: 'shop',
      'detail-type': 'Sold',
      account: '1',
      region: 'eu-west-1',
      time: '2031-01-01T00:00:00Z',
      resources: [],
      detail: { item: 'tea', count: 2 },
    });
  });

  it.each<[string, Record<string, unknown>, unknown]>([
    ['a constant', { Input: '{"a":1}' }, { a: 1 }],
    ['a part of the event', { InputPath: '$.detail' }, { item: 'tea', count: 2 }],
    [
      'a template filled from the event',
      {
        InputTransformer: {
          InputPathsMap: { item: '$.detail.item', count: '$.detail.count', none: '$.detail.none' },
          InputTemplate: '{"text":"sold <count> <item>","n":<count>,"item":<item>,"none":<none>,"rule":"<aws.events.rule-name>"}',
        },
      },
      { text: 'sold 2 tea', n: 2, item: 'tea', none: null, rule: 'r' },
    ],
  ])('hands over %s', async (_what, more, expected) => {
    const events = await open({ ...shop, Targets: [target(FUNCTION, more)] });
    events.put(put);
    await clock.advanceBy(1000);
    expect(received.map(({ payload }) => payload)).toEqual([expected]);
  });

  it('fires on its schedule, for a year', async () => {
    await open({ ScheduleExpression: 'rate(1 day)', Targets: [target(FUNCTION)] });
    await clock.advanceBy(365 * 86_400_000 + 1000);
    expect(received).toHaveLength(365);
    expect(received[1]!.payload).toMatchObject({ 'detail-type': 'Scheduled Event', time: '2031-01-03T00:00:00Z', detail: {} });
  });

  it('tries a throttled target again, later and later, until it takes the event', async () => {
    const events = await open({ ...shop, Targets: [target(FUNCTION)] });
    let refusals = 3;
    refusal = () => (refusals-- > 0 ? new AwsError('TooManyRequestsException', 'busy', 429) : undefined);
    events.put(put);
    await clock.advanceBy(60_000);
    expect(received).toHaveLength(1);
    expect(received[0]!.at).toBeGreaterThan(3000);
  });

  it.each<[string, AwsError, Record<string, unknown>, Record<string, string>]>([
    ['refuses for good', new AwsError('ResourceNotFoundException', 'gone', 404), {}, { RETRY_ATTEMPTS: '0' }],
    [
      'was tried often enough',
      new AwsError('ServiceException', 'down', 500),
      { RetryPolicy: { MaximumRetryAttempts: 2 } },
      { RETRY_ATTEMPTS: '2', EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts' },
    ],
    [
      'was tried long enough',
      new AwsError('ServiceException', 'down', 500),
      { RetryPolicy: { MaximumEventAgeInSeconds: 60 } },
      { EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' },
    ],
  ])('leaves the event in the dead-letter queue when a target %s', async (_what, error, more, attributes) => {
    const events = await open({ ...shop, Targets: [target(FUNCTION, { DeadLetterConfig: { Arn: DEAD }, ...more })] });
    refusal = () => error;
    events.put(put);
    await clock.advanceBy(3_600_000);
    expect(dead).toHaveLength(1);
    expect(dead[0]).toMatchObject({
      body: { source: 'shop' },
      attributes: { ERROR_CODE: error.code, TARGET_ARN: FUNCTION, ...attributes },
    });
  });

  it('can be told to deliver twice, late or never', async () => {
    const plans = [[10, 20], [], [5000]];
    const events = await open({ ...shop, Targets: [target(FUNCTION)] }, () => plans.shift()!);
    for (let count = 0; count < 3; count += 1) events.put({ ...put, detail: count });
    await clock.advanceBy(6000);
    expect(received.map(({ at, payload }) => [at, (payload as { detail: number }).detail])).toEqual([
      [10, 0],
      [20, 0],
      [5000, 2],
    ]);
  });

  it.each([
    [{ ...shop, Targets: [target('arn:aws:kinesis:eu-west-1:1:stream/s')] }, 'neither a function, a state machine nor a queue'],
    [{ ...shop, EventBusName: 'mine' }, 'only the default event bus'],
    [{ Targets: [] }, 'EventPattern or a ScheduleExpression'],
    [{ EventPattern: { source: [{ like: 'x' }] } }, 'Unrecognized match type like'],
  ])('that cannot be kept is refused with its path', async (properties, message) => {
    await expect(open(properties)).rejects.toThrow(message);
    await expect(open(properties)).rejects.toThrow('s/Rule');
  });
});

describe('PutEvents', () => {
  it('takes good entries and names what is wrong with others', async () => {
    const events = await open({ ...shop, Targets: [target(FUNCTION)] });
    const Entries = [
      { Source: 'shop', DetailType: 'Sold', Detail: '{"n":1}' },
      { Source: 'aws.s3', DetailType: 'x', Detail: '{}' },
      { Source: 'shop', DetailType: 'Sold', Detail: 'no json' },
      { Source: 'shop', DetailType: 'Sold' },
    ];
    const answer = await events.operations.PutEvents!.run({ Entries } as never, { requestId: 'x', sourceIp: '127.0.0.1' });
    expect(answer).toMatchObject({
      FailedEntryCount: 3,
      Entries: [
        { EventId: expect.any(String) as string },
        { ErrorCode: 'NotAuthorizedForSourceException' },
        { ErrorCode: 'MalformedDetail' },
        { ErrorCode: 'InvalidArgument' },
      ],
    });
    await clock.advanceBy(1000);
    expect(received).toHaveLength(1);
  });
});
