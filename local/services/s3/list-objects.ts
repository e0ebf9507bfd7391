import { ListObjectsV2$, ListObjectVersions$ } from '@aws-sdk/client-s3';
import type {
  ListObjectsV2Output,
  ListObjectsV2Request,
  ListObjectVersionsOutput,
  ListObjectVersionsRequest,
  ObjectVersion,
} from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import { currentVersion, getBucket } from './bucket.ts';
import type { Bucket, S3State, StoredObject, Version } from './bucket.ts';

const MAX_KEYS = 1000;

/** S3 lists keys in the order of their UTF-8 bytes. */
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** One line of a listing: keys that share a prefix up to the delimiter are rolled into one. */
type Line<T> = { readonly at: string; readonly entry: T } | { readonly at: string; readonly prefix: string };

interface Question {
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
}

function* lines<T>(entries: Iterable<readonly [string, T]>, { Prefix = '', Delimiter }: Question): Iterable<Line<T>> {
  let rolled: string | undefined;
  for (const [key, entry] of entries) {
    if (!key.startsWith(Prefix)) continue;
    const cut = Delimiter ? key.indexOf(Delimiter, Prefix.length) : -1;
    if (!Delimiter || cut < 0) {
      yield { at: key, entry };
      continue;
    }
    const prefix = key.slice(0, cut + Delimiter.length);
    if (prefix !== rolled) yield { at: prefix, prefix };
    rolled = prefix;
  }
}

function toLimit(maxKeys: number | undefined): number {
  if (maxKeys !== undefined && (maxKeys < 0 || !Number.isInteger(maxKeys)))
    throw new AwsError('InvalidArgument', 'Argument maxKeys must be an integer between 0 and 2147483647');
  return Math.min(maxKeys ?? MAX_KEYS, MAX_KEYS);
}

/** The AWS CLI asks for keys percent-encoded, so that any byte fits into XML. */
const encoder = (type: string | undefined) => (text: string) =>
  type === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text;

const encodedOrAbsent = (encode: (text: string) => string, text: string | undefined) =>
  text === undefined ? undefined : encode(text);

const describe = (object: StoredObject) => ({
  ETag: object.etag,
  Size: object.bytes,
  LastModified: new Date(object.at),
  StorageClass: 'STANDARD' as const,
  ...(object.checksum && { ChecksumAlgorithm: [object.checksum.algorithm], ChecksumType: object.checksum.type }),
});

function currentObjects(bucket: Bucket): readonly (readonly [string, StoredObject])[] {
  const keys = [...bucket.versions.keys()].sort(byBytes);
  return keys.flatMap((key) => {
    const version = currentVersion(bucket, key);
    return version?.kind === 'object' ? [[key, version] as const] : [];
  });
}

function fromToken(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const at = Buffer.from(token, 'base64').toString();
  if (Buffer.from(at).toString('base64') !== token)
    throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect');
  return at;
}

export const listObjectsV2 = (s3: S3State): Operation<ListObjectsV2Request, ListObjectsV2Output> => ({
  schema: ListObjectsV2$,
  run(input) {
    const bucket = getBucket(s3, input.Bucket);
    const limit = toLimit(input.MaxKeys);
    const encode = encoder(input.EncodingType);
    const after = fromToken(input.ContinuationToken) ?? input.StartAfter ?? '';
    const rest = [...lines(currentObjects(bucket), input)].filter((line) => byBytes(line.at, after) > 0);
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    const isTruncated = rest.length > page.length && last !== undefined;
    return {
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      Delimiter: encodedOrAbsent(encode, input.Delimiter),
      MaxKeys: limit,
      EncodingType: input.EncodingType,
      KeyCount: page.length,
      IsTruncated: isTruncated,
      ContinuationToken: input.ContinuationToken,
      StartAfter: encodedOrAbsent(encode, input.StartAfter),
      NextContinuationToken: isTruncated ? Buffer.from(last.at).toString('base64') : undefined,
      Contents: page.flatMap((line) => ('entry' in line ? [{ Key: encode(line.at), ...describe(line.entry) }] : [])),
      CommonPrefixes: page.flatMap((line) => ('prefix' in line ? [{ Prefix: encode(line.prefix) }] : [])),
    };
  },
});

interface Placed {
  readonly version: Version;
  readonly isLatest: boolean;
}

/** Newest first within a key, as S3 lists versions. */
function allVersions(bucket: Bucket): readonly (readonly [string, Placed])[] {
  const keys = [...bucket.versions.keys()].sort(byBytes);
  return keys.flatMap((key) =>
    [...(bucket.versions.get(key) ?? [])].reverse().map((version, index) => [key, { version, isLatest: index === 0 }] as const),
  );
}

/** Both markers name the last line of the page before; without a version id the whole key is behind us. */
function afterMarkers(
  rest: readonly Line<Placed>[],
  key: string | undefined,
  versionId: string | undefined,
): readonly Line<Placed>[] {
  if (key === undefined) return rest;
  const marked = rest.findIndex((line) => line.at === key && 'entry' in line && line.entry.version.versionId === versionId);
  return marked >= 0 ? rest.slice(marked + 1) : rest.filter((line) => byBytes(line.at, key) > 0);
}

export const listObjectVersions = (s3: S3State): Operation<ListObjectVersionsRequest, ListObjectVersionsOutput> => ({
  schema: ListObjectVersions$,
  run(input) {
    const bucket = getBucket(s3, input.Bucket);
    const limit = toLimit(input.MaxKeys);
    const encode = encoder(input.EncodingType);
    const rest = afterMarkers([...lines(allVersions(bucket), input)], input.KeyMarker, input.VersionIdMarker);
    const page = rest.slice(0, limit);
    const placed = page.flatMap((line) => ('entry' in line ? [line.entry] : []));
    const last = page.at(-1);
    const next = rest.length > page.length ? last : undefined;
    return {
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      Delimiter: encodedOrAbsent(encode, input.Delimiter),
      KeyMarker: encode(input.KeyMarker ?? ''),
      VersionIdMarker: input.VersionIdMarker ?? '',
      MaxKeys: limit,
      EncodingType: input.EncodingType,
      IsTruncated: next !== undefined,
      NextKeyMarker: encodedOrAbsent(encode, next?.at),
      NextVersionIdMarker: next !== undefined && 'entry' in next ? next.entry.version.versionId : undefined,
      Versions: placed.flatMap(({ version, isLatest }) =>
        version.kind === 'object' ? [toVersion(version, isLatest, encode)] : [],
      ),
      DeleteMarkers: placed.flatMap(({ version, isLatest }) =>
        version.kind === 'delete-marker' ? [{ ...identity(version, encode), IsLatest: isLatest }] : [],
      ),
      CommonPrefixes: page.flatMap((line) => ('prefix' in line ? [{ Prefix: encode(line.prefix) }] : [])),
    };
  },
});

const identity = (version: Version, encode: (text: string) => string) => ({
  Key: encode(version.key),
  VersionId: version.versionId,
  LastModified: new Date(version.at),
});

const toVersion = (object: StoredObject, isLatest: boolean, encode: (text: string) => string): ObjectVersion => ({
  ...describe(object),
  ...identity(object, encode),
  IsLatest: isLatest,
});
