import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/kernel/aws-error.ts';
import { Account, failed, INVOKE, START, task, types } from './world.ts';

const invoke = (Arguments: unknown, more = {}) => ({ Call: { Type: 'Task', Resource: INVOKE, Arguments, End: true, ...more } });

describe('lambda:invoke', () => {
  it('answers with the payload, the status and the version, as the SDK does', async () => {
    const account = new Account();
    account.functions['f'] = () => ({ ok: true });
    const outcome = await account.run({ Call: task('f') }, { n: 1 });
    expect(outcome.output).toMatchObject({
      ExecutedVersion: '$LATEST',
      Payload: { ok: true },
      SdkHttpMetadata: { HttpStatusCode: 200 },
      StatusCode: 200,
    });
    expect(account.invoked).toEqual([{ name: 'f', payload: { n: 1 }, at: 0 }]);
    expect(outcome.events[2]?.taskScheduledEventDetails).toEqual({
      resourceType: 'lambda',
      resource: 'invoke',
      region: 'eu-central-1',
      parameters: '{"FunctionName":"f","Payload":{"n":1}}',
    });
  });

  it('calls the function an expression names, with its qualifier', async () => {
    const account = new Account();
    account.functions['f:7'] = () => 'seven';
    const outcome = await account.run(invoke({ FunctionName: '{% $states.input.f %}', Qualifier: '7' }), { f: 'f' });
    expect(outcome.output).toMatchObject({ Payload: 'seven', ExecutedVersion: '7' });
    expect(account.invoked).toEqual([{ name: 'f:7', payload: {}, at: 0 }]);
  });

  it('hands the event over without waiting for InvocationType Event', async () => {
    const account = new Account();
    const outcome = await account.run(invoke({ FunctionName: 'f', Payload: 1, InvocationType: 'Event' }));
    expect(outcome.output).toMatchObject({ StatusCode: 202 });
    expect(account.enqueued).toEqual([{ name: 'f', payload: 1 }]);
  });

  it('fails by the error type of the function, with its payload as the cause', async () => {
    const account = new Account();
    account.functions['f'] = () => failed('FenceMoved', 'another release holds it');
    const outcome = await account.run({ Call: task('f') });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'FenceMoved' });
    expect(JSON.parse(outcome.cause ?? '')).toEqual({ errorType: 'FenceMoved', errorMessage: 'another release holds it' });
    expect(types(outcome).slice(-2)).toEqual(['TaskFailed', 'ExecutionFailed']);
  });

  it('fails with Lambda’s own error where the function does not exist', async () => {
    const outcome = await new Account().run({ Call: task('nobody') });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'Lambda.ResourceNotFoundException' });
    expect(outcome.cause).toContain('Function not found: nobody (Service: Lambda, Status Code: 404');
  });

  it('refuses arguments it does not know, by name', async () => {
    const outcome = await new Account().run(invoke({ FunctionName: 'f', LogType: 'Tail' }));
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(outcome.cause).toContain('LogType');
  });

  it('does not let a function change the data of the execution', async () => {
    const account = new Account();
    account.functions['f'] = (payload) => {
      (payload as { n: number }).n = 2;
      return null;
    };
    // Without Arguments the state's own input is what the task is given.
    const Call = { Type: 'Task', Resource: INVOKE, Output: '{% $states.input %}', End: true };
    const input = { FunctionName: 'f', Payload: { n: 1 } };
    expect((await account.run({ Call }, input)).output).toEqual(input);
  });

  it('ends the execution, instead of losing it, when what calls the function breaks', async () => {
    const account = new Account();
    account.functions['f'] = () => {
      throw new TypeError('a fault of ours');
    };
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Never' }];
    const outcome = await account.run({ Call: task('f', { Catch }), Never: { Type: 'Succeed' } });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(outcome.cause).toContain('a fault of ours');
  });
});

