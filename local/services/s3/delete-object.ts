import { DeleteObject$, DeleteObjects$ } from '@aws-sdk/client-s3';
import type {
  DeletedObject,
  DeleteObjectOutput,
  DeleteObjectRequest,
  DeleteObjectsOutput,
  DeleteObjectsRequest,
} from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Call, Operation } from '../../kernel/service.ts';
import { addVersion, currentVersion, getBucket, newVersionId, removeVersion } from './bucket.ts';
import type { Bucket, S3State, Version } from './bucket.ts';
import { announceDeleted } from './events.ts';
import type { DeleteReason } from './events.ts';

export interface Deletion {
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly etag?: string | undefined;
}

export interface Deleted {
  readonly isMarker: boolean;
  readonly versionId: string | undefined;
}

type By = { readonly call: Call; readonly reason: DeleteReason };

/** Deleting what is not there is success: S3 answers 204 either way. */
export async function deleteVersion(s3: S3State, bucket: Bucket, deletion: Deletion, by: By): Promise<Deleted> {
  const { key, versionId } = deletion;
  checkEtag(bucket, deletion);
  if (versionId !== undefined)
    return deleteForGood(
      s3,
      bucket,
      bucket.versions.get(key)?.find((v) => v.versionId === versionId),
      by,
    );
  if (bucket.versioning === undefined) return deleteForGood(s3, bucket, currentVersion(bucket, key), by);
  const marker: Version = { kind: 'delete-marker', key, versionId: newVersionId(s3, bucket), at: s3.world.time.now() };
  await addVersion(s3, bucket, marker);
  announceDeleted(s3, bucket, marker, by);
  return { isMarker: true, versionId: marker.versionId };
}

async function deleteForGood(s3: S3State, bucket: Bucket, version: Version | undefined, by: By): Promise<Deleted> {
  if (version === undefined) return { isMarker: false, versionId: undefined };
  await removeVersion(s3, bucket, version);
  if (version.kind === 'object') announceDeleted(s3, bucket, version, by);
  const shown = bucket.versioning === undefined ? undefined : version.versionId;
  return { isMarker: version.kind === 'delete-marker', versionId: shown };
}

function checkEtag(bucket: Bucket, { key, etag }: Deletion): void {
  if (etag === undefined) return;
  const current = currentVersion(bucket, key);
  if (current?.kind !== 'object') throw new AwsError('NoSuchKey', `The specified key does not exist: ${key}`, 404);
  if (etag !== '*' && etag.replaceAll('"', '') !== current.etag.replaceAll('"', ''))
    throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold: If-Match', 412);
}

export const deleteObject = (s3: S3State): Operation<DeleteObjectRequest, DeleteObjectOutput> => ({
  schema: DeleteObject$,
  async run(input, call) {
    const bucket = getBucket(s3, input.Bucket);
    const deletion = { key: input.Key ?? '', versionId: input.VersionId, etag: input.IfMatch };
    const deleted = await deleteVersion(s3, bucket, deletion, { call, reason: 'DeleteObject' });
    return { ...(deleted.isMarker && { DeleteMarker: true }), VersionId: deleted.versionId };
  },
});

const MAX_DELETIONS = 1000;

export const deleteObjects = (s3: S3State): Operation<DeleteObjectsRequest, DeleteObjectsOutput> => ({
  schema: DeleteObjects$,
  async run(input, call) {
    const bucket = getBucket(s3, input.Bucket);
    const objects = input.Delete?.Objects ?? [];
    if (objects.length === 0 || objects.length > MAX_DELETIONS)
      throw new AwsError(
        'MalformedXML',
        `A DeleteObjects request names 1 to ${MAX_DELETIONS} objects, this one ${objects.length}.`,
      );
    const answers = [];
    for (const object of objects) {
      const deletion = { key: object.Key ?? '', versionId: object.VersionId, etag: object.ETag };
      answers.push(await attempt(deletion, () => deleteVersion(s3, bucket, deletion, { call, reason: 'DeleteObject' })));
    }
    return {
      Deleted: input.Delete?.Quiet === true ? [] : answers.flatMap((answer) => answer.deleted ?? []),
      Errors: answers.flatMap((answer) => answer.error ?? []),
    };
  },
});

async function attempt({ key, versionId }: Deletion, run: () => Promise<Deleted>) {
  try {
    return { deleted: toDeleted(key, versionId, await run()) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { error: { Key: key, VersionId: versionId, Code: error.code, Message: error.message } };
  }
}

/** `VersionId` is the one that was asked for, `DeleteMarkerVersionId` the marker that was made or removed. */
const toDeleted = (Key: string, VersionId: string | undefined, deleted: Deleted): DeletedObject => ({
  Key,
  VersionId,
  ...(deleted.isMarker && { DeleteMarker: true, DeleteMarkerVersionId: deleted.versionId }),
});
