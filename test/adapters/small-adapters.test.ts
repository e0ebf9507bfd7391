import { generateKeyPairSync, sign } from 'node:crypto';
import { DynamoDBClient, ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { isPassing } from '../../adapters/aws-failure.ts';
import { DynamoItems } from '../../adapters/dynamo-items.ts';
import { NodeHashing } from '../../adapters/node-hashing.ts';
import { SfnExecutions, toExecutionArn, toRunState } from '../../adapters/sfn-executions.ts';
import { toNotice } from '../../adapters/sns-notices.ts';
import { SsmCatalog } from '../../adapters/ssm-catalog.ts';
import { parseService } from '../../lambdas/shared/service-schema.ts';
import { aService } from './a-service.ts';
import { answering, failure, fails } from './answering.ts';

describe('SsmCatalog', () => {
  const open = (answers: Parameters<typeof answering>[1]) =>
    new SsmCatalog(answering(new SSMClient({ region: 'eu-west-1' }), answers).client, '/tandem/services', parseService);
  const parameter = (value: unknown) => ({ GetParameter: () => ({ Parameter: { Value: JSON.stringify(value) } }) });

  it('gives a service back as its stack declared it', async () => {
    expect(await open(parameter(aService())).find('hello')).toEqual(aService());
  });

  it('knows no service without a parameter', async () => {
    expect(await open({ GetParameter: fails('ParameterNotFound') }).find('hello')).toBeUndefined();
  });

  it('says which field of a parameter does not fit, and what to do', async () => {
    const { file, resources } = aService();
    const broken = { file, resources: { ...resources, listener: 5 } };
    await expect(open(parameter(broken)).find('hello')).rejects.toMatchObject({
      name: 'InputInvalid',
      message: expect.stringMatching(
        /services\/hello.*resources\.listener: found 5.*Deploy the stack of "hello" again/s,
      ) as string,
    });
  });

  it('names all services, over all pages', async () => {
    const catalog = open({
      GetParametersByPath: (_input, call) => ({
        Parameters: [{ Name: `/tandem/services/${call === 0 ? 'web' : 'api'}` }],
        ...(call === 0 && { NextToken: 'more' }),
      }),
    });
    expect(await catalog.names()).toEqual(['api', 'web']);
  });
});

describe('SfnExecutions', () => {
  const machine = 'arn:aws:states:eu-west-1:123456789012:stateMachine:tandem-release';
  const open = (answers: Parameters<typeof answering>[1]) => {
    const { client, asked } = answering(new SFNClient({ region: 'eu-west-1' }), answers);
    return { executions: new SfnExecutions(client, { release: machine, rollback: 'arn:rollback' }), asked };
  };
  const run = { service: 'hello', version: '1.0.0', fence: 7 };

  it('starts by a name made of service, version and fence; one that exists is success', async () => {
    const { executions, asked } = open({ StartExecution: (_input, call) => (call > 0 ? fails('ExecutionAlreadyExists')() : {}) });
    await executions.startRelease(run);
    await executions.startRelease(run);
    expect(asked[0]?.input).toEqual({ stateMachineArn: machine, name: 'release-hello-1.0.0-7', input: JSON.stringify(run) });
  });

  it('gives a rollback its reason and nothing else of what it is handed', async () => {
    const { executions, asked } = open({ StartExecution: () => ({}) });
    await executions.startRollback({ ...run, ...{ by: 'somebody' } }, 'it failed');
    expect(JSON.parse(String(asked[0]?.input['input']))).toEqual({ ...run, why: 'it failed' });
  });

  it('tells an execution that was never started from one that failed', async () => {
    expect(await open({ DescribeExecution: fails('ExecutionDoesNotExist') }).executions.releaseState(run)).toBe('none');
    expect(await open({ DescribeExecution: () => ({ status: 'ABORTED' }) }).executions.releaseState(run)).toBe('failed');
    expect([toRunState('RUNNING'), toRunState('TIMED_OUT'), toRunState('SUCCEEDED')]).toEqual(['running', 'failed', 'succeeded']);
    expect(toExecutionArn(machine, 'x')).toBe('arn:aws:states:eu-west-1:123456789012:execution:tandem-release:x');
  });
});

describe('DynamoItems', () => {
  const key = { pk: 'SERVICE#hello', sk: 'RECORD' };
  const taken = () => Promise.reject(new ConditionalCheckFailedException({ $metadata: {}, message: 'failed' }));
  const open = (stored: Record<string, unknown>) => {
    const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-west-1' }));
    const { client: answered } = answering(client, { PutItem: taken, GetItem: () => ({ Item: stored }) });
    return { items: new DynamoItems(answered, 'tandem') };
  };

  it('takes a failed condition for success where its own write, whose answer was lost, is what is stored', async () => {
    const { items } = open({ ...key, revision: 3, inFlight: '1.0.0' });
    const written = await items.put(key, 'it', { revision: 2, inFlight: '1.0.0', stable: undefined });
    expect(written.revision).toBe(3);
  });

  it('takes it for a conflict where another writer was first', async () => {
    const { items } = open({ ...key, revision: 3, inFlight: '1.1.0' });
    await expect(items.put(key, 'it', { revision: 2, inFlight: '1.0.0' })).rejects.toMatchObject({ name: 'RecordConflict' });
  });
});

describe('NodeHashing', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const message = Buffer.from('manifest');
  const signature = sign(null, message, privateKey).toString('base64');
  const hashing = new NodeHashing();

  it('takes only the signature of that message by that key', () => {
    expect(hashing.isSignedBy(pem, message, signature)).toBe(true);
    expect(hashing.isSignedBy(pem, Buffer.from('Manifest'), signature)).toBe(false);
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(hashing.isSignedBy(other, message, signature)).toBe(false);
  });

  it('takes nothing malformed, and no other kind of key', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const ecPem = ec.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(hashing.isSignedBy('no key', message, signature)).toBe(false);
    expect(hashing.isSignedBy(pem, message, '%%%')).toBe(false);
    expect(hashing.isSignedBy(ecPem, message, sign('sha256', message, ec.privateKey).toString('base64'))).toBe(false);
  });
});

describe('a notice', () => {
  it('has a stable id, and a subject SNS takes for the longest names', () => {
    const release = { service: 'a'.repeat(20), version: `1.0.0-${'b'.repeat(26)}` };
    const transition = { id: 'x#4-1', stage: 'superseded', at: 0, why: 'w', by: 'tandem', notified: false } as const;
    const { Subject, Message } = toNotice(release, transition);
    expect(Subject.length).toBeLessThanOrEqual(100);
    expect(JSON.parse(Message)).toMatchObject({ id: 'x#4-1', stage: 'superseded', at: '1970-01-01T00:00:00.000Z' });
  });
});

describe('isPassing', () => {
  it('holds for throttling, lost answers and faults of the service, and for nothing else', () => {
    const status = (httpStatusCode: number) => Object.assign(failure('Any'), { $metadata: { httpStatusCode } });
    const reset = Object.assign(failure('Error'), { code: 'ECONNRESET' });
    expect([failure('RequestLimitExceeded'), failure('TimeoutError'), status(503), reset].every(isPassing)).toBe(true);
    expect([failure('AccessDenied'), status(400), new TypeError('x'), undefined].some(isPassing)).toBe(false);
  });
});
