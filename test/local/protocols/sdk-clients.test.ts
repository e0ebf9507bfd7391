/** The codecs against the SDK's own clients: what a client sends arrives as it was, what is answered arrives as it was. */
import { CloudWatchClient, GetMetricData$, GetMetricDataCommand, ResourceNotFound } from '@aws-sdk/client-cloudwatch';
import {
  EBSClient,
  GetSnapshotBlock$,
  GetSnapshotBlockCommand,
  PutSnapshotBlock$,
  PutSnapshotBlockCommand,
  StartSnapshot$,
  StartSnapshotCommand,
} from '@aws-sdk/client-ebs';
import {
  DescribeInstances$,
  DescribeInstancesCommand,
  EC2Client,
  RunInstances$,
  RunInstancesCommand,
  DeleteSnapshot$,
  DeleteSnapshotCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeTags$,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
  ModifyRule$,
  ModifyRuleCommand,
  RuleNotFoundException,
  SetRulePriorities$,
  SetRulePrioritiesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { Invoke$, InvokeCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import {
  DescribeExecution$,
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  SFNClient,
  StartExecution$,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { NotFoundException, Publish$, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  QueueDoesNotExist,
  ReceiveMessage$,
  ReceiveMessageCommand,
  SendMessage$,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/kernel/aws-error.ts';
import { listen, madeUp } from '../gateway/harness.ts';
import type { Answer } from '../gateway/harness.ts';
import type { StaticOperationSchema } from '@smithy/types';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Serves one operation; `asked` is the last input. */
async function serving(service: string, schema: StaticOperationSchema, answer: Answer) {
  const asked: unknown[] = [];
  const gateway = await listen([madeUp(service, [schema, (input, call) => (asked.push(input), answer(input, call))])]);
  closing.push(gateway.close);
  return { asked, config: gateway.config, bugs: gateway.bugs };
}

const refusing =
  (code: string, status?: number): Answer =>
  () => {
    throw new AwsError(code, `no <such> thing & more`, status);
  };

describe('AWS JSON', () => {
  it('carries text, instants and their absence both ways', async () => {
    const startDate = new Date('2030-01-02T03:04:05.678Z');
    const { asked, config } = await serving('states', StartExecution$, () => ({
      executionArn: 'arn:x',
      startDate,
      unknownToAws: 1,
    }));
    const answer = await new SFNClient(config).send(
      new StartExecutionCommand({ stateMachineArn: 'arn:m', name: 'ü"\n', input: '{}' }),
    );
    expect(asked).toEqual([{ stateMachineArn: 'arn:m', name: 'ü"\n', input: '{}' }]);
    expect(answer).toMatchObject({ executionArn: 'arn:x', startDate });
    expect(answer).not.toHaveProperty('unknownToAws');
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('raises the SDK’s own error classes, with the message', async () => {
    const { config } = await serving('states', DescribeExecution$, refusing('ExecutionAlreadyExists'));
    const failure = new SFNClient(config).send(new DescribeExecutionCommand({ executionArn: 'arn:x' }));
    await expect(failure).rejects.toBeInstanceOf(ExecutionAlreadyExists);
    await expect(failure).rejects.toThrow('no <such> thing & more');
  });

  it('carries blobs, lists, maps and numbers', async () => {
    const { asked, config } = await serving('sqs', SendMessage$, () => ({
      MessageId: 'm',
      MD5OfMessageBody: '49f68a5c8493ec2c0bf489821c21fc3b',
    }));
    const attributes = { a: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) } };
    await new SQSClient(config).send(
      new SendMessageCommand({ QueueUrl: 'http://q', MessageBody: 'hi', DelaySeconds: 3, MessageAttributes: attributes }),
    );
    expect(asked).toEqual([
      {
        QueueUrl: 'http://q',
        MessageBody: 'hi',
        DelaySeconds: 3,
        MessageAttributes: { a: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) } },
      },
    ]);
  });

  it('answers query’s error codes too where a service once spoke it', async () => {
    const { config } = await serving('sqs', ReceiveMessage$, refusing('QueueDoesNotExist'));
    const failure = new SQSClient(config).send(new ReceiveMessageCommand({ QueueUrl: 'http://q' }));
    await expect(failure).rejects.toBeInstanceOf(QueueDoesNotExist);
    await expect(failure).rejects.toMatchObject({ Error: { Code: 'AWS.SimpleQueueService.NonExistentQueue', Type: 'Sender' } });
  });

  it('carries CloudWatch’s numbers and instants', async () => {
    const Timestamps = [new Date('2030-01-01T00:00:00Z'), new Date('2030-01-01T00:01:00Z')];
    const { asked, config } = await serving('monitoring', GetMetricData$, () => ({
      MetricDataResults: [{ Id: 'm', Timestamps, Values: [1.5, -2e-9] }],
      Messages: [],
    }));
    const request = {
      StartTime: Timestamps[0],
      EndTime: Timestamps[1],
      MetricDataQueries: [{ Id: 'm', Expression: 'SUM(x)', Period: 60 }],
    };
    const answer = await new CloudWatchClient(config).send(new GetMetricDataCommand(request));
    expect(asked).toEqual([request]);
    expect(answer.MetricDataResults).toEqual([{ Id: 'm', Timestamps, Values: [1.5, -2e-9] }]);
    expect(answer.Messages).toEqual([]);
    const failing = await serving('monitoring', GetMetricData$, refusing('ResourceNotFound'));
    await expect(new CloudWatchClient(failing.config).send(new GetMetricDataCommand(request))).rejects.toBeInstanceOf(
      ResourceNotFound,
    );
  });
});

describe('AWS query', () => {
  const actions = [
    {
      Type: 'forward' as const,
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: 'a', Weight: 0 },
          { TargetGroupArn: 'b', Weight: 100 },
        ],
        TargetGroupStickinessConfig: { Enabled: false },
      },
    },
  ];

  it('carries nested lists, empty lists, numbers and booleans both ways', async () => {
    const { asked, config } = await serving('elasticloadbalancing', ModifyRule$, () => ({
      Rules: [{ RuleArn: 'r', Priority: '100', IsDefault: false, Actions: actions, Conditions: [] }],
    }));
    const answer = await new ElasticLoadBalancingV2Client(config).send(
      new ModifyRuleCommand({ RuleArn: 'r', Actions: actions, Conditions: [] }),
    );
    expect(asked).toEqual([{ RuleArn: 'r', Actions: actions, Conditions: [] }]);
    expect(answer.Rules).toEqual([{ RuleArn: 'r', Priority: '100', IsDefault: false, Actions: actions, Conditions: [] }]);
  });

  it('keeps the order of more than nine elements', async () => {
    const arns = Array.from({ length: 12 }, (_, i) => `arn${i}`);
    const { asked, config } = await serving('elasticloadbalancing', DescribeTags$, () => ({
      TagDescriptions: arns.map((ResourceArn) => ({ ResourceArn, Tags: [] })),
    }));
    const answer = await new ElasticLoadBalancingV2Client(config).send(new DescribeTagsCommand({ ResourceArns: arns }));
    expect(asked).toEqual([{ ResourceArns: arns }]);
    expect(answer.TagDescriptions?.map((one) => one.ResourceArn)).toEqual(arns);
  });

  it('raises the SDK’s error class by the wire’s shorter code and by the class’s name', async () => {
    for (const code of ['RuleNotFound', 'RuleNotFoundException']) {
      const { config } = await serving('elasticloadbalancing', SetRulePriorities$, refusing(code));
      const failure = new ElasticLoadBalancingV2Client(config).send(new SetRulePrioritiesCommand({ RulePriorities: [] }));
      await expect(failure).rejects.toBeInstanceOf(RuleNotFoundException);
      await expect(failure).rejects.toMatchObject({ Error: { Code: 'RuleNotFound', Type: 'Sender' } });
      await expect(failure).rejects.toThrow('no <such> thing & more');
    }
  });

  it('carries maps, and gives an error the status its model says', async () => {
    const { asked, config } = await serving('sns', Publish$, () => ({ MessageId: 'm' }));
    const attributes = {
      kind: { DataType: 'String', StringValue: 'a&b=c' },
      b: { DataType: 'Binary', BinaryValue: new Uint8Array([1]) },
    };
    const answer = await new SNSClient(config).send(
      new PublishCommand({ TopicArn: 't', Message: 'ü +', MessageAttributes: attributes }),
    );
    expect(asked).toEqual([
      {
        TopicArn: 't',
        Message: 'ü +',
        MessageAttributes: { ...attributes, b: { DataType: 'Binary', BinaryValue: Buffer.from([1]) } },
      },
    ]);
    expect(answer.MessageId).toBe('m');
    const failing = await serving('sns', Publish$, refusing('NotFound'));
    const failure = new SNSClient(failing.config).send(new PublishCommand({ TopicArn: 't', Message: 'x' }));
    await expect(failure).rejects.toBeInstanceOf(NotFoundException);
    await expect(failure).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });
});

