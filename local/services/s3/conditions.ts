/** Conditional requests: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html and RFC 9110 §13. */
import { AwsError } from '../../kernel/aws-error.ts';
import { currentVersion } from './bucket.ts';
import type { Bucket, StoredObject } from './bucket.ts';

interface ReadConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

const bare = (etag: string) => etag.trim().replace(/^W\//, '').replaceAll('"', '');
const names = (header: string, etag: string) => header.split(',').some((one) => one.trim() === '*' || bare(one) === bare(etag));

const failed = (condition: string) =>
  new AwsError('PreconditionFailed', `At least one of the pre-conditions you specified did not hold: ${condition}`, 412);

/** HTTP dates have seconds, so an object is as old as its second. */
const secondsOf = (at: number) => Math.floor(at / 1000);

/** If-Match outranks If-Unmodified-Since, If-None-Match outranks If-Modified-Since. */
export function checkRead(conditions: ReadConditions, object: StoredObject): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  if (IfMatch !== undefined) {
    if (!names(IfMatch, object.etag)) throw failed('If-Match');
  } else if (IfUnmodifiedSince !== undefined && secondsOf(object.at) > secondsOf(IfUnmodifiedSince.getTime()))
    throw failed('If-Unmodified-Since');
  if (IfNoneMatch !== undefined) {
    if (names(IfNoneMatch, object.etag)) throw new AwsError('NotModified', 'Not Modified', 304);
  } else if (IfModifiedSince !== undefined && secondsOf(object.at) <= secondsOf(IfModifiedSince.getTime()))
    throw new AwsError('NotModified', 'Not Modified', 304);
}

interface WriteConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

/** Judged when the write commits, after its body: of two writers with If-None-Match the second fails. */
export function checkWrite(conditions: WriteConditions, bucket: Bucket, key: string): void {
  const current = currentVersion(bucket, key);
  if (conditions.IfNoneMatch !== undefined) {
    if (conditions.IfNoneMatch !== '*') throw new AwsError('NotImplemented', 'S3 accepts only If-None-Match: * on a write.', 501);
    if (current?.kind === 'object') throw failed('If-None-Match');
  }
  if (conditions.IfMatch === undefined) return;
  if (current?.kind !== 'object') throw new AwsError('NoSuchKey', `The specified key does not exist: ${key}`, 404);
  if (!names(conditions.IfMatch, current.etag)) throw failed('If-Match');
}
