import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSnapshotBlockCommand, ListSnapshotBlocksCommand } from '@aws-sdk/client-ebs';
import { DescribeImagesCommand, DescribeInstancesCommand, GetConsoleOutputCommand } from '@aws-sdk/client-ec2';
import {
  CreateRuleCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLive } from '../../../local/runtime/live.ts';
import type { LiveRuntime } from '../../../local/runtime/live.ts';
import { BALANCER_PORT, clientsOf, diskBlock, nameOf, startInstance, until, writeAssembly } from './kept-stack.ts';
import type { Clients } from './kept-stack.ts';

const root = mkdtempSync(join(tmpdir(), 'kept-account-'));
const stateDir = join(root, 'state');
const accountFile = join(stateDir, 'account.json');
const assembly = writeAssembly(join(root, 'assembly'));
const open = (more: { readonly assembly?: string } = {}) => openLive({ assembly, seed: 1, speed: 60, stateDir, ...more });

const ask = async (): Promise<string> => {
  const answer = await fetch(`http://127.0.1.1:${BALANCER_PORT}/`);
  return `${answer.status} ${await answer.text()}`;
};

/** What was there before the account was closed. */
interface Before {
  readonly made: Awaited<ReturnType<typeof startInstance>>;
  readonly address: string | undefined;
  readonly quick: string;
  readonly slow: string;
  readonly stopped: string;
  readonly endedAt: number;
}

async function liveIn(runtime: LiveRuntime, aws: Clients): Promise<Before> {
  const Bucket = nameOf(runtime, 'Bucket');
  for (const Body of ['first', 'second']) await aws.s3.send(new PutObjectCommand({ Bucket, Key: 'a/key', Body }));
  const Item = { pk: { S: 'one' }, count: { N: '7' }, list: { L: [{ BOOL: true }] } };
  await aws.dynamo.send(new PutItemCommand({ TableName: nameOf(runtime, 'Table'), Item }));
  const start = async (machine: string, name: string) => {
    const input = { stateMachineArn: nameOf(runtime, machine), name, input: '{"n":1}' };
    return (await aws.states.send(new StartExecutionCommand(input))).executionArn ?? '';
  };
  const [quick, slow, stopped] = [await start('Quick', 'done'), await start('Slow', 'in-flight'), await start('Slow', 'stopped')];
  await aws.states.send(new StopExecutionCommand({ executionArn: stopped }));
  const made = await startInstance(aws, nameOf(runtime, 'Subnet'));
  const address = await serveFrom(runtime, aws, made.instanceId);
  await until('the end of the stopped one is in the queue', async () => (await inQueue(runtime, aws)) === 1);
  return { made, address, quick, slow, stopped, endedAt: runtime.account.world.time.now() };
}

async function serveFrom(runtime: LiveRuntime, aws: Clients, instanceId: string): Promise<string | undefined> {
  const TargetGroupArn = nameOf(runtime, 'Group');
  await until('the instance runs', async () => (await describe1(aws, instanceId))?.State?.Name === 'running');
  await aws.elb.send(
    new CreateRuleCommand({
      ListenerArn: nameOf(runtime, 'Listener'),
      Priority: 100,
      Conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
      Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn, Weight: 7 }] } }],
    }),
  );
  await aws.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: instanceId }] }));
  await until('the load balancer answers', async () => (await ask()) === '200 hello');
  return (await describe1(aws, instanceId))?.PrivateIpAddress;
}

async function inQueue(runtime: LiveRuntime, aws: Clients): Promise<number> {
  const wanted = { QueueUrl: nameOf(runtime, 'Queue'), AttributeNames: ['ApproximateNumberOfMessages' as const] };
  return Number((await aws.sqs.send(new GetQueueAttributesCommand(wanted))).Attributes?.ApproximateNumberOfMessages);
}