describe('EC2 query', () => {
  it('carries what RunInstances has of lists in lists, blobs and numbers', async () => {
    const LaunchTime = new Date('2030-01-01T00:00:00.000Z');
    const { asked, config } = await serving('ec2', RunInstances$, () => ({
      ReservationId: 'r-1',
      Instances: [
        {
          InstanceId: 'i-1',
          LaunchTime,
          EbsOptimized: false,
          Tags: [{ Key: 'a', Value: '<&>' }],
          State: { Code: 0, Name: 'pending' },
          BlockDeviceMappings: [],
        },
      ],
    }));
    const request = {
      MinCount: 1,
      MaxCount: 2,
      ClientToken: 'token',
      LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '3' },
      ImageId: 'ami-1',
      SubnetId: 'subnet-1',
      TagSpecifications: [
        {
          ResourceType: 'instance' as const,
          Tags: [
            { Key: 'k', Value: 'v w' },
            { Key: 'l', Value: '' },
          ],
        },
      ],
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { VolumeSize: 8, DeleteOnTermination: true } }],
      SecurityGroupIds: ['sg-1', 'sg-2'],
    };
    const answer = await new EC2Client(config).send(new RunInstancesCommand(request));
    expect(asked).toEqual([request]);
    expect(answer.Instances).toEqual([
      {
        InstanceId: 'i-1',
        LaunchTime,
        EbsOptimized: false,
        Tags: [{ Key: 'a', Value: '<&>' }],
        State: { Code: 0, Name: 'pending' },
        BlockDeviceMappings: [],
      },
    ]);
  });

  it('carries filters, and names its errors as EC2 does', async () => {
    const { asked, config } = await serving('ec2', DescribeInstances$, refusing('InvalidInstanceID.NotFound'));
    const request = {
      Filters: [
        { Name: 'tag:a', Values: ['1', '2'] },
        { Name: 'instance-state-name', Values: ['running'] },
      ],
      MaxResults: 50,
    };
    const failure = new EC2Client(config).send(new DescribeInstancesCommand(request));
    await expect(failure).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound', message: 'no <such> thing & more' });
    expect(asked).toEqual([request]);
  });

  it('answers an operation without output', async () => {
    const { config } = await serving('ec2', DeleteSnapshot$, () => undefined);
    await new EC2Client(config).send(new DeleteSnapshotCommand({ SnapshotId: 'snap-1' }));
  });
});

