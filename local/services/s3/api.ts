import type { EventBus, ObjectStore } from '../../kernel/ports.ts';
import { Readable } from 'node:stream';
import type { Call, LocalService } from '../../kernel/service.ts';
import type { World } from '../../kernel/world.ts';
import { readContent } from './blobs.ts';
import type { BlobStore } from './blobs.ts';
import { currentVersion, getBucket } from './bucket.ts';
import type { S3State } from './bucket.ts';
import { getBucketLocation, getBucketVersioning, headBucket, listBuckets } from './bucket-operations.ts';
import { completeMultipartUpload } from './complete-multipart.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-object.ts';
import { getObject, headObject } from './get-object.ts';
import { getObjectAttributes } from './get-object-attributes.ts';
import { startLifecycle } from './lifecycle.ts';
import { listObjectsV2, listObjectVersions } from './list-objects.ts';
import { abortMultipartUpload, createMultipartUpload, listParts, uploadPart } from './multipart.ts';
import { putObject } from './put-object.ts';
import { s3Resources } from './resource.ts';
import { loadBuckets, saveBuckets } from './saved.ts';

const GAPS = [
  'Rights are not judged: bucket policies, access points and public access blocks have no effect.',
  'An object uploaded without a checksum has none; S3 would compute CRC-64/NVME.',
  'Lifecycle rules know expiration, noncurrent expiration and abandoned uploads by days and prefix; no storage classes.',
  'There are no tags, object locks, replication, inventories, website or static hosting.',
  'A state folder keeps objects and versions; multipart uploads under way end with a run.',
  'A read of a deleted key answers without the x-amz-delete-marker header.',
];

export interface S3Ports {
  readonly world: World;
  readonly bus: EventBus;
  readonly blobs: BlobStore;
}

export function createS3({ world, bus, blobs }: S3Ports): LocalService & ObjectStore {
  const s3: S3State = { world, bus, blobs, buckets: new Map(), changes: 0 };
  const operations = operationsOf(s3);
  let stopLifecycle: (() => void) | undefined;
  return {
    name: 's3',
    operations,
    resources: s3Resources(s3),
    gaps: GAPS,
    save: () => saveBuckets(s3),
    load: (saved) => loadBuckets(s3, saved),
    start: () => void (stopLifecycle = startLifecycle(s3)),
    stop: () => stopLifecycle?.(),
    async put(Bucket, Key, Body) {
      await putObject(s3).run({ Bucket, Key, Body: Readable.from([Body], { objectMode: false }) }, internalCall(world));
    },
    get(bucket, key) {
      const object = currentVersion(getBucket(s3, bucket), key);
      if (object?.kind !== 'object') return Promise.resolve(undefined);
      return Promise.resolve(
        Readable.from(readContent(blobs, object.content, { from: 0, to: object.bytes }), { objectMode: false }),
      );
    },
  };
}

const internalCall = (world: World): Call => ({ requestId: world.random.hex(16).toUpperCase(), sourceIp: '127.0.0.1' });

const operationsOf = (s3: S3State) => ({
  PutObject: putObject(s3),
  GetObject: getObject(s3),
  HeadObject: headObject(s3),
  GetObjectAttributes: getObjectAttributes(s3),
  CopyObject: copyObject(s3),
  DeleteObject: deleteObject(s3),
  DeleteObjects: deleteObjects(s3),
  ListObjectsV2: listObjectsV2(s3),
  ListObjectVersions: listObjectVersions(s3),
  CreateMultipartUpload: createMultipartUpload(s3),
  UploadPart: uploadPart(s3),
  CompleteMultipartUpload: completeMultipartUpload(s3),
  AbortMultipartUpload: abortMultipartUpload(s3),
  ListParts: listParts(s3),
  HeadBucket: headBucket(s3),
  ListBuckets: listBuckets(s3),
  GetBucketLocation: getBucketLocation(s3),
  GetBucketVersioning: getBucketVersioning(s3),
});
