import { GetObjectAttributes$ } from '@aws-sdk/client-s3';
import type {
  GetObjectAttributesOutput,
  GetObjectAttributesParts,
  GetObjectAttributesRequest,
  ObjectAttributes,
} from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import { getBucket, getObjectVersion, shownVersionId } from './bucket.ts';
import type { S3State, StoredObject } from './bucket.ts';
import { toFields } from './checksums.ts';

const MOST_PARTS = 1000;
const KNOWN: readonly string[] = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];

/** Only of an upload in parts. Its parts are listed where each has a checksum of its own, else S3 only counts them. */
function partsOf(object: StoredObject, input: GetObjectAttributesRequest): GetObjectAttributesParts | undefined {
  if (object.parts === undefined) return undefined;
  const checksum = object.checksum;
  if (checksum === undefined || object.checkedParts === undefined) return { TotalPartsCount: object.parts };
  const after = Number(input.PartNumberMarker ?? 0);
  const limit = Math.min(input.MaxParts ?? MOST_PARTS, MOST_PARTS);
  const rest = object.checkedParts.filter(({ number }) => number > after);
  const page = rest.slice(0, limit);
  return {
    TotalPartsCount: object.parts,
    PartNumberMarker: String(after),
    NextPartNumberMarker: String(page.at(-1)?.number ?? after),
    MaxParts: limit,
    IsTruncated: rest.length > page.length,
    Parts: page.map(({ number, bytes, value }) => ({
      PartNumber: number,
      Size: bytes,
      [`Checksum${checksum.algorithm}`]: value,
    })),
  };
}

function checkAsked({ ObjectAttributes: asked = [] }: GetObjectAttributesRequest): ReadonlySet<ObjectAttributes> {
  if (asked.length === 0) throw new AwsError('InvalidRequest', 'The x-amz-object-attributes header is required.');
  const unknown = asked.find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new AwsError('InvalidArgument', `Invalid attribute name specified: ${unknown}.`);
  return new Set(asked);
}

/** Says what was asked for. The ETag stands here without its quotes. */
export const getObjectAttributes = (s3: S3State): Operation<GetObjectAttributesRequest, GetObjectAttributesOutput> => ({
  schema: GetObjectAttributes$,
  run(input) {
    const asked = checkAsked(input);
    const bucket = getBucket(s3, input.Bucket);
    const object = getObjectVersion(bucket, input.Key, input.VersionId);
    return {
      LastModified: new Date(object.at),
      VersionId: shownVersionId(bucket, object),
      ...(asked.has('ETag') && { ETag: object.etag.replaceAll('"', '') }),
      ...(asked.has('Checksum') && object.checksum && { Checksum: toFields(object.checksum) }),
      ...(asked.has('ObjectParts') && { ObjectParts: partsOf(object, input) }),
      ...(asked.has('StorageClass') && { StorageClass: 'STANDARD' }),
      ...(asked.has('ObjectSize') && { ObjectSize: object.bytes }),
    };
  },
});
