/** S3's events to EventBridge (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html). */
import type { Call } from '../../kernel/service.ts';
import { shownVersionId } from './bucket.ts';
import type { Bucket, S3State, StoredObject, Version } from './bucket.ts';

export type CreateReason = 'PutObject' | 'CompleteMultipartUpload' | 'CopyObject';

/** Compared per key, as text: a later change of an object has a greater one. */
function sequencer(s3: S3State): string {
  s3.changes += 1;
  const hex = s3.world.time.now().toString(16).padStart(12, '0') + (s3.changes % 0x1000000).toString(16).padStart(6, '0');
  return hex.toUpperCase();
}

function send(s3: S3State, bucket: Bucket, kind: 'Object Created' | 'Object Deleted', detail: object): void {
  s3.bus.put({
    source: 'aws.s3',
    'detail-type': kind,
    resources: [`arn:${s3.world.account.partition}:s3:::${bucket.name}`],
    detail: { version: '0', bucket: { name: bucket.name }, ...detail },
  });
}

export function announceCreated(
  s3: S3State,
  bucket: Bucket,
  object: StoredObject,
  by: { call: Call; reason: CreateReason },
): void {
  s3.world.trace.add('s3', 'object created', { bucket: bucket.name, key: object.key, bytes: object.bytes, reason: by.reason });
  const sequence = sequencer(s3);
  if (!bucket.notifiesEventBridge) return;
  send(s3, bucket, 'Object Created', {
    object: {
      key: object.key,
      size: object.bytes,
      etag: object.etag.replaceAll('"', ''),
      ...versionOf(bucket, object),
      sequencer: sequence,
    },
    ...origin(s3, by.call),
    reason: by.reason,
  });
}

export type DeleteReason = 'DeleteObject' | 'Lifecycle Expiration';

export function announceDeleted(s3: S3State, bucket: Bucket, version: Version, by: { call: Call; reason: DeleteReason }): void {
  s3.world.trace.add('s3', 'object deleted', { bucket: bucket.name, key: version.key, reason: by.reason });
  const sequence = sequencer(s3);
  if (!bucket.notifiesEventBridge) return;
  send(s3, bucket, 'Object Deleted', {
    object: { key: version.key, ...versionOf(bucket, version), sequencer: sequence },
    ...origin(s3, by.call),
    reason: by.reason,
    'deletion-type': version.kind === 'delete-marker' ? 'Delete Marker Created' : 'Permanently Deleted',
  });
}

function versionOf(bucket: Bucket, version: Version): object {
  const id = shownVersionId(bucket, version);
  return id === undefined ? {} : { 'version-id': id };
}

const origin = (s3: S3State, call: Call) => ({
  'request-id': call.requestId,
  requester: s3.world.account.id,
  'source-ip-address': call.sourceIp,
});
