import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';
import type { Invocation } from '../../../local/kernel/ports.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import { MemoryTrace } from '../../../local/kernel/trace.ts';
import type { Job } from '../../../local/services/lambda/function.ts';
import { createLambda } from '../../../local/services/lambda/lambda.ts';

const START = Date.UTC(2031, 0, 1);
const failed: Invocation = { kind: 'failed', errorType: 'Error', errorMessage: 'no', payload: { errorType: 'Error' } };
const returned: Invocation = { kind: 'returned', payload: { ok: true } };

let clock: VirtualClock;
let ran: { minute: number; job: Job }[];
let sent: { arn: string; body: Record<string, unknown>; attributes: unknown }[];
let outcome: (job: Job) => Invocation | Promise<Invocation>;
beforeEach(() => {
  clock = new VirtualClock({ start: START });
  ran = [];
  sent = [];
  outcome = () => returned;
});

const make = async () => {
  const lambda = createLambda({
    world: {
      time: clock,
      random: createRandom(1),
      trace: new MemoryTrace(() => 0),
      account: { id: '1', region: 'eu-west-1', partition: 'aws', zones: [], endpoint: '' },
    },
    executor: {
      run: async (job) => {
        ran.push({ minute: (clock.now() - START) / 60_000, job });
        return outcome(job);
      },
      stop: () => Promise.resolve(),
    },
    queues: {
      send: (arn, body, attributes) => void sent.push({ arn, body: JSON.parse(body) as Record<string, unknown>, attributes }),
    },
    bus: { put: () => undefined },
  });
  const declare = async (type: string, properties: Record<string, unknown>) =>
    lambda.resources[type]!({
      stack: 's',
      logicalId: type.split('::')[2]!,
      type,
      path: `s/${type}`,
      properties,
      assetPath: '/code',
    });
  const fn = (more: Record<string, unknown> = {}) =>
    declare('AWS::Lambda::Function', {
      FunctionName: 'f',
      Code: { S3Key: 'x.zip' },
      Handler: 'index.handler',
      Role: 'r',
      Runtime: 'nodejs24.x',
      ...more,
    });
  return { lambda, declare, fn };
};

describe('a function', () => {
  it('is found by name, ARN, version and alias', async () => {
    const { lambda, declare, fn } = await make();
    const { attributes } = await fn();
    const version = await declare('AWS::Lambda::Version', { FunctionName: 'f' });
    await declare('AWS::Lambda::Alias', { FunctionName: 'f', FunctionVersion: version.attributes.Version, Name: 'live' });
    expect(version).toEqual({
      ref: `${String(attributes.Arn)}:1`,
      attributes: { Version: '1', FunctionArn: `${String(attributes.Arn)}:1` },
    });
    for (const name of ['f', attributes.Arn as string, version.ref, 'f:live', 'f:$LATEST']) await lambda.invoke(name, {});
    expect(ran.map(({ job }) => job.version)).toEqual(['$LATEST', '$LATEST', '1', '1', '$LATEST']);
    await expect(lambda.invoke('f:2', {})).rejects.toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
  });

  it('throttles what goes beyond its reserved concurrency', async () => {
    const { lambda, fn } = await make();
    await fn({ ReservedConcurrentExecutions: 1 });
    const { promise, resolve } = Promise.withResolvers<Invocation>();
    outcome = () => promise;
    const first = lambda.invoke('f', {});
    await expect(lambda.invoke('f', {})).rejects.toMatchObject({ code: 'TooManyRequestsException', status: 429 });
    resolve(returned);
    expect(await first).toEqual(returned);
    expect(await lambda.invoke('f', {})).toEqual(returned);
  });

  it.each([
    [{ Runtime: 'python3.13' }, 'python3.13 cannot run here'],
    [{ Layers: ['x'] }, 'Layers'],
  ])('that cannot run here is refused: %j', async (more, message) => {
    const { fn } = await make();
    await expect(fn(more)).rejects.toThrow(message);
  });
});

describe('an asynchronous invocation', () => {
  it('is tried again after one minute and after two more, then goes to the dead-letter queue', async () => {
    const { lambda, fn } = await make();
    await fn({ DeadLetterConfig: { TargetArn: 'arn:aws:sqs:eu-west-1:1:dead' } });
    outcome = () => failed;
    lambda.enqueue('f', { n: 1 });
    await clock.advanceBy(3_600_000);
    expect(ran.map(({ minute }) => minute)).toEqual([0, 1, 3]);
    expect(new Set(ran.map(({ job }) => job.requestId)).size).toBe(1);
    expect(sent).toMatchObject([{ body: { n: 1 }, attributes: { ErrorCode: '200', ErrorMessage: 'no' } }]);
  });

  it('follows its configuration: fewer tries, and a record of the failure to a destination', async () => {
    const { lambda, declare, fn } = await make();
    await fn();
    await declare('AWS::Lambda::EventInvokeConfig', {
      FunctionName: 'f',
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:eu-west-1:1:failures' } },
    });
    outcome = () => failed;
    lambda.enqueue('f', { n: 1 });
    await clock.advanceBy(3_600_000);
    expect(ran).toHaveLength(2);
    expect(sent[0]!.body).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 2 },
      requestPayload: { n: 1 },
      responseContext: { functionError: 'Unhandled' },
    });
  });

  it('waits while the function is throttled, and gives up when it is too old', async () => {
    const { lambda, declare, fn } = await make();
    await fn({ ReservedConcurrentExecutions: 0, DeadLetterConfig: { TargetArn: 'arn:aws:sqs:eu-west-1:1:dead' } });
    await declare('AWS::Lambda::EventInvokeConfig', { FunctionName: 'f', Qualifier: '$LATEST', MaximumEventAgeInSeconds: 60 });
    lambda.enqueue('f', { n: 1 });
    await clock.advanceBy(25_000);
    expect(sent).toEqual([]);
    await clock.advanceBy(3_600_000);
    expect(ran).toEqual([]);
    expect(sent).toHaveLength(1);
  });
});

describe('Invoke', () => {
  const call = { requestId: 'request', sourceIp: '127.0.0.1' };

  it('answers the payload, and a failure as FunctionError', async () => {
    const { lambda, fn } = await make();
    await fn();
    const input = { FunctionName: 'f', Payload: Buffer.from('{"a":1}') };
    expect(await lambda.operations.Invoke!.run(input as never, call)).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      Payload: Buffer.from('{"ok":true}'),
    });
    outcome = () => failed;
    expect(await lambda.operations.Invoke!.run(input as never, call)).toMatchObject({
      StatusCode: 200,
      FunctionError: 'Unhandled',
    });
    expect(ran.map(({ job }) => job.payload)).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it('of type Event answers at once and runs later', async () => {
    const { lambda, fn } = await make();
    await fn();
    const answer = await lambda.operations.Invoke!.run({ FunctionName: 'f', InvocationType: 'Event' } as never, call);
    expect(answer).toEqual({ StatusCode: 202 });
    expect(ran).toEqual([]);
    await clock.advanceBy(0);
    expect(ran).toHaveLength(1);
  });

  it('refuses a payload that is not JSON', async () => {
    const { lambda, fn } = await make();
    await fn();
    const input = { FunctionName: 'f', Payload: Buffer.from('{') };
    await expect(lambda.operations.Invoke!.run(input as never, call)).rejects.toMatchObject({
      code: 'InvalidRequestContentException',
    });
  });
});
