import { PutObject$ } from '@aws-sdk/client-s3';
import type { PutObjectOutput, PutObjectRequest } from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/aws-error.ts';
import { bytesOf } from '../../kernel/body.ts';
import type { Call, Operation } from '../../kernel/service.ts';
import type { Blob } from './blobs.ts';
import { addVersion, getBucket, newVersionId, shownVersionId } from './bucket.ts';
import type { Bucket, ObjectHeaders, S3State, StoredObject } from './bucket.ts';
import { Meter, toFields, uploadAlgorithm, verifyDigests } from './checksums.ts';
import type { Checksum, SentDigests } from './checksums.ts';
import { checkWrite } from './conditions.ts';
import { announceCreated } from './events.ts';
import type { CreateReason } from './events.ts';

/** S3 encrypts every object with its own keys unless told otherwise. */
export const ENCRYPTION = 'AES256';
const MAX_PUT_BYTES = 5 * 2 ** 30;

interface SentHeaders {
  readonly ContentType?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
}

/** `aws-chunked` is how the body travelled, not what it is. */
const contentEncoding = (sent: string | undefined) => sent?.replace(/^aws-chunked,?/, '') || undefined;

export const toHeaders = (input: SentHeaders): ObjectHeaders => ({
  ContentType: input.ContentType ?? 'binary/octet-stream',
  CacheControl: input.CacheControl,
  ContentDisposition: input.ContentDisposition,
  ContentEncoding: contentEncoding(input.ContentEncoding),
  ContentLanguage: input.ContentLanguage,
  Metadata: input.Metadata ?? {},
});

export function checkKey(key: string | undefined): string {
  if (key === undefined || key === '') throw new AwsError('InvalidRequest', 'An object needs a key.');
  if (Buffer.byteLength(key) > 1024) throw new AwsError('KeyTooLongError', 'Your key is too long: at most 1024 bytes.');
  return key;
}

interface Received {
  readonly blob: Blob;
  readonly md5: Buffer;
  readonly checksum: Checksum | undefined;
}

interface Sent extends SentDigests {
  readonly Body?: unknown;
  readonly ContentLength?: number | undefined;
  readonly ChecksumAlgorithm?: string | undefined;
}

/**
 * Stores a request's body and checks it against what was sent about it; keeps nothing that fails. `input` is the request
 * itself: a trailing checksum appears in it only when the body has ended.
 */
export async function receive(s3: S3State, input: Sent, algorithm = uploadAlgorithm(input)): Promise<Received> {
  const meter = new Meter(algorithm);
  const blob = await s3.blobs.write(meter.through(bytesOf(input.Body)));
  try {
    const { md5, checksum } = await meter.result();
    verifyDigests(input, md5, checksum);
    if (blob.bytes > MAX_PUT_BYTES)
      throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size of 5 GiB.');
    return { blob, md5, checksum };
  } catch (error) {
    await s3.blobs.remove(blob.id);
    throw error;
  }
}

type Draft = Omit<StoredObject, 'kind' | 'versionId' | 'at'>;

/** The moment a write becomes visible: conditions, the new version, its event. */
export async function commit(
  s3: S3State,
  bucket: Bucket,
  draft: Draft & { readonly conditions: { IfMatch?: string | undefined; IfNoneMatch?: string | undefined } },
  by: { readonly call: Call; readonly reason: CreateReason },
): Promise<StoredObject> {
  const { conditions, ...content } = draft;
  checkWrite(conditions, bucket, draft.key);
  const object: StoredObject = { kind: 'object', ...content, versionId: newVersionId(s3, bucket), at: s3.world.time.now() };
  await addVersion(s3, bucket, object);
  announceCreated(s3, bucket, object, by);
  return object;
}

export const putObject = (s3: S3State): Operation<PutObjectRequest, PutObjectOutput> => ({
  schema: PutObject$,
  async run(input, call) {
    const bucket = getBucket(s3, input.Bucket);
    const key = checkKey(input.Key);
    const { blob, md5, checksum } = await receive(s3, input);
    const draft = {
      key,
      content: [blob],
      bytes: blob.bytes,
      etag: `"${md5.toString('hex')}"`,
      checksum,
      parts: undefined,
      headers: toHeaders(input),
      conditions: input,
    };
    try {
      const object = await commit(s3, bucket, draft, { call, reason: 'PutObject' });
      return {
        ETag: object.etag,
        VersionId: shownVersionId(bucket, object),
        ServerSideEncryption: ENCRYPTION,
        ...toFields(checksum),
      };
    } catch (error) {
      if (error instanceof AwsError) await s3.blobs.remove(blob.id);
      throw error;
    }
  },
});
