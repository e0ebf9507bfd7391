import { CompleteMultipartUpload$ } from '@aws-sdk/client-s3';
import type { CompletedPart, CompleteMultipartUploadOutput, CompleteMultipartUploadRequest } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import { readContent } from './blobs.ts';
import { getBucket, shownVersionId } from './bucket.ts';
import type { Bucket, Part, S3State, Upload } from './bucket.ts';
import { ALGORITHMS, checksumOf, sentChecksum, toFields } from './checksums.ts';
import type { Checksum, ChecksumFields } from './checksums.ts';
import { getUpload, MAX_PARTS, partEtag } from './multipart.ts';
import { commit, ENCRYPTION } from './put-object.ts';

/** Every part but the last. */
const MIN_PART_BYTES = 5 * 2 ** 20;

/** The parts that make the object, in the order named, each as it was uploaded. */
function chooseParts(upload: Upload, named: readonly CompletedPart[]): readonly Part[] {
  if (named.length === 0 || named.length > MAX_PARTS)
    throw new AwsError('MalformedXML', `A completed upload names 1 to ${MAX_PARTS} parts, this one ${named.length}.`);
  let before = 0;
  const parts = named.map((one) => {
    const number = one.PartNumber ?? 0;
    if (number <= before)
      throw new AwsError(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
      );
    before = number;
    return matchPart(upload, one);
  });
  const small = parts.slice(0, -1).find((part) => part.blob.bytes < MIN_PART_BYTES);
  if (small !== undefined)
    throw new AwsError(
      'EntityTooSmall',
      `Your proposed upload is smaller than the minimum allowed size: part ${small.number} has ${small.blob.bytes} bytes.`,
    );
  return parts;
}

function matchPart(upload: Upload, named: CompletedPart): Part {
  const part = upload.parts.get(named.PartNumber ?? 0);
  const isSame = part !== undefined && (named.ETag ?? '').replaceAll('"', '') === partEtag(part).replaceAll('"', '');
  if (isSame && ALGORITHMS.every((algorithm) => agrees(part, algorithm, sentChecksum(named, algorithm)))) return part;
  throw new AwsError(
    'InvalidPart',
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  );
}

const agrees = (part: Part, algorithm: string, sent: string | undefined) =>
  sent === undefined || (part.checksum?.algorithm === algorithm && part.checksum.value === sent);

async function wholeChecksum(s3: S3State, upload: Upload, parts: readonly Part[]): Promise<Checksum | undefined> {
  const { algorithm, checksumType: type } = upload;
  if (algorithm === undefined) return undefined;
  if (type === 'FULL_OBJECT') {
    const content = parts.map((part) => part.blob);
    const value = await checksumOf(algorithm, readContent(s3.blobs, content, { from: 0, to: Infinity }));
    return { algorithm, type, value };
  }
  const digests = parts.map((part) => Buffer.from(part.checksum?.value ?? '', 'base64'));
  return { algorithm, type, value: `${await checksumOf(algorithm, digests)}-${parts.length}` };
}

const toCheckedPart = ({ number, blob, checksum }: Part) =>
  checksum === undefined ? [] : [{ number, bytes: blob.bytes, value: checksum.value }];

function checkWhole(
  sent: ChecksumFields & { readonly MpuObjectSize?: number | undefined },
  checksum: Checksum | undefined,
  bytes: number,
): void {
  if (sent.MpuObjectSize !== undefined && sent.MpuObjectSize !== bytes)
    throw new AwsError(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header does not match what was computed: ${bytes}.`,
    );
  for (const algorithm of ALGORITHMS) {
    const value = sentChecksum(sent, algorithm);
    if (
      value === undefined ||
      (checksum?.algorithm === algorithm && checksum.value.replace(/-\d+$/, '') === value.replace(/-\d+$/, ''))
    )
      continue;
    throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
}

/** MD5 over the parts' MD5s, and how many they were. */
function multipartEtag(parts: readonly Part[]): string {
  const md5 = createHash('md5').update(Buffer.concat(parts.map((part) => part.md5)));
  return `"${md5.digest('hex')}-${parts.length}"`;
}

/** Of two completions at once one has the upload; it is given back when that one's conditions do not hold. */
async function takeUpload<T>(bucket: Bucket, upload: Upload, run: () => Promise<T>): Promise<T> {
  getUpload(bucket, upload.key, upload.id);
  bucket.uploads.delete(upload.id);
  try {
    return await run();
  } catch (error) {
    bucket.uploads.set(upload.id, upload);
    throw error;
  }
}

export const completeMultipartUpload = (
  s3: S3State,
): Operation<CompleteMultipartUploadRequest, CompleteMultipartUploadOutput> => ({
  schema: CompleteMultipartUpload$,
  async run(input, call) {
    const bucket = getBucket(s3, input.Bucket);
    const upload = getUpload(bucket, input.Key, input.UploadId);
    const parts = chooseParts(upload, input.MultipartUpload?.Parts ?? []);
    const content = parts.map((part) => part.blob);
    const bytes = content.reduce((sum, blob) => sum + blob.bytes, 0);
    const checksum = await wholeChecksum(s3, upload, parts);
    checkWhole(input, checksum, bytes);
    const draft = {
      key: upload.key,
      content,
      bytes,
      etag: multipartEtag(parts),
      checksum,
      parts: parts.length,
      checkedParts: checksum?.type === 'COMPOSITE' ? parts.flatMap(toCheckedPart) : undefined,
      headers: upload.headers,
    };
    const object = await takeUpload(bucket, upload, () =>
      commit(s3, bucket, { ...draft, conditions: input }, { call, reason: 'CompleteMultipartUpload' }),
    );
    for (const part of upload.parts.values()) if (!parts.includes(part)) await s3.blobs.remove(part.blob.id);
    return {
      Bucket: bucket.name,
      Key: upload.key,
      Location: `${s3.world.account.endpoint}/${bucket.name}/${upload.key}`,
      ETag: object.etag,
      VersionId: shownVersionId(bucket, object),
      ServerSideEncryption: ENCRYPTION,
      ...toFields(checksum),
    };
  },
});
