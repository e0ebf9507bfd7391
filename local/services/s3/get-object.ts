import { GetObject$, HeadObject$ } from '@aws-sdk/client-s3';
import type { GetObjectOutput, GetObjectRequest, HeadObjectOutput, HeadObjectRequest } from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import { readContent } from './blobs.ts';
import { getBucket, getObjectVersion, shownVersionId } from './bucket.ts';
import type { Bucket, S3State, StoredObject } from './bucket.ts';
import { toFields } from './checksums.ts';
import { checkRead } from './conditions.ts';
import { ENCRYPTION } from './put-object.ts';
import { parseRange } from './range.ts';
import type { ByteRange } from './range.ts';

interface Found {
  readonly bucket: Bucket;
  readonly object: StoredObject;
  readonly range: ByteRange | undefined;
}

function find(s3: S3State, input: GetObjectRequest | HeadObjectRequest): Found {
  const bucket = getBucket(s3, input.Bucket);
  const object = getObjectVersion(bucket, input.Key, input.VersionId);
  checkRead(input, object);
  return { bucket, object, range: partRange(input.PartNumber, object) ?? parseRange(input.Range, object.bytes) };
}

function partRange(part: number | undefined, object: StoredObject): ByteRange | undefined {
  if (part === undefined) return undefined;
  const blob = object.content[part - 1];
  if (blob === undefined) throw new AwsError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416);
  const from = object.content.slice(0, part - 1).reduce((sum, before) => sum + before.bytes, 0);
  return { from, to: from + blob.bytes };
}

/** What GET and HEAD say of an object. S3 sends its checksum only when asked, and not with a part of its bytes. */
function describe({ bucket, object, range }: Found, asksChecksum: boolean): GetObjectOutput & HeadObjectOutput {
  const length = range === undefined ? object.bytes : range.to - range.from;
  return {
    ...object.headers,
    AcceptRanges: 'bytes',
    ContentLength: length,
    ...(range && { ContentRange: `bytes ${range.from}-${range.to - 1}/${object.bytes}` }),
    ETag: object.etag,
    LastModified: new Date(object.at),
    ServerSideEncryption: ENCRYPTION,
    VersionId: shownVersionId(bucket, object),
    ...(object.parts !== undefined && { PartsCount: object.parts }),
    ...(asksChecksum && range === undefined && toFields(object.checksum)),
  };
}

/** One place an answer, used again for each part of it. */
const PLACE_BYTES = 512 * 1024;

type Streamed = Omit<GetObjectOutput, 'Body'> & { readonly Body: AsyncIterable<Uint8Array> };

export const getObject = (s3: S3State): Operation<GetObjectRequest, Streamed> => ({
  schema: GetObject$,
  run(input) {
    const found = find(s3, input);
    const range = found.range ?? { from: 0, to: found.object.bytes };
    const place = Buffer.allocUnsafeSlow(Math.min(PLACE_BYTES, range.to - range.from));
    const Body = readContent(s3.blobs, found.object.content, range, place);
    return { ...describe(found, input.ChecksumMode === 'ENABLED'), Body };
  },
});

/** A HEAD answer has no body, so S3 says `NotFound` where GET would name the reason. */
export const headObject = (s3: S3State): Operation<HeadObjectRequest, HeadObjectOutput> => ({
  schema: HeadObject$,
  run(input) {
    try {
      return describe(find(s3, input), input.ChecksumMode === 'ENABLED');
    } catch (error) {
      if (error instanceof AwsError && error.status === 404) throw new AwsError('NotFound', 'Not Found', 404, { cause: error });
      throw error;
    }
  },
});
