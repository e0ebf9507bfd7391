import { ListTopicsCommand, NotFoundException, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, expect, it } from 'vitest';
import { createSns } from '../../../local/services/sns/sns.ts';
import { createSqs } from '../../../local/services/sqs/sqs.ts';
import { listen, testWorld } from '../gateway/harness.ts';

let close: () => Promise<void> = () => Promise.resolve();
afterEach(() => close());

const declared = (type: string, properties: Record<string, unknown>) => ({
  stack: 's',
  logicalId: 'T',
  type,
  path: 's/T',
  properties,
});
const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:notices';

async function start() {
  const world = testWorld();
  const enqueued: unknown[] = [];
  const queues: [string, string][] = [];
  const functions = {
    invoke: () => Promise.reject(new Error('not asked')),
    enqueue: (name: string, event: unknown) => void enqueued.push([name, event]),
  };
  const sns = createSns(world, { functions, queues: { send: (arn, body) => void queues.push([arn, body]) } });
  const declare = async (type: string, properties: Record<string, unknown>) => sns.resources[type]!(declared(type, properties));
  await declare('AWS::SNS::Topic', { TopicName: 'notices', KmsMasterKeyId: 'alias/aws/sns' });
  const gateway = await listen([sns, createSqs(world)]);
  close = gateway.close;
  return { world, sns, declare, enqueued, queues, client: new SNSClient(gateway.config) };
}

it('keeps and traces what is published', async () => {
  const { sns, world, client } = await start();
  const { MessageId } = await client.send(
    new PublishCommand({
      TopicArn: TOPIC,
      Subject: 's',
      Message: 'm',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'k' } },
    }),
  );
  expect(sns.published(TOPIC)).toMatchObject([
    { messageId: MessageId, subject: 's', message: 'm', attributes: { kind: { Type: 'String', Value: 'k' } } },
  ]);
  expect(world.trace.entries()).toMatchObject([{ path: 'sns/notices', kind: 'published', data: { subject: 's', message: 'm' } }]);
  expect((await client.send(new ListTopicsCommand({}))).Topics).toEqual([{ TopicArn: TOPIC }]);
});

it('delivers to queues, in the envelope or raw, and to functions', async () => {
  const { sns, declare, enqueued, queues } = await start();
  await declare('AWS::SNS::Subscription', { TopicArn: TOPIC, Protocol: 'sqs', Endpoint: 'arn:q' });
  await declare('AWS::SNS::Subscription', { TopicArn: TOPIC, Protocol: 'sqs', Endpoint: 'arn:raw', RawMessageDelivery: true });
  await declare('AWS::SNS::Subscription', { TopicArn: TOPIC, Protocol: 'lambda', Endpoint: 'arn:f' });
  sns.publish(TOPIC, { subject: 's', message: 'm' });
  expect(queues.map(([arn]) => arn)).toEqual(['arn:q', 'arn:raw']);
  expect(JSON.parse(queues[0]![1])).toMatchObject({
    Type: 'Notification',
    TopicArn: TOPIC,
    Subject: 's',
    Message: 'm',
    Timestamp: '2030-01-01T00:00:00.000Z',
  });
  expect(queues[1]![1]).toBe('m');
  expect(enqueued).toMatchObject([['arn:f', { Records: [{ EventSource: 'aws:sns', Sns: { Message: 'm', Subject: 's' } }] }]]);
});

it('refuses what SNS refuses, and what it does not have', async () => {
  const { client, declare } = await start();
  const publish = (input: object) => client.send(new PublishCommand({ TopicArn: TOPIC, Message: 'm', ...input }));
  await expect(publish({ TopicArn: `${TOPIC}x` })).rejects.toBeInstanceOf(NotFoundException);
  await expect(publish({ Message: '' })).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: 'Invalid parameter: Empty message',
  });
  await expect(publish({ Message: 'x'.repeat(262_145) })).rejects.toThrow('Message too long');
  await expect(publish({ MessageStructure: 'json' })).rejects.toThrow('the local runtime does not have it');
  await expect(declare('AWS::SNS::Subscription', { TopicArn: TOPIC, Protocol: 'email', Endpoint: 'a@b' })).rejects.toThrow(
    'delivers to sqs and lambda, not to email',
  );
  await expect(declare('AWS::SNS::Topic', { FifoTopic: true })).rejects.toThrow('does not have FifoTopic');
});
