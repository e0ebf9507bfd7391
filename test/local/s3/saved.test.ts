import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createS3 } from '../../../local/services/s3/api.ts';
import { DirectoryBlobs } from '../../../local/services/s3/blobs.ts';
import { call, declare, testBus, testWorld } from '../ec2/world.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 's3-saved-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function open(series: string) {
  const s3 = createS3({ world: testWorld(), bus: testBus(), blobs: new DirectoryBlobs(directory, series) });
  await declare(s3, 'AWS::S3::Bucket', { BucketName: 'b', VersioningConfiguration: { Status: 'Enabled' } });
  return s3;
}
type S3 = Awaited<ReturnType<typeof open>>;

const put = (s3: S3, Key: string, Body: string, more: object = {}) => call(s3, 'PutObject', { Bucket: 'b', Key, Body, ...more });
const throughJson = async (s3: S3): Promise<unknown> => JSON.parse(JSON.stringify(await s3.save?.()));
const versions = (s3: S3) => call(s3, 'ListObjectVersions', { Bucket: 'b' });

it('objects, versions, delete markers and headers are as they were', async () => {
  const s3 = await open('run1');
  const headers = { ContentType: 'text/plain', CacheControl: 'no-cache', Metadata: { by: 'us' }, ChecksumAlgorithm: 'SHA256' };
  const { VersionId } = await put(s3, 'a', 'one', headers);
  await put(s3, 'a', 'two');
  await put(s3, 'gone', 'x');
  await call(s3, 'DeleteObject', { Bucket: 'b', Key: 'gone' });
  const again = await open('run2');
  expect(await again.load?.(await throughJson(s3))).toEqual([]);
  expect(await versions(again)).toEqual(await versions(s3));
  const head = (on: S3) => call(on, 'HeadObject', { Bucket: 'b', Key: 'a', VersionId, ChecksumMode: 'ENABLED' });
  expect(await head(again)).toEqual(await head(s3));
  expect(await head(again)).toMatchObject({ CacheControl: 'no-cache', Metadata: { by: 'us' } });
});

it('bytes that no object has any more are removed, and an object whose bytes are gone is said to be lost', async () => {
  const s3 = await open('run1');
  await put(s3, 'kept', 'k');
  await put(s3, 'lost', 'l');
  const saved = await throughJson(s3);
  await put(s3, 'after', 'the account was written down for the last time');
  rmSync(join(directory, 'run1-2'));
  const again = await open('run2');
  expect(await again.load?.(saved)).toEqual(['s3://b/lost is lost: its bytes are not in the folder.']);
  expect(readdirSync(directory)).toEqual(['run1-1']);
  expect(await versions(again)).toMatchObject({ Versions: [{ Key: 'kept' }] });
});
