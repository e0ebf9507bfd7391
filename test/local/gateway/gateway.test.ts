import { DescribeInstances$, DescribeInstancesCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetObject$ } from '@aws-sdk/client-s3';
import { DescribeExecution$, DescribeExecutionCommand, ListActivitiesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from 'vitest';
import { CutConnection } from '../../../local/gateway/hooks.ts';
import type { HookedCall, Hooks } from '../../../local/gateway/hooks.ts';
import { AwsError } from '../../../local/kernel/aws-error.ts';
import { listen, madeUp } from './harness.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(hooks: Hooks = {}) {
  const effects: string[] = [];
  const gateway = await listen(
    [
      madeUp('ec2', [DescribeInstances$, (_input, call) => (effects.push(call.requestId), { Reservations: [] })]),
      madeUp('states', [
        DescribeExecution$,
        () => {
          throw new TypeError('a bug of ours');
        },
      ]),
      madeUp('s3', [GetObject$, () => ({ Body: 'x' })]),
    ],
    hooks,
  );
  closing.push(gateway.close);
  return { ...gateway, effects, describe: () => new EC2Client(gateway.config).send(new DescribeInstancesCommand({})) };
}

describe('the gateway', () => {
  it('says by AWS’s own name, per protocol, what the local runtime does not have', async () => {
    const { config } = await start();
    await expect(new EC2Client(config).send(new DescribeVpcsCommand({}))).rejects.toMatchObject({
      name: 'InvalidAction',
      message: 'The local runtime does not have the operation DescribeVpcs in its ec2.',
    });
    await expect(new SFNClient(config).send(new ListActivitiesCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
    await expect(new SSMClient(config).send(new GetParameterCommand({ Name: 'x' }))).rejects.toThrow(
      'does not have the service ssm; it has ec2, s3, states',
    );
  });

  it('answers a bug of the local runtime as AWS’s own failure, and reports it', async () => {
    const { config, bugs } = await start();
    const failure = new SFNClient(config).send(new DescribeExecutionCommand({ executionArn: 'x' }));
    await expect(failure).rejects.toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } });
    expect(bugs).toMatchObject([{ message: 'a bug of ours' }]);
  });

  it('dates answers by account time', async () => {
    const { endpoint } = await start();
    const answer = await fetch(endpoint);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('date')).toBe('Tue, 01 Jan 2030 00:00:00 GMT');
  });

  it('refuses what does not fit, cleanly, and goes on serving', async () => {
    const { endpoint, describe: describeInstances } = await start();
    const authorization = (service: string) =>
      `AWS4-HMAC-SHA256 Credential=k/20300101/r/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const post = async (service: string, body: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(endpoint, {
        method: 'POST',
        body,
        headers: { authorization: authorization(service), ...headers },
      });
      return `${answer.status} ${await answer.text()}`;
    };
    const json = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AWSStepFunctions.DescribeExecution' };
    expect(await post('states', '{"executionArn":', json)).toMatch(/^400 .*SerializationException.*not JSON/);
    expect(await post('states', '{"executionArn":7}', json)).toMatch(/^400 .*executionArn must be a string, is 7/);
    const odd = { ...json, 'x-amz-target': 'AWSStepFunctions.constructor' };
    expect(await post('states', '{}', odd)).toMatch(/^400 .*UnknownOperationException/);
    expect(await post('constructor', '{}', { 'x-amz-target': 'constructor.x' })).toMatch(/does not have the service constructor/);
    expect(await post('states', '[]', json)).toMatch(/^400 .*the input must be an object/);
    expect(await post('states', `"${'x'.repeat(11_000_000)}"`, json)).toMatch(/^413 .*RequestEntityTooLarge/);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await post('ec2', 'Action=DescribeInstances&MaxResults=many', form)).toMatch(
      /InvalidParameterValue.*MaxResults must be a number/s,
    );
    expect(await post('ec2', 'Action=DescribeInstances&Foo.1.Bar=1', form)).toMatch(
      /UnknownParameter.*The parameter Foo is not recognized/s,
    );
    expect(await post('ec2', 'Version=1', form)).toContain('MissingAction');
    await describeInstances();
  });

  it('takes the service from a presigned query, too', async () => {
    const { endpoint } = await start();
    const answer = await fetch(
      `${endpoint}/b/k?X-Amz-Credential=k%2F20300101%2Feu%2Fs3%2Faws4_request&X-Amz-Algorithm=AWS4-HMAC-SHA256`,
    );
    expect(await answer.text()).toBe('x');
  });
});

describe('hooks', () => {
  it('see each call with its input, before and after', async () => {
    const seen: string[] = [];
    const tell = (when: string) => (call: HookedCall) =>
      void seen.push(`${when} ${call.service} ${call.operation} ${JSON.stringify(call.input)}`);
    const { describe: describeInstances } = await start({ before: tell('before'), after: tell('after') });
    await describeInstances();
    expect(seen).toEqual(['before ec2 DescribeInstances {}', 'after ec2 DescribeInstances {}']);
  });

  it('fail a call before it has an effect, or after', async () => {
    const throttled = () => {
      throw new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
    };
    const before = await start({ before: throttled });
    await expect(before.describe()).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    expect(before.effects).toHaveLength(0);
    const after = await start({ after: throttled });
    await expect(after.describe()).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    expect(after.effects).toHaveLength(1);
  });

  it('break the connection without an answer', async () => {
    const gateway = await start({
      after: () => {
        throw new CutConnection();
      },
    });
    await expect(gateway.describe()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(gateway.effects).toHaveLength(1);
    gateway.gateway.hooks = {};
    await gateway.describe();
  });
});
