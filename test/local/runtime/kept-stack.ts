/** A small stack with one of everything that keeps something, and a hand on the account it makes. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CompleteSnapshotCommand, EBSClient, PutSnapshotBlockCommand, StartSnapshotCommand } from '@aws-sdk/client-ebs';
import { DescribeSnapshotsCommand, EC2Client, RegisterImageCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { LiveRuntime } from '../../../local/runtime/live.ts';

/** Ports of their own: other tests have the same loopback addresses. */
export const BALANCER_PORT = 18_471;
const NODE_PORT = 18_472;

const ref = (Ref: string) => ({ Ref });

const machine = (states: object) => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    RoleArn: 'arn:aws:iam::1:role/r',
    DefinitionString: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'S', States: { S: states } }),
  },
});

const RESOURCES = {
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { VersioningConfiguration: { Status: 'Enabled' } } },
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    },
  },
  Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
  Ends: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: { source: ['aws.states'], detail: { status: ['ABORTED'] } },
      Targets: [{ Id: 'q', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }],
    },
  },
  Quick: machine({ Type: 'Pass', End: true }),
  Slow: machine({ Type: 'Wait', Seconds: 86_400, End: true }),
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
  Subnet: {
    Type: 'AWS::EC2::Subnet',
    Properties: { VpcId: ref('Vpc'), CidrBlock: '10.0.0.0/24', AvailabilityZone: 'eu-west-1a' },
  },
  Balancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Subnets: [ref('Subnet')] } },
  Group: {
    Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    Properties: {
      VpcId: ref('Vpc'),
      Protocol: 'HTTP',
      Port: NODE_PORT,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
    },
  },
  Listener: {
    Type: 'AWS::ElasticLoadBalancingV2::Listener',
    Properties: {
      LoadBalancerArn: ref('Balancer'),
      Port: BALANCER_PORT,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
    },
  },
};

/** Writes the assembly, with other resources too if given. */
export function writeAssembly(directory: string, resources: object = RESOURCES): string {
  mkdirSync(directory, { recursive: true });
  const artifacts = { kept: { type: 'aws:cloudformation:stack', properties: { templateFile: 'kept.json' } } };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ artifacts }));
  writeFileSync(join(directory, 'kept.json'), JSON.stringify({ Resources: resources }));
  return directory;
}

export function clientsOf({ endpoint, region }: LiveRuntime) {
  const options = { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  return {
    s3: new S3Client({ ...options, forcePathStyle: true }),
    dynamo: new DynamoDBClient(options),
    sqs: new SQSClient(options),
    ebs: new EBSClient(options),
    ec2: new EC2Client(options),
    elb: new ElasticLoadBalancingV2Client(options),
    states: new SFNClient(options),
  };
}
export type Clients = ReturnType<typeof clientsOf>;

/** Physical name of a resource of the stack. */
export const nameOf = (runtime: LiveRuntime, logicalId: string): string =>
  runtime.account.declared.find((one) => one.logicalId === logicalId)?.ref ?? '';

const RUN = `#!${process.execPath}
require('node:http').createServer((_, answer) => answer.end('hello')).listen(${NODE_PORT}, process.env.HOST, () => console.log('up'));
`;

const BLOCK = 524_288;

/** A disk with a program that answers `hello`. */
export async function diskBlock(): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: 'run', mode: 0o755, mtime: new Date(0) }, RUN);
  archive.finalize();
  const bytes = await buffer(archive);
  return Buffer.concat([bytes, Buffer.alloc(BLOCK - bytes.length)]);
}

export async function startInstance({ ebs, ec2 }: Clients, subnetId: string) {
  const { SnapshotId: snapshotId = '' } = await ebs.send(new StartSnapshotCommand({ VolumeSize: 1 }));
  const BlockData = await diskBlock();
  const Checksum = createHash('sha256').update(BlockData).digest('base64');
  const block = { BlockIndex: 0, BlockData, DataLength: BLOCK, Checksum, ChecksumAlgorithm: 'SHA256' as const };
  await ebs.send(new PutSnapshotBlockCommand({ SnapshotId: snapshotId, ...block }));
  await ebs.send(new CompleteSnapshotCommand({ SnapshotId: snapshotId, ChangedBlocksCount: 1 }));
  await until('the snapshot is complete', async () => {
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId] }));
    return Snapshots?.[0]?.State === 'completed';
  });
  const { ImageId: imageId = '' } = await ec2.send(
    new RegisterImageCommand({
      Name: 'kept/image',
      Architecture: 'arm64',
      VirtualizationType: 'hvm',
      EnaSupport: true,
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: snapshotId } }],
    }),
  );
  const launch = { ImageId: imageId, SubnetId: subnetId, InstanceType: 't4g.nano' as const, MinCount: 1, MaxCount: 1 };
  const instanceId = await retried('the image is available', async () => {
    const { Instances } = await ec2.send(new RunInstancesCommand(launch));
    return Instances?.[0]?.InstanceId ?? '';
  });
  return { snapshotId, imageId, instanceId };
}

/** Real time passes here: sockets and processes have no other. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  await retried(what, async () => {
    if (!(await isSo())) throw new Error(`not yet: ${what}`);
  });
}

async function retried<T>(what: string, run: () => Promise<T>): Promise<T> {
  const ends = performance.now() + 10_000;
  for (;;) {
    try {
      return await run();
    } catch (cause) {
      if (performance.now() > ends) throw new Error(`waited in vain: ${what}`, { cause });
      await new Promise((done) => setTimeout(done, 25));
    }
  }
}
