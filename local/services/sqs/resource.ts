import { physicalName } from '../../kernel/physical-name.ts';
import { takeProperties } from '../../kernel/properties.ts';
import type { DeclaredResource } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';
import type { QueueSettings } from './queue.ts';

const IGNORED = {
  Tags: 'queues are not found by tags here',
  SqsManagedSseEnabled: 'nothing is encrypted on one machine',
  KmsMasterKeyId: 'nothing is encrypted on one machine',
  KmsDataKeyReusePeriodSeconds: 'nothing is encrypted on one machine',
};

const DEFAULT_VISIBILITY_SECONDS = 30;
const DEFAULT_RETENTION_SECONDS = 4 * 86_400;

export function toQueueSettings({ account }: World, resource: DeclaredResource): QueueSettings {
  const properties = takeProperties(resource, ['QueueName', 'MessageRetentionPeriod', 'VisibilityTimeout'], IGNORED);
  const name = properties.text('QueueName') ?? physicalName(resource);
  return {
    name,
    arn: `arn:${account.partition}:sqs:${account.region}:${account.id}:${name}`,
    visibilityTimeoutSeconds: properties.number('VisibilityTimeout') ?? DEFAULT_VISIBILITY_SECONDS,
    retentionSeconds: properties.number('MessageRetentionPeriod') ?? DEFAULT_RETENTION_SECONDS,
  };
}