describe('aws-sdk tasks', () => {
  const call = (name: string, Arguments: unknown = {}) => ({
    Call: { Type: 'Task', Resource: `arn:aws:states:::aws-sdk:${name}`, Arguments, End: true },
  });

  it('call the operation of the local service, and answer dates as text', async () => {
    const account = new Account();
    account.answer = () => ({ Reservations: [{ LaunchTime: new Date(START), Gone: undefined }], $metadata: { attempts: 1 } });
    const outcome = await account.run(call('ec2:describeInstances', { MaxResults: 5 }));
    expect(account.calls).toEqual([{ service: 'ec2', operation: 'DescribeInstances', input: { MaxResults: 5 } }]);
    expect(outcome.output).toEqual({ Reservations: [{ LaunchTime: '2030-01-01T00:00:00.000Z' }] });
    expect(outcome.events[3]?.taskStartedEventDetails).toEqual({ resourceType: 'aws-sdk:ec2', resource: 'describeInstances' });
  });

  it('write names with capitals also for a service whose own are small', async () => {
    const account = new Account();
    account.answer = () => ({ executions: [{ executionArn: 'arn' }] });
    const outcome = await account.run(call('sfn:listExecutions', { StateMachineArn: 'm' }));
    expect(account.calls[0]).toEqual({ service: 'states', operation: 'ListExecutions', input: { stateMachineArn: 'm' } });
    expect(outcome.output).toEqual({ Executions: [{ ExecutionArn: 'arn' }] });
  });

  it.each([
    ['dynamodb:getItem', 'ConditionalCheckFailedException', 'DynamoDb.ConditionalCheckFailedException'],
    ['s3:headBucket', 'NoSuchBucket', 'S3.NoSuchBucketException'],
    ['ec2:runInstances', 'InsufficientInstanceCapacity', 'Ec2.Ec2Exception'],
    ['elasticloadbalancingv2:describeRules', 'RuleNotFound', 'ElasticLoadBalancingV2.RuleNotFoundException'],
  ])('%s fails with the name the SDK gives %s', async (name, code, error) => {
    const account = new Account();
    account.answer = () => {
      throw new AwsError(code, 'said AWS');
    };
    expect(await account.run(call(name))).toMatchObject({ status: 'FAILED', error });
  });
});

describe('TimeoutSeconds of a task', () => {
  it('ends it with States.Timeout in account time, whatever the function answers later', async () => {
    const account = new Account();
    let answer: (value: unknown) => void = () => undefined;
    account.functions['slow'] = () => new Promise((resolve) => (answer = resolve));
    const states = {
      Call: task('slow', {
        TimeoutSeconds: '{% $states.input.limit %}',
        Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Late' }],
      }),
      Late: { Type: 'Wait', Seconds: 10, Next: 'End' },
      End: { Type: 'Succeed', Output: 'late' },
    };
    const arn = account.begin(states, { limit: 30 });
    await account.clock.advanceBy(35_000);
    answer('too late');
    const outcome = await account.finish(arn);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: 'late', seconds: 40 });
    expect(outcome.events[2]?.taskScheduledEventDetails).toMatchObject({ timeoutInSeconds: 30 });
    expect(outcome.events[4]).toMatchObject({
      type: 'TaskTimedOut',
      taskTimedOutEventDetails: { error: 'States.Timeout', resource: 'invoke', resourceType: 'lambda' },
    });
    expect(account.clock.entries).toBe(0);
  });

  it('is so many real seconds of a function, where account time is made to go faster', async () => {
    const account = new Account(1, 60);
    account.functions['never'] = () => new Promise(() => undefined);
    const outcome = await account.run({ Call: task('never', { TimeoutSeconds: 90 }) });
    expect(outcome).toMatchObject({ error: 'States.Timeout', seconds: 90 * 60 });
    expect(outcome.events[2]?.taskScheduledEventDetails).toMatchObject({ timeoutInSeconds: 90 });
  });

  it('leaves nothing on the timetable when the task was in time', async () => {
    const account = new Account();
    account.functions['f'] = () => 1;
    await account.run({ Call: task('f', { TimeoutSeconds: 300 }) });
    expect(account.clock.entries).toBe(0);
  });
});

describe('the 256 KiB of a payload', () => {
  it('bounds what a task answers: States.DataLimitExceeded, which States.ALL does not catch', async () => {
    const account = new Account();
    account.functions['f'] = () => 'x'.repeat(262_144);
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'End' }];
    const outcome = await account.run({ Call: task('f', { Catch }), End: { Type: 'Succeed' } });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(types(outcome).slice(-2)).toEqual(['TaskFailed', 'ExecutionFailed']);
  });

  it('counts bytes, not letters, and bounds a state’s output too', async () => {
    const Output = (count: number) => `{% $join($map([1..${count}], function(){ '${'ä'.repeat(100)}' })) %}`;
    expect(await new Account().run({ Look: { Type: 'Pass', Output: Output(1310), End: true } })).toMatchObject({
      status: 'SUCCEEDED',
    });
    expect(await new Account().run({ Look: { Type: 'Pass', Output: Output(1311), End: true } })).toMatchObject({
      error: 'States.DataLimitExceeded',
    });
  });
});
