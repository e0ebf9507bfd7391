import { AwsError } from '../../kernel/aws-error.ts';
import type { EventBus } from '../../kernel/ports.ts';
import type { World } from '../../kernel/world.ts';
import type { Blob, BlobStore } from './blobs.ts';
import type { Algorithm, Checksum, ChecksumType } from './checksums.ts';

/** The headers a writer sets and every reader gets back. */
export interface ObjectHeaders {
  readonly ContentType: string;
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly Metadata: Readonly<Record<string, string>>;
}

interface Entry {
  readonly key: string;
  /** `null` where the bucket was not versioned when it was written. */
  readonly versionId: string;
  readonly at: number;
}

export interface StoredObject extends Entry {
  readonly kind: 'object';
  readonly content: readonly Blob[];
  readonly bytes: number;
  /** With its quotes. */
  readonly etag: string;
  readonly checksum: Checksum | undefined;
  readonly parts: number | undefined;
  /** Of an upload in parts whose checksum is over its parts' checksums: these. */
  readonly checkedParts?: readonly CheckedPart[] | undefined;
  readonly headers: ObjectHeaders;
}

export interface CheckedPart {
  readonly number: number;
  readonly bytes: number;
  /** Base64. */
  readonly value: string;
}

export interface DeleteMarker extends Entry {
  readonly kind: 'delete-marker';
}

export type Version = StoredObject | DeleteMarker;

export interface Part {
  readonly number: number;
  readonly blob: Blob;
  readonly md5: Buffer;
  readonly checksum: Checksum | undefined;
  readonly at: number;
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly startedAt: number;
  readonly headers: ObjectHeaders;
  readonly algorithm: Algorithm | undefined;
  readonly checksumType: ChecksumType;
  readonly parts: Map<number, Part>;
}

export interface LifecycleRule {
  readonly prefix: string;
  readonly expirationDays: number | undefined;
  readonly noncurrentDays: number | undefined;
  readonly abortUploadDays: number | undefined;
}

export interface Bucket {
  readonly name: string;
  readonly madeAt: number;
  readonly versioning: 'Enabled' | 'Suspended' | undefined;
  readonly notifiesEventBridge: boolean;
  readonly lifecycle: readonly LifecycleRule[];
  /** Every version of a key, the newest last. */
  readonly versions: Map<string, Version[]>;
  readonly uploads: Map<string, Upload>;
}

/** What every operation of S3 works on. */
export interface S3State {
  readonly world: World;
  readonly bus: EventBus;
  readonly blobs: BlobStore;
  readonly buckets: Map<string, Bucket>;
  /** Grows with every change of an object; the sequencer of its event. */
  changes: number;
}

export function getBucket(s3: S3State, name: string | undefined): Bucket {
  const bucket = s3.buckets.get(name ?? '');
  if (bucket === undefined) throw new AwsError('NoSuchBucket', `The specified bucket does not exist: ${name ?? ''}`, 404);
  return bucket;
}

export const currentVersion = (bucket: Bucket, key: string): Version | undefined => bucket.versions.get(key)?.at(-1);

/** The object a read means: a named version, or the newest one that is not deleted. */
export function getObjectVersion(bucket: Bucket, key: string | undefined, versionId: string | undefined): StoredObject {
  const version =
    versionId === undefined
      ? currentVersion(bucket, key ?? '')
      : bucket.versions.get(key ?? '')?.find((candidate) => candidate.versionId === versionId);
  if (version?.kind === 'object') return version;
  if (versionId === undefined) throw new AwsError('NoSuchKey', `The specified key does not exist: ${key ?? ''}`, 404);
  if (version === undefined)
    throw new AwsError('NoSuchVersion', `The specified version does not exist: ${key ?? ''} ${versionId}`, 404);
  throw new AwsError(
    'MethodNotAllowed',
    'The specified method is not allowed against this resource: it is a delete marker.',
    405,
  );
}

export function newVersionId(s3: S3State, bucket: Bucket): string {
  return bucket.versioning === 'Enabled' ? s3.world.random.hex(32) : 'null';
}

/** Adds a version; one with the same id (an unversioned bucket's `null`) is replaced and its bytes are let go. */
export async function addVersion(s3: S3State, bucket: Bucket, version: Version): Promise<void> {
  const versions = bucket.versions.get(version.key) ?? [];
  const replaced = versions.filter((old) => old.versionId === version.versionId);
  bucket.versions.set(version.key, [...versions.filter((old) => old.versionId !== version.versionId), version]);
  for (const old of replaced) await dropContent(s3, old);
}

/** Removes one version for good. */
export async function removeVersion(s3: S3State, bucket: Bucket, version: Version): Promise<void> {
  const left = (bucket.versions.get(version.key) ?? []).filter((kept) => kept !== version);
  if (left.length > 0) bucket.versions.set(version.key, left);
  else bucket.versions.delete(version.key);
  await dropContent(s3, version);
}

async function dropContent(s3: S3State, version: Version): Promise<void> {
  if (version.kind === 'object') for (const blob of version.content) await s3.blobs.remove(blob.id);
}

/** `VersionId` of an answer: S3 sends none for a bucket that never was versioned. */
export const shownVersionId = (bucket: Bucket, version: Version) =>
  bucket.versioning === undefined ? undefined : version.versionId;