describe('REST-JSON', () => {
  it('carries a document and the status the operation has', async () => {
    const { asked, config } = await serving('ebs', StartSnapshot$, () => ({
      SnapshotId: 'snap-1',
      BlockSize: 524288,
      StartTime: new Date(0),
      Tags: [],
    }));
    const answer = await new EBSClient(config).send(
      new StartSnapshotCommand({ VolumeSize: 1, ClientToken: 't', Timeout: 60, Tags: [{ Key: 'a', Value: 'b' }] }),
    );
    expect(asked).toEqual([{ VolumeSize: 1, ClientToken: 't', Timeout: 60, Tags: [{ Key: 'a', Value: 'b' }] }]);
    expect(answer).toMatchObject({ SnapshotId: 'snap-1', StartTime: new Date(0), Tags: [], $metadata: { httpStatusCode: 201 } });
  });

  it('streams a block in, with labels and headers, and a block out', async () => {
    const block = Buffer.alloc(524_288, 7);
    let arrived: Buffer | undefined;
    const put = await serving(
      'ebs',
      PutSnapshotBlock$,
      async (input: { BlockData: Readable }) => (
        (arrived = await buffer(input.BlockData)),
        { Checksum: 'c', ChecksumAlgorithm: 'SHA256' }
      ),
    );
    const request = {
      SnapshotId: 'snap-1',
      BlockIndex: 42,
      BlockData: block,
      DataLength: block.length,
      Checksum: 'c',
      ChecksumAlgorithm: 'SHA256' as const,
    };
    const answer = await new EBSClient(put.config).send(new PutSnapshotBlockCommand(request));
    expect(arrived?.equals(block)).toBe(true);
    expect(put.asked).toMatchObject([
      { SnapshotId: 'snap-1', BlockIndex: 42, DataLength: 524_288, Checksum: 'c', ChecksumAlgorithm: 'SHA256' },
    ]);
    expect(answer).toMatchObject({ Checksum: 'c', ChecksumAlgorithm: 'SHA256' });

    const get = await serving('ebs', GetSnapshotBlock$, () => ({
      DataLength: 3,
      BlockData: Buffer.from('abc'),
      Checksum: 'c',
      ChecksumAlgorithm: 'SHA256',
    }));
    const got = await new EBSClient(get.config).send(
      new GetSnapshotBlockCommand({ SnapshotId: 's', BlockIndex: 0, BlockToken: 'a/b=' }),
    );
    expect(await got.BlockData?.transformToString()).toBe('abc');
    expect(get.asked).toEqual([{ SnapshotId: 's', BlockIndex: 0, BlockToken: 'a/b=' }]);
  });

  it('carries an invocation: ARN in the path, payload, status and function error', async () => {
    const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:f:3';
    const { asked, config } = await serving('lambda', Invoke$, () => ({
      StatusCode: 202,
      FunctionError: 'Unhandled',
      Payload: Buffer.from('{"a":1}'),
    }));
    const answer = await new LambdaClient(config).send(
      new InvokeCommand({ FunctionName: arn, InvocationType: 'Event', Payload: '{"b":2}' }),
    );
    expect(asked).toEqual([{ FunctionName: arn, InvocationType: 'Event', Payload: Buffer.from('{"b":2}') }]);
    expect(answer).toMatchObject({ StatusCode: 202, FunctionError: 'Unhandled' });
    expect(answer.Payload?.transformToString()).toBe('{"a":1}');
  });

  it('raises the SDK’s error class with the status its model says', async () => {
    const { config } = await serving('lambda', Invoke$, refusing('ResourceNotFoundException'));
    const failure = new LambdaClient(config).send(new InvokeCommand({ FunctionName: 'f' }));
    await expect(failure).rejects.toBeInstanceOf(ResourceNotFoundException);
    await expect(failure).rejects.toMatchObject({ message: 'no <such> thing & more', $metadata: { httpStatusCode: 404 } });
  });
});
