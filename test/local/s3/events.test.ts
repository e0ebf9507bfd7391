import { describe, expect, it } from 'vitest';
import { testS3 } from './bucket.ts';

interface Detail {
  readonly object: { readonly key: string; readonly sequencer: string };
}

describe('an event of S3', () => {
  it('says of a created object what AWS says', async () => {
    const { put, bus } = await testS3();
    const { ETag, VersionId } = await put('hello/1.0.0/linux.raw', 'bytes');
    expect(bus.events).toEqual([
      {
        source: 'aws.s3',
        'detail-type': 'Object Created',
        resources: ['arn:aws:s3:::images'],
        detail: {
          version: '0',
          bucket: { name: 'images' },
          object: {
            key: 'hello/1.0.0/linux.raw',
            size: 5,
            etag: ETag.replaceAll('"', ''),
            'version-id': VersionId,
            sequencer: expect.stringMatching(/^[0-9A-F]{18}$/) as string,
          },
          'request-id': 'REQUEST',
          requester: '123456789012',
          'source-ip-address': '127.0.0.1',
          reason: 'PutObject',
        },
      },
    ]);
  });

  it('has a sequencer that grows with every change, also within a millisecond', async () => {
    const { put, api, bus, world } = await testS3();
    await put('k');
    await put('k');
    await api('DeleteObject', { Key: 'k' });
    await world.time.advanceBy(5);
    await put('k');
    const sequencers = bus.events.map((event) => (event.detail as Detail).object.sequencer);
    expect(sequencers).toEqual([...sequencers].sort());
    expect(new Set(sequencers).size).toBe(4);
  });

  it('tells a copy and a deletion by their reasons', async () => {
    const { put, api, bus } = await testS3();
    const { VersionId } = await put('k');
    await api('CopyObject', { Key: 'copy', CopySource: 'images/k' });
    await api('DeleteObject', { Key: 'k' });
    await api('DeleteObject', { Key: 'k', VersionId });
    expect(bus.details('Object Created').map((detail) => detail['reason'])).toEqual(['PutObject', 'CopyObject']);
    expect(bus.details('Object Deleted').map((detail) => detail['deletion-type'])).toEqual([
      'Delete Marker Created',
      'Permanently Deleted',
    ]);
  });

  it('comes only from a bucket that is set to send them', async () => {
    const { put, bus } = await testS3({});
    await put('k');
    expect(bus.events).toEqual([]);
  });
});

const DAY = 86_400_000;

describe('a lifecycle rule', () => {
  const rule = (rest: object) => ({ LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Prefix: 'bakes/', ...rest }] } });
  const keys = async ({ api }: { api: Awaited<ReturnType<typeof testS3>>['api'] }) =>
    (await api<{ Contents: { Key: string }[] }>('ListObjectsV2')).Contents.map((object) => object.Key);

  it('expires objects of its prefix at the midnight after their days', async () => {
    const bucket = await testS3(rule({ ExpirationInDays: 1 }));
    await bucket.s3.start?.();
    await bucket.world.time.advanceBy(DAY / 2);
    await bucket.put('bakes/x');
    await bucket.put('others/x');
    await bucket.world.time.advanceBy(DAY);
    expect(await keys(bucket)).toEqual(['bakes/x', 'others/x']);
    await bucket.world.time.advanceBy(DAY / 2);
    expect(await keys(bucket)).toEqual(['others/x']);
    await bucket.s3.stop?.();
    expect(bucket.world.time.entries).toBe(0);
  });

  it('removes versions by the time since they were replaced', async () => {
    const bucket = await testS3({
      ...rule({ NoncurrentVersionExpiration: { NoncurrentDays: 2 } }),
      VersioningConfiguration: { Status: 'Enabled' },
    });
    await bucket.s3.start?.();
    await bucket.put('bakes/x', 'old');
    await bucket.world.time.advanceBy(10 * DAY);
    await bucket.put('bakes/x', 'new');
    await bucket.world.time.advanceBy(1.5 * DAY);
    expect(await bucket.api('ListObjectVersions')).toMatchObject({ Versions: [{}, {}] });
    await bucket.world.time.advanceBy(2 * DAY);
    expect((await bucket.api<{ Versions: object[] }>('ListObjectVersions')).Versions).toHaveLength(1);
    expect(await bucket.read('bakes/x')).toMatchObject({ text: 'new' });
  });

  it('aborts uploads nobody completed', async () => {
    const bucket = await testS3(rule({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }));
    await bucket.s3.start?.();
    const { UploadId } = await bucket.api<{ UploadId: string }>('CreateMultipartUpload', { Key: 'bakes/x' });
    await bucket.world.time.advanceBy(2 * DAY);
    await expect(bucket.api('ListParts', { Key: 'bakes/x', UploadId })).rejects.toMatchObject({ code: 'NoSuchUpload' });
  });

  it('that is disabled does nothing', async () => {
    const bucket = await testS3(rule({ ExpirationInDays: 1, Status: 'Disabled' }));
    await bucket.s3.start?.();
    expect(bucket.world.time.entries).toBe(0);
  });
});
