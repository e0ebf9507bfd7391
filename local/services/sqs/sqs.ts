import { DeleteMessage$, GetQueueAttributes$, GetQueueUrl$, ListQueues$, ReceiveMessage$ } from '@aws-sdk/client-sqs';
import type {
  DeleteMessageRequest,
  GetQueueAttributesRequest,
  GetQueueUrlRequest,
  ListQueuesRequest,
  Message as AwsMessage,
  ReceiveMessageRequest as ReceiveRequest,
} from '@aws-sdk/client-sqs';
import { AwsError } from '../../kernel/aws-error.ts';
import { takePage } from '../../kernel/page.ts';
import type { Queues } from '../../kernel/ports.ts';
import type { DeclaredResource, LocalService, Physical } from '../../kernel/service.ts';
import { takeProperties } from '../../kernel/properties.ts';
import type { World } from '../../kernel/world.ts';
import { Queue } from './queue.ts';
import type { Message } from './queue.ts';
import { toQueueSettings } from './resource.ts';
import { loadQueues, saveQueues } from './saved.ts';

const GAPS = [
  'Queues are standard ones, filled by other services (dead letters): nothing is sent from outside, no FIFO, redrive or delays.',
  'Rights are not judged: queue policies have no effect.',
];

/** AttributeNames is the older name of MessageSystemAttributeNames; the AWS CLI still has both. */
type ReceiveMessageRequest = Omit<ReceiveRequest, 'AttributeNames'> & { readonly AttributeNames?: readonly string[] };

interface SqsState {
  readonly world: World;
  readonly queues: Map<string, Queue>;
}

export function createSqs(world: World): LocalService & Queues {
  const sqs: SqsState = { world, queues: new Map() };
  return {
    name: 'sqs',
    gaps: GAPS,
    operations: operationsOf(sqs),
    resources: { 'AWS::SQS::Queue': (resource) => declareQueue(sqs, resource), 'AWS::SQS::QueuePolicy': declarePolicy },
    save: () => saveQueues(sqs.queues),
    load: (saved) => loadQueues(sqs.queues, saved),
    send(queueArn, body, attributes) {
      getQueue(sqs, queueArn.split(':').at(-1) ?? '').send(body, attributes);
    },
  };
}

const operationsOf = (sqs: SqsState) => ({
  ReceiveMessage: { schema: ReceiveMessage$, run: (input: ReceiveMessageRequest) => receive(sqs, input) },
  DeleteMessage: {
    schema: DeleteMessage$,
    run: ({ QueueUrl, ReceiptHandle = '' }: DeleteMessageRequest) => queueAt(sqs, QueueUrl).delete(ReceiptHandle),
  },
  GetQueueAttributes: { schema: GetQueueAttributes$, run: (input: GetQueueAttributesRequest) => getAttributes(sqs, input) },
  GetQueueUrl: {
    schema: GetQueueUrl$,
    run: ({ QueueName = '' }: GetQueueUrlRequest) => ({ QueueUrl: urlOf(sqs, getQueue(sqs, QueueName)) }),
  },
  ListQueues: { schema: ListQueues$, run: (input: ListQueuesRequest) => list(sqs, input) },
});

function declareQueue(sqs: SqsState, resource: DeclaredResource): Physical {
  const settings = toQueueSettings(sqs.world, resource);
  const queue = new Queue(sqs.world, settings);
  sqs.queues.set(settings.name, queue);
  const url = urlOf(sqs, queue);
  return { ref: url, attributes: { Arn: settings.arn, QueueName: settings.name, QueueUrl: url } };
}

function declarePolicy(resource: DeclaredResource): Physical {
  takeProperties(resource, ['Queues', 'PolicyDocument']);
  return { ref: resource.logicalId, attributes: {} };
}

const urlOf = ({ world }: SqsState, queue: Queue): string =>
  `${world.account.endpoint}/${world.account.id}/${queue.settings.name}`;
const queueAt = (sqs: SqsState, url = ''): Queue => getQueue(sqs, url.split('/').at(-1) ?? '');

function getQueue({ queues }: SqsState, name: string): Queue {
  const queue = queues.get(name);
  if (queue === undefined) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}

async function receive(sqs: SqsState, input: ReceiveMessageRequest): Promise<{ Messages?: AwsMessage[] }> {
  const { MaxNumberOfMessages: most = 1, WaitTimeSeconds: seconds = 0 } = input;
  const queue = queueAt(sqs, input.QueueUrl);
  checkRange('MaxNumberOfMessages', most, 1, 10);
  checkRange('WaitTimeSeconds', seconds, 0, 20);
  await queue.wait(seconds);
  const messages = queue.receive(most, input.VisibilityTimeout).map((message) => toAws(message, input));
  // SQS leaves the list out when there is nothing.
  return messages.length === 0 ? {} : { Messages: messages };
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  const message = `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`;
  throw new AwsError('InvalidParameterValue', message);
}

function toAws(message: Message, input: ReceiveMessageRequest): AwsMessage {
  const attributes = Object.entries(message.attributes).filter(([name]) => isAsked(input.MessageAttributeNames ?? [], name));
  return {
    MessageId: message.id,
    Body: message.body,
    MD5OfBody: message.md5,
    ...(message.receipt !== undefined && { ReceiptHandle: message.receipt }),
    Attributes: pick(systemAttributesOf(message), [
      ...(input.AttributeNames ?? []),
      ...(input.MessageSystemAttributeNames ?? []),
    ]),
    ...(attributes.length > 0 && {
      MessageAttributes: Object.fromEntries(
        attributes.map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      ),
    }),
  };
}

const systemAttributesOf = (message: Message) => ({
  SentTimestamp: String(message.sentAt),
  ApproximateReceiveCount: String(message.receiveCount),
  ApproximateFirstReceiveTimestamp: String(message.receivedFirstAt ?? message.sentAt),
});

/** Names may be `All`, `.*` or end in `.*`. */
const isAsked = (names: readonly string[], name: string): boolean =>
  names.some((asked) => asked === 'All' || asked === name || (asked.endsWith('.*') && name.startsWith(asked.slice(0, -2))));

const pick = (values: Readonly<Record<string, string>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => isAsked(names, name)));

function getAttributes(sqs: SqsState, { QueueUrl, AttributeNames = [] }: GetQueueAttributesRequest) {
  const queue = queueAt(sqs, QueueUrl);
  const { visible, inFlight } = queue.counts();
  const created = String(Math.floor(queue.createdAt / 1000));
  const all = {
    QueueArn: queue.settings.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: '0',
    CreatedTimestamp: created,
    LastModifiedTimestamp: created,
    VisibilityTimeout: String(queue.settings.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(queue.settings.retentionSeconds),
    DelaySeconds: '0',
    ReceiveMessageWaitTimeSeconds: '0',
  };
  return { Attributes: pick(all, AttributeNames) };
}

function list(sqs: SqsState, { QueueNamePrefix = '', MaxResults, NextToken }: ListQueuesRequest) {
  const queues = [...sqs.queues.values()].filter((queue) => queue.settings.name.startsWith(QueueNamePrefix));
  const { items, next } = takePage(queues, { size: MaxResults ?? 1000, token: NextToken, badToken: 'InvalidParameterValue' });
  return { QueueUrls: items.map((queue) => urlOf(sqs, queue)), NextToken: next };
}
