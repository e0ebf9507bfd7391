import { physicalName } from '../../kernel/physical-name.ts';
import { TemplateError, takeProperties } from '../../kernel/properties.ts';
import type { Properties } from '../../kernel/properties.ts';
import type { DeclaredResource } from '../../kernel/service.ts';

const IGNORED = {
  KmsMasterKeyId: 'nothing is encrypted on one machine',
  Tags: 'topics are not found by tags here',
  DisplayName: 'shown only in e-mail',
};

export interface Subscription {
  readonly protocol: 'sqs' | 'lambda';
  readonly endpoint: string;
  /** The message alone, without the envelope. */
  readonly isRaw: boolean;
}

export interface DeclaredTopic {
  readonly name: string;
  readonly subscriptions: readonly Subscription[];
}

export function toTopic(resource: DeclaredResource): DeclaredTopic {
  const properties = takeProperties(resource, ['TopicName', 'Subscription'], IGNORED);
  const subscriptions = properties.items('Subscription', ['Protocol', 'Endpoint']).map((one) => toSubscription(resource, one));
  return { name: properties.text('TopicName') ?? physicalName(resource), subscriptions };
}

export function toTopicSubscription(resource: DeclaredResource): {
  readonly topicArn: string;
  readonly subscription: Subscription;
} {
  const ignored = { Region: 'there is one region here' };
  const properties = takeProperties(resource, ['TopicArn', 'Protocol', 'Endpoint', 'RawMessageDelivery'], ignored);
  return {
    topicArn: properties.getText('TopicArn'),
    subscription: { ...toSubscription(resource, properties), isRaw: properties.flag('RawMessageDelivery') ?? false },
  };
}

function toSubscription(resource: DeclaredResource, properties: Properties<'Protocol' | 'Endpoint'>): Subscription {
  const protocol = properties.getText('Protocol');
  if (protocol === 'sqs' || protocol === 'lambda') return { protocol, endpoint: properties.getText('Endpoint'), isRaw: false };
  throw new TemplateError(`${resource.path}: the local runtime delivers to sqs and lambda, not to ${protocol}`);
}
