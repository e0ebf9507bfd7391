import { ListTopics$, Publish$ } from '@aws-sdk/client-sns';
import type { ListTopicsInput, PublishInput } from '@aws-sdk/client-sns';
import { AwsError } from '../../kernel/aws-error.ts';
import { takePage } from '../../kernel/page.ts';
import type { Functions, Queues } from '../../kernel/ports.ts';
import { takeProperties, TemplateError } from '../../kernel/properties.ts';
import type { DeclaredResource, LocalService, Physical } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';
import { lambdaEvent, queueBody } from './envelope.ts';
import type { Notification } from './envelope.ts';
import { toTopic, toTopicSubscription } from './resource.ts';
import type { Subscription } from './resource.ts';

const GAPS = [
  'Messages go to queues and functions only, at once and once; other kinds of subscription are refused, filter policies too.',
  'Rights are not judged: topic policies have no effect.',
];

/** Of each topic; older ones are gone, as they are on AWS at once. */
const KEPT_MESSAGES = 1000;
/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const LIMIT_BYTES = 256 * 1024;
const PAGE_SIZE = 100;

export interface SnsPorts {
  readonly queues: Queues;
  readonly functions: Functions;
}

export interface Sns extends LocalService {
  /** From inside (alarms). */
  publish(topicArn: string, message: { readonly subject: string; readonly message: string }): void;
  /** What was published to a topic, oldest first. */
  published(topicArn: string): readonly Notification[];
}

interface Topic {
  readonly arn: string;
  readonly subscriptions: Subscription[];
  readonly messages: Notification[];
}

interface SnsState {
  readonly world: World;
  readonly ports: SnsPorts;
  readonly topics: Map<string, Topic>;
}

export function createSns(world: World, ports: SnsPorts): Sns {
  const sns: SnsState = { world, ports, topics: new Map() };
  return {
    name: 'sns',
    gaps: GAPS,
    operations: {
      Publish: { schema: Publish$, run: (input: PublishInput) => ({ MessageId: publishInput(sns, input).messageId }) },
      ListTopics: { schema: ListTopics$, run: (input: ListTopicsInput) => listTopics(sns, input) },
    },
    resources: {
      'AWS::SNS::Topic': (resource) => declareTopic(sns, resource),
      'AWS::SNS::TopicPolicy': declarePolicy,
      'AWS::SNS::Subscription': (resource) => declareSubscription(sns, resource),
    },
    publish: (topicArn, message) => void publish(sns, getTopic(sns, topicArn), { attributes: {}, ...message }),
    published: (topicArn) => [...getTopic(sns, topicArn).messages],
  };
}

function declareTopic(sns: SnsState, resource: DeclaredResource): Physical {
  const { name, subscriptions } = toTopic(resource);
  const { partition, region, id } = sns.world.account;
  const arn = `arn:${partition}:sns:${region}:${id}:${name}`;
  sns.topics.set(arn, { arn, subscriptions: [...subscriptions], messages: [] });
  return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
}

function declarePolicy(resource: DeclaredResource): Physical {
  takeProperties(resource, ['Topics', 'PolicyDocument']);
  return { ref: resource.logicalId, attributes: {} };
}

function declareSubscription(sns: SnsState, resource: DeclaredResource): Physical {
  const { topicArn, subscription } = toTopicSubscription(resource);
  const topic = sns.topics.get(topicArn);
  if (topic === undefined) throw new TemplateError(`${resource.path}: there is no topic ${topicArn}`);
  topic.subscriptions.push(subscription);
  const arn = `${topicArn}:${sns.world.random.uuid()}`;
  return { ref: arn, attributes: { Arn: arn } };
}

function getTopic({ topics }: SnsState, arn: string): Topic {
  const topic = topics.get(arn);
  if (topic === undefined) throw new AwsError('NotFound', 'Topic does not exist', 404);
  return topic;
}

function publishInput(sns: SnsState, input: PublishInput): Notification {
  const topic = getTopic(
    sns,
    input.TopicArn ?? input.TargetArn ?? invalid('TopicArn or TargetArn Reason: no value for required parameter'),
  );
  const message = input.Message ?? '';
  if (message === '') invalid('Empty message');
  if (Buffer.byteLength(message) > LIMIT_BYTES) invalid('Message too long');
  if (input.MessageStructure !== undefined) invalid('MessageStructure Reason: the local runtime does not have it');
  const attributes = Object.fromEntries(
    Object.entries(input.MessageAttributes ?? {}).map(([name, value]) => [
      name,
      { Type: value.DataType ?? 'String', Value: value.StringValue ?? '' },
    ]),
  );
  return publish(sns, topic, { message, attributes, ...(input.Subject !== undefined && { subject: input.Subject }) });
}

function invalid(what: string): never {
  throw new AwsError('InvalidParameter', `Invalid parameter: ${what}`);
}

function publish(sns: SnsState, topic: Topic, content: Pick<Notification, 'message' | 'subject' | 'attributes'>): Notification {
  const notification = { ...content, topicArn: topic.arn, messageId: sns.world.random.uuid(), at: sns.world.time.now() };
  topic.messages.push(notification);
  if (topic.messages.length > KEPT_MESSAGES) topic.messages.shift();
  const { messageId, subject, message } = notification;
  sns.world.trace.add(`sns/${topic.arn.split(':').at(-1) ?? ''}`, 'published', { messageId, subject, message });
  for (const subscription of topic.subscriptions) deliver(sns.ports, subscription, notification);
  return notification;
}

function deliver(ports: SnsPorts, { protocol, endpoint, isRaw }: Subscription, notification: Notification): void {
  if (protocol === 'lambda') ports.functions.enqueue(endpoint, lambdaEvent(notification));
  else ports.queues.send(endpoint, isRaw ? notification.message : queueBody(notification));
}

function listTopics(sns: SnsState, { NextToken }: ListTopicsInput) {
  const { items, next } = takePage([...sns.topics.keys()].sort(), {
    size: PAGE_SIZE,
    token: NextToken,
    badToken: 'InvalidParameter',
  });
  return { Topics: items.map((TopicArn) => ({ TopicArn })), NextToken: next };
}
