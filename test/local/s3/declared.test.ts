import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectoryBlobs, MemoryBlobs, readContent } from '../../../local/services/s3/blobs.ts';
import type { BlobStore } from '../../../local/services/s3/blobs.ts';
import { declare } from '../ec2/world.ts';
import { testS3 } from './bucket.ts';

describe('a declared bucket', () => {
  it('has the name, ARN and domain names that others refer to', async () => {
    const { s3, api } = await testS3();
    const made = await declare(s3, 'AWS::S3::Bucket', {}, 'ImagesBucket01');
    expect(made.ref).toMatch(/^tandem-imagesbucket01-[0-9a-f]{12}$/);
    expect(made.attributes['Arn']).toBe(`arn:aws:s3:::${made.ref}`);
    expect(made.attributes['RegionalDomainName']).toBe(`${made.ref}.s3.eu-central-1.amazonaws.com`);
    expect(await api('ListBuckets')).toMatchObject({ Buckets: [{ Name: 'images' }, { Name: made.ref }] });
    expect(await api('GetBucketLocation')).toEqual({ LocationConstraint: 'eu-central-1' });
    expect(await api('GetBucketVersioning')).toEqual({ Status: 'Enabled' });
  });

  it('is refused with a property or value that nothing here keeps', async () => {
    const { s3 } = await testS3();
    await expect(declare(s3, 'AWS::S3::Bucket', { ReplicationConfiguration: {} })).rejects.toThrow(
      /tandem\/Thing.*ReplicationConfiguration/,
    );
    await expect(declare(s3, 'AWS::S3::Bucket', { VersioningConfiguration: { Status: 'On' } })).rejects.toThrow(/"On"/);
    await expect(declare(s3, 'AWS::S3::Bucket', { BucketName: 'images' })).rejects.toThrow(/already/);
    const LifecycleConfiguration = { Rules: [{ Status: 'Enabled', Transitions: [] }] };
    await expect(declare(s3, 'AWS::S3::Bucket', { LifecycleConfiguration })).rejects.toThrow(/Transitions/);
  });

  it('may have what has no effect here: encryption, access, ownership, logging, a policy', async () => {
    const { s3 } = await testS3();
    const properties = {
      BucketEncryption: {},
      PublicAccessBlockConfiguration: {},
      OwnershipControls: {},
      LoggingConfiguration: {},
      Tags: [],
    };
    await expect(declare(s3, 'AWS::S3::Bucket', properties)).resolves.toBeDefined();
    await expect(declare(s3, 'AWS::S3::BucketPolicy', { Bucket: 'images', PolicyDocument: {} })).resolves.toBeDefined();
  });
});

describe('S3 as other services use it', () => {
  it('takes and gives objects', async () => {
    const { s3 } = await testS3();
    await s3.put('images', 'log', Buffer.from('line'));
    const body = await s3.get('images', 'log');
    expect((await buffer(body!)).toString()).toBe('line');
    expect(await s3.get('images', 'unknown')).toBeUndefined();
  });
});

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'blobs-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const homes: readonly (readonly [string, () => BlobStore])[] = [
  ['MemoryBlobs', () => new MemoryBlobs()],
  ['DirectoryBlobs', () => new DirectoryBlobs(join(directory, 'blobs'))],
];

async function* from(...chunks: string[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
}
const textOf = async (bytes: AsyncIterable<Uint8Array>) => (await buffer(bytes)).toString();

describe.each(homes)('%s is a BlobStore', (_name, open) => {
  it('gives back any part of what it was given', async () => {
    const blobs = open();
    const blob = await blobs.write(from('0123', '456', '789'));
    expect(blob.bytes).toBe(10);
    expect(await textOf(blobs.read(blob.id, 0, 10))).toBe('0123456789');
    expect(await textOf(blobs.read(blob.id, 3, 8))).toBe('34567');
    expect(await textOf(blobs.read(blob.id, 4, 4))).toBe('');
  });

  it('reads several blobs as one content', async () => {
    const blobs = open();
    const content = [await blobs.write(from('abc')), await blobs.write(from('')), await blobs.write(from('def'))];
    for (let start = 0; start <= 6; start += 1)
      for (let end = start; end <= 7; end += 1)
        expect(await textOf(readContent(blobs, content, { from: start, to: end }))).toBe('abcdef'.slice(start, end));
  });

  it('forgets what is removed, twice without complaint', async () => {
    const blobs = open();
    const { id } = await blobs.write(from('x'));
    await blobs.remove(id);
    await blobs.remove(id);
    await expect(textOf(blobs.read(id, 0, 1))).rejects.toThrow();
  });

  it('keeps nothing of a body that breaks off', async () => {
    const blobs = open();
    const broken = async function* () {
      yield Buffer.from('half');
      throw new Error('connection lost');
    };
    await expect(blobs.write(broken())).rejects.toThrow('connection lost');
    if (blobs instanceof DirectoryBlobs) expect(await readdir(join(directory, 'blobs'))).toEqual([]);
  });
});
