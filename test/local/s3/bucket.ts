import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { createS3 } from '../../../local/services/s3/api.ts';
import { MemoryBlobs } from '../../../local/services/s3/blobs.ts';
import { call, declare, testBus, testWorld } from '../ec2/world.ts';

export const VERSIONED = {
  BucketName: 'images',
  VersioningConfiguration: { Status: 'Enabled' },
  NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
};

interface Put {
  readonly ETag: string;
  readonly VersionId?: string;
}

/** An S3 with the one bucket `images`. */
export async function testS3(properties: object = VERSIONED) {
  const world = testWorld();
  const bus = testBus();
  const blobs = new MemoryBlobs();
  const s3 = createS3({ world, bus, blobs });
  await declare(s3, 'AWS::S3::Bucket', { BucketName: 'images', ...properties });
  const Bucket = 'images';
  const api = <Output = Record<string, unknown>>(operation: string, input: object = {}) =>
    call<Output>(s3, operation, { Bucket, ...input });
  const put = (Key: string, Body: string | Uint8Array = '', input: object = {}) => api<Put>('PutObject', { Key, Body, ...input });
  const read = async (Key: string, input: object = {}) => {
    const answer = await api<{ Body: Readable }>('GetObject', { Key, ...input });
    return { ...(answer as Record<string, unknown>), text: (await buffer(answer.Body)).toString() };
  };
  return { world, bus, blobs, s3, api, put, read };
}
