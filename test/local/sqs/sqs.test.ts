import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Gateway } from '../../../local/gateway/gateway.ts';
import { installInProcess } from '../../../local/gateway/in-process.ts';
import { createGatewayServer } from '../../../local/gateway/server.ts';
import { createSqs } from '../../../local/services/sqs/sqs.ts';
import { CREDENTIALS, testWorld } from '../gateway/harness.ts';

const ENDPOINT = 'http://127.0.0.1:1';
const ARN = 'arn:aws:sqs:eu-central-1:123456789012:dead';
const QueueUrl = `${ENDPOINT}/123456789012/dead`;
const declared = { stack: 's', logicalId: 'Q', type: 'AWS::SQS::Queue', path: 's/Q' };

let world: ReturnType<typeof testWorld>;
let sqs: ReturnType<typeof createSqs>;
let client: SQSClient;
let inProcess: ReturnType<typeof installInProcess>;

beforeEach(async () => {
  world = testWorld(ENDPOINT);
  sqs = createSqs(world);
  const gateway = new Gateway(world, [sqs]);
  inProcess = installInProcess(
    createGatewayServer(gateway, () => world.time.now()),
    ENDPOINT,
  );
  client = new SQSClient({ endpoint: ENDPOINT, region: 'eu-central-1', credentials: CREDENTIALS, maxAttempts: 1 });
  const { ref } = await sqs.resources['AWS::SQS::Queue']!({
    ...declared,
    properties: { QueueName: 'dead', MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true },
  });
  expect(ref).toBe(QueueUrl);
});
afterEach(() => inProcess.uninstall());

const receive = async (more: object = {}) =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];

it('gives what other services sent, with its attributes and a digest the SDK checks', async () => {
  sqs.send(ARN, 'böse', { ERROR_CODE: 'X' });
  const [message] = await receive({ MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] });
  expect(message).toMatchObject({
    Body: 'böse',
    MessageAttributes: { ERROR_CODE: { DataType: 'String', StringValue: 'X' } },
    Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.UTC(2030, 0, 1)) },
  });
  expect(await receive()).toEqual([]);
});

it('shows a message again after its visibility timeout, and no more once deleted', async () => {
  sqs.send(ARN, 'a');
  const [first] = await receive();
  await world.time.advanceBy(30_000);
  const [second] = await receive();
  expect(second?.MessageId).toBe(first?.MessageId);
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
  await world.time.advanceBy(60_000);
  expect(await receive()).toEqual([]);
});

it('waits for a message as long as it is asked to', async () => {
  let waiting: unknown[] | undefined;
  void receive({ WaitTimeSeconds: 20 }).then((messages) => (waiting = messages));
  await world.time.advanceBy(10_000);
  expect(waiting).toBeUndefined();
  sqs.send(ARN, 'late');
  await world.time.advanceBy(0);
  expect(waiting).toHaveLength(1);
  let empty: unknown[] | undefined;
  void receive({ WaitTimeSeconds: 5 }).then((messages) => (empty = messages));
  await world.time.advanceBy(5_000);
  expect(empty).toEqual([]);
});

it('forgets messages after the retention period', async () => {
  sqs.send(ARN, 'old');
  await world.time.advanceBy(1_209_600_000);
  expect(await receive()).toEqual([]);
});

it('describes and lists queues as the AWS CLI asks for them', async () => {
  sqs.send(ARN, 'a');
  sqs.send(ARN, 'b');
  await receive({ MaxNumberOfMessages: 1 });
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({
    QueueArn: ARN,
    ApproximateNumberOfMessages: '1',
    ApproximateNumberOfMessagesNotVisible: '1',
    MessageRetentionPeriod: '1209600',
  });
  expect((await client.send(new GetQueueUrlCommand({ QueueName: 'dead' }))).QueueUrl).toBe(QueueUrl);
  expect((await client.send(new ListQueuesCommand({ QueueNamePrefix: 'd' }))).QueueUrls).toEqual([QueueUrl]);
  expect((await client.send(new ListQueuesCommand({ QueueNamePrefix: 'x' }))).QueueUrls).toEqual([]);
  await expect(client.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toBeInstanceOf(QueueDoesNotExist);
});

it('refuses kinds of queue it does not have', () => {
  const declare = (properties: Record<string, unknown>) => () => sqs.resources['AWS::SQS::Queue']!({ ...declared, properties });
  expect(declare({ FifoQueue: true })).toThrow('does not have FifoQueue');
  expect(declare({ RedrivePolicy: {} })).toThrow('does not have RedrivePolicy');
});
