/** The local account has what the app and a user's AWS CLI session need, and no more: every operation has a user. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../local/kernel/clock-virtual.ts';
import { createRandom } from '../../local/kernel/random.ts';
import { MemoryTrace } from '../../local/kernel/trace.ts';
import { accountFacts } from '../../local/runtime/account.ts';
import { composeServices } from '../../local/runtime/compose.ts';

/** What one looks with, uploads with, and kills nodes with, from a terminal: `aws s3 cp|ls|rm`, `describe-…`, `list-…`, logs, dead letters. */
const CLI_SESSION = new Set([
  ...[
    's3:AbortMultipartUpload',
    's3:CompleteMultipartUpload',
    's3:CopyObject',
    's3:CreateMultipartUpload',
    's3:DeleteObject',
    's3:DeleteObjects',
  ],
  ...[
    's3:GetBucketLocation',
    's3:GetBucketVersioning',
    's3:GetObject',
    's3:HeadBucket',
    's3:HeadObject',
    's3:ListBuckets',
    's3:ListObjectVersions',
  ],
  ...['s3:ListObjectsV2', 's3:ListParts', 's3:UploadPart', 's3:PutObject'],
  ...['ebs:GetSnapshotBlock', 'ebs:ListSnapshotBlocks'],
  ...['ec2:DescribeVpcs', 'ec2:DescribeSubnets', 'ec2:DescribeLaunchTemplates', 'ec2:DescribeLaunchTemplateVersions'],
  ...['ec2:GetConsoleOutput', 'ec2:RebootInstances', 'ec2:StopInstances', 'ec2:TerminateInstances', 'ec2:CreateSnapshot'],
  ...['ec2:DescribeSnapshots', 'ec2:DescribeImages'],
  ...[
    'states:StopExecution',
    'states:DescribeStateMachine',
    'states:GetExecutionHistory',
    'states:ListStateMachines',
    'states:ListExecutions',
  ],
  ...['states:StartExecution', 'states:DescribeExecution', 'states:DescribeStateMachineForExecution'],
  ...[
    'elasticloadbalancing:DescribeLoadBalancers',
    'elasticloadbalancing:DescribeTargetGroups',
    'elasticloadbalancing:DescribeListeners',
  ],
  ...['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTags'],
  ...['monitoring:ListMetrics', 'monitoring:DescribeAlarms', 'monitoring:GetMetricStatistics', 'monitoring:PutMetricData'],
  ...['lambda:Invoke', 'lambda:ListFunctions', 'lambda:GetFunction'],
  ...['events:ListRules', 'events:DescribeRule', 'events:ListTargetsByRule', 'events:PutEvents', 'events:TestEventPattern'],
  ...['logs:DescribeLogGroups', 'logs:DescribeLogStreams', 'logs:GetLogEvents', 'logs:FilterLogEvents'],
  ...['sqs:ListQueues', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'],
  ...['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath', 'sns:ListTopics'],
]);

const root = path.resolve(import.meta.dirname, '../..');

function sources(room: string): readonly string[] {
  return readdirSync(path.join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(path.join(root, room, name), 'utf8'));
}

/** Operation names of the SDK commands and paginators that the app calls. */
function calledByTheApp(): ReadonlySet<string> {
  const text = ['adapters', 'lambdas', 'cli', 'demo'].flatMap(sources).join('\n');
  const commands = [...text.matchAll(/new (\w+)Command\(/g), ...text.matchAll(/paginate(\w+)\(/g)].map((found) => found[1] ?? '');
  const integrations = [
    ...sources('lib')
      .join('\n')
      .matchAll(/aws-sdk:\w+:(\w+)/g),
  ].map((found) => {
    const name = found[1] ?? '';
    return name.charAt(0).toUpperCase() + name.slice(1);
  });
  return new Set([...commands, ...integrations]);
}

function localOperations(): readonly string[] {
  const time = new VirtualClock();
  const world = { time, random: createRandom(1), trace: new MemoryTrace(() => 0), account: accountFacts('eu-west-1', () => '') };
  const executor = () => ({ run: () => Promise.reject(new Error('nothing runs here')), stop: () => undefined });
  const { services } = composeServices({
    world,
    executor: executor as never,
    children: { add: () => undefined, remove: () => undefined },
    isVirtual: true,
  });
  return services.flatMap((service) => Object.keys(service.operations).map((operation) => `${service.name}:${operation}`));
}

describe('the local account', () => {
  it('has no operation that neither the app nor an AWS CLI session uses', () => {
    const called = calledByTheApp();
    const unused = localOperations().filter((name) => !CLI_SESSION.has(name) && !called.has(name.split(':')[1] ?? ''));
    expect(unused).toEqual([]);
  });

  it('has every operation that this page lists for an AWS CLI session', () => {
    const had = new Set(localOperations());
    expect([...CLI_SESSION].filter((name) => !had.has(name))).toEqual([]);
  });

  it('has every operation that the app calls', () => {
    const had = new Set(localOperations().map((name) => name.split(':')[1]));
    // DynamoDB's are dynalite's; the document client has its own names for them.
    const dynamo = new Set(['Get', 'Put', 'Query', 'Update', 'Delete', 'Scan']);
    expect([...calledByTheApp()].filter((name) => !dynamo.has(name) && !had.has(name))).toEqual([]);
  });
});
