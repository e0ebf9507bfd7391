import { AbortMultipartUpload$, CreateMultipartUpload$, ListParts$, UploadPart$ } from '@aws-sdk/client-s3';
import type {
  AbortMultipartUploadOutput,
  AbortMultipartUploadRequest,
  CreateMultipartUploadOutput,
  CreateMultipartUploadRequest,
  ListPartsOutput,
  ListPartsRequest,
  UploadPartOutput,
  UploadPartRequest,
} from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import { getBucket } from './bucket.ts';
import type { Bucket, Part, S3State, Upload } from './bucket.ts';
import { uploadAlgorithm } from './checksums.ts';
import type { Algorithm, ChecksumType } from './checksums.ts';
import { checkKey, ENCRYPTION, receive, toHeaders } from './put-object.ts';

export const MAX_PARTS = 10_000;

export function getUpload(bucket: Bucket, key: string | undefined, id: string | undefined): Upload {
  const upload = bucket.uploads.get(id ?? '');
  if (upload?.key === key && upload !== undefined) return upload;
  throw new AwsError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
  );
}

/** CRC-64/NVME exists only over the whole object, SHA only over parts; the other CRCs are over parts unless asked otherwise. */
function checksumType(algorithm: Algorithm | undefined, asked: string | undefined): ChecksumType {
  const only = algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : algorithm?.startsWith('SHA') ? 'COMPOSITE' : undefined;
  if (asked !== undefined && asked !== 'FULL_OBJECT' && asked !== 'COMPOSITE')
    throw new AwsError('InvalidRequest', `Value for x-amz-checksum-type header is invalid: ${asked}`);
  if (asked !== undefined && only !== undefined && asked !== only)
    throw new AwsError(
      'InvalidRequest',
      `The ${asked} checksum type cannot be used with the ${algorithm ?? ''} checksum algorithm.`,
    );
  return only ?? asked ?? 'COMPOSITE';
}

export const createMultipartUpload = (s3: S3State): Operation<CreateMultipartUploadRequest, CreateMultipartUploadOutput> => ({
  schema: CreateMultipartUpload$,
  run(input) {
    const bucket = getBucket(s3, input.Bucket);
    const algorithm = uploadAlgorithm({ ChecksumAlgorithm: input.ChecksumAlgorithm });
    const upload: Upload = {
      id: s3.world.random.hex(48),
      key: checkKey(input.Key),
      startedAt: s3.world.time.now(),
      headers: toHeaders(input),
      algorithm,
      checksumType: checksumType(algorithm, input.ChecksumType),
      parts: new Map(),
    };
    bucket.uploads.set(upload.id, upload);
    return {
      Bucket: bucket.name,
      Key: upload.key,
      UploadId: upload.id,
      ServerSideEncryption: ENCRYPTION,
      ...(algorithm && { ChecksumAlgorithm: algorithm, ChecksumType: upload.checksumType }),
    };
  },
});

export const partEtag = (part: Part) => `"${part.md5.toString('hex')}"`;

export const uploadPart = (s3: S3State): Operation<UploadPartRequest, UploadPartOutput> => ({
  schema: UploadPart$,
  async run(input) {
    const bucket = getBucket(s3, input.Bucket);
    const upload = getUpload(bucket, input.Key, input.UploadId);
    const number = input.PartNumber ?? 0;
    if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS)
      throw new AwsError('InvalidArgument', `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`);
    const algorithm = uploadAlgorithm(input) ?? upload.algorithm;
    if (upload.algorithm !== undefined && algorithm !== upload.algorithm)
      throw new AwsError(
        'InvalidRequest',
        `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm}, actual: ${algorithm ?? ''}`,
      );
    const { blob, md5, checksum } = await receive(s3, input, algorithm);
    // Aborted or completed while the part was on its way.
    if (bucket.uploads.get(upload.id) !== upload) {
      await s3.blobs.remove(blob.id);
      throw new AwsError('NoSuchUpload', 'The specified upload does not exist: it ended while the part was uploaded.', 404);
    }
    const before = upload.parts.get(number);
    const part: Part = { number, blob, md5, checksum, at: s3.world.time.now() };
    upload.parts.set(number, part);
    if (before !== undefined) await s3.blobs.remove(before.blob.id);
    return { ETag: partEtag(part), ServerSideEncryption: ENCRYPTION, ...toPartFields(part) };
  },
});

/** A part's checksum has no type of its own. */
const toPartFields = (part: Part) =>
  part.checksum === undefined ? {} : { [`Checksum${part.checksum.algorithm}`]: part.checksum.value };

export const abortMultipartUpload = (s3: S3State): Operation<AbortMultipartUploadRequest, AbortMultipartUploadOutput> => ({
  schema: AbortMultipartUpload$,
  async run(input) {
    const bucket = getBucket(s3, input.Bucket);
    await dropUpload(s3, bucket, getUpload(bucket, input.Key, input.UploadId));
    return {};
  },
});

export async function dropUpload(s3: S3State, bucket: Bucket, upload: Upload): Promise<void> {
  bucket.uploads.delete(upload.id);
  for (const part of upload.parts.values()) await s3.blobs.remove(part.blob.id);
}

export const listParts = (s3: S3State): Operation<ListPartsRequest, ListPartsOutput> => ({
  schema: ListParts$,
  run(input) {
    const bucket = getBucket(s3, input.Bucket);
    const upload = getUpload(bucket, input.Key, input.UploadId);
    const after = Number(input.PartNumberMarker ?? 0);
    const rest = [...upload.parts.values()].filter((part) => part.number > after).sort((a, b) => a.number - b.number);
    const limit = Math.min(input.MaxParts ?? 1000, 1000);
    const page = rest.slice(0, limit);
    return {
      Bucket: bucket.name,
      Key: upload.key,
      UploadId: upload.id,
      MaxParts: limit,
      PartNumberMarker: String(after),
      NextPartNumberMarker: String(page.at(-1)?.number ?? after),
      IsTruncated: rest.length > page.length,
      StorageClass: 'STANDARD',
      Parts: page.map((part) => ({
        PartNumber: part.number,
        ETag: partEtag(part),
        Size: part.blob.bytes,
        LastModified: new Date(part.at),
        ...toPartFields(part),
      })),
    };
  },
});