const describe1 = async (aws: Clients, id: string) =>
  (await aws.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations?.[0]?.Instances?.[0];

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('an account that was closed and is opened again', () => {
  let before: Before;
  let runtime: LiveRuntime;
  let aws: Clients;
  beforeAll(async () => {
    const first = await open();
    before = await liveIn(first, clientsOf(first)).finally(() => first.stop());
    runtime = await open();
    aws = clientsOf(runtime);
  });
  afterAll(() => runtime.stop());

  it('goes on at the time where it stood', () => {
    const now = runtime.account.world.time.now();
    expect(now).toBeGreaterThanOrEqual(before.endedAt);
    expect(now - before.endedAt).toBeLessThan(3_600_000);
  });

  it('has its objects, with every version', async () => {
    const Bucket = nameOf(runtime, 'Bucket');
    const current = await aws.s3.send(new GetObjectCommand({ Bucket, Key: 'a/key' }));
    expect(await current.Body?.transformToString()).toBe('second');
    const { Versions = [] } = await aws.s3.send(new ListObjectVersionsCommand({ Bucket }));
    const oldest = await aws.s3.send(new GetObjectCommand({ Bucket, Key: 'a/key', VersionId: Versions[1]?.VersionId }));
    expect(await oldest.Body?.transformToString()).toBe('first');
  });

  it('writes new objects beside the old ones', async () => {
    const Bucket = nameOf(runtime, 'Bucket');
    await aws.s3.send(new PutObjectCommand({ Bucket, Key: 'b', Body: 'third' }));
    const { Versions = [] } = await aws.s3.send(new ListObjectVersionsCommand({ Bucket }));
    const texts = Versions.map(async ({ Key, VersionId }) => {
      const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key: Key ?? '', VersionId }));
      return Body?.transformToString();
    });
    expect(await Promise.all(texts)).toEqual(['second', 'first', 'third']);
  });

  it('has its items', async () => {
    const found = await aws.dynamo.send(new GetItemCommand({ TableName: nameOf(runtime, 'Table'), Key: { pk: { S: 'one' } } }));
    expect(found.Item).toEqual({ pk: { S: 'one' }, count: { N: '7' }, list: { L: [{ BOOL: true }] } });
  });

  it('has its snapshots, byte for byte, and the images made of them', async () => {
    const { snapshotId: SnapshotId, imageId } = before.made;
    const { Blocks = [] } = await aws.ebs.send(new ListSnapshotBlocksCommand({ SnapshotId }));
    const [block] = Blocks;
    const read = await aws.ebs.send(
      new GetSnapshotBlockCommand({ SnapshotId, BlockIndex: block?.BlockIndex, BlockToken: block?.BlockToken }),
    );
    expect((await diskBlock()).equals((await read.BlockData?.transformToByteArray()) ?? Buffer.of())).toBe(true);
    const { Images = [] } = await aws.ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
    expect(Images[0]).toMatchObject({ Name: 'kept/image', State: 'available', Architecture: 'arm64' });
  });

  it('boots what ran, under its address and behind its load balancer, by the rule somebody made', async () => {
    await until('the load balancer answers again', async () => (await ask()) === '200 hello');
    expect(await describe1(aws, before.made.instanceId)).toMatchObject({
      State: { Name: 'running' },
      PrivateIpAddress: before.address,
    });
    const { Rules = [] } = await aws.elb.send(new DescribeRulesCommand({ ListenerArn: nameOf(runtime, 'Listener') }));
    expect(Rules[0]).toMatchObject({ Priority: '100', Actions: [{ ForwardConfig: { TargetGroups: [{ Weight: 7 }] } }] });
    const health = await aws.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: nameOf(runtime, 'Group') }));
    expect(health.TargetHealthDescriptions?.map(({ Target }) => Target?.Id)).toEqual([before.made.instanceId]);
  });

  it('keeps what an instance printed', async () => {
    const wanted = { InstanceId: before.made.instanceId, Latest: true };
    const printed = async () =>
      Buffer.from((await aws.ec2.send(new GetConsoleOutputCommand(wanted))).Output ?? '', 'base64').toString();
    await until('both boots are on the console', async () => (await printed()).match(/^up$/gm)?.length === 2);
  });

  it('shows what executions did', async () => {
    const executionArn = before.quick;
    expect(await aws.states.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"n":1}',
    });
    const { events = [] } = await aws.states.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
    expect(events[0]?.timestamp?.getTime()).toBeLessThanOrEqual(before.endedAt);
  });

  it('ends executions that were in flight, and says so to whoever listens', async () => {
    const { slow } = before;
    expect(runtime.notes).toEqual([`The execution ${slow} was in flight: it is ABORTED.`]);
    expect(await aws.states.send(new DescribeExecutionCommand({ executionArn: slow }))).toMatchObject({
      status: 'ABORTED',
      cause: 'The local runtime ended while this execution ran.',
    });
    const { events = [] } = await aws.states.send(new GetExecutionHistoryCommand({ executionArn: slow, reverseOrder: true }));
    expect(events[0]?.type).toBe('ExecutionAborted');
    await until('the end is in the queue, behind the one of the run before', async () => (await inQueue(runtime, aws)) === 2);
    const QueueUrl = nameOf(runtime, 'Queue');
    const { Messages = [] } = await aws.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    const details = Messages.map(({ Body = '' }) => JSON.parse(Body) as { detail: { executionArn: string; status: string } });
    expect(details.map(({ detail }) => [detail.executionArn, detail.status])).toEqual([
      [before.stopped, 'ABORTED'],
      [slow, 'ABORTED'],
    ]);
  });

  it('is one runtime’s at a time', async () => {
    await expect(open()).rejects.toThrow(`the local runtime with process id ${process.pid} uses it. Stop that one`);
    expect(existsSync(join(stateDir, 'lock.json'))).toBe(true);
  });
});

describe('a state folder that cannot be used', () => {
  it('is refused when it was made with other templates, and stays as it was', async () => {
    const kept = readFileSync(accountFile, 'utf8');
    const other = writeAssembly(join(root, 'other'), {
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'renamed' } },
    });
    await expect(open({ assembly: other })).rejects.toThrow(
      /made with other templates \(kept\/Bucket was .*, is renamed.*--state/,
    );
    expect(readFileSync(accountFile, 'utf8')).toBe(kept);
  });

  it('is refused when a service’s part is damaged, naming the part', async () => {
    const whole = readFileSync(accountFile, 'utf8');
    writeFileSync(accountFile, whole.replace('"addressesGiven":1', '"addressesGiven":"one"'));
    await expect(open()).rejects.toThrow(/what it has of ec2 cannot be taken back .*addressesGiven/s);
    writeFileSync(accountFile, whole);
  });

  it('may be opened once it is free again', async () => {
    await (await open()).stop();
    expect(existsSync(join(stateDir, 'lock.json'))).toBe(false);
  });
});
