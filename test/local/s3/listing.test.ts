import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testS3 } from './bucket.ts';

interface Page {
  readonly Contents: { readonly Key: string }[];
  readonly CommonPrefixes: { readonly Prefix: string }[];
  readonly IsTruncated: boolean;
  readonly KeyCount: number;
  readonly NextContinuationToken?: string;
}

interface Versions {
  readonly Versions: { readonly Key: string; readonly VersionId: string; readonly IsLatest: boolean }[];
  readonly DeleteMarkers: { readonly Key: string; readonly VersionId: string; readonly IsLatest: boolean }[];
  readonly IsTruncated: boolean;
  readonly NextKeyMarker?: string;
  readonly NextVersionIdMarker?: string;
}

async function bucketWith(...keys: string[]) {
  const bucket = await testS3();
  for (const key of keys) await bucket.put(key, key);
  const list = (input: object = {}) => bucket.api<Page>('ListObjectsV2', input);
  const versions = (input: object = {}) => bucket.api<Versions>('ListObjectVersions', input);
  return { ...bucket, list, versions };
}

const keysOf = (page: Page) => page.Contents.map((object) => object.Key);

describe('a listing', () => {
  it('has the keys of a prefix in the order of their bytes', async () => {
    const { list } = await bucketWith('b', 'a/2', 'a/10', 'ä', '\u{1F600}', '\uFFFD');
    expect(keysOf(await list({ Prefix: 'a/' }))).toEqual(['a/10', 'a/2']);
    expect(keysOf(await list())).toEqual(['a/10', 'a/2', 'b', 'ä', '\uFFFD', '\u{1F600}']);
  });

  it('rolls keys with a delimiter into one line each', async () => {
    const { list } = await bucketWith('top', 'web/1/a', 'web/1/b', 'web/2/a', 'api/1/a');
    expect(await list({ Delimiter: '/' })).toMatchObject({
      Contents: [{ Key: 'top' }],
      CommonPrefixes: [{ Prefix: 'api/' }, { Prefix: 'web/' }],
      KeyCount: 3,
    });
    expect(await list({ Delimiter: '/', Prefix: 'web/' })).toMatchObject({
      Contents: [],
      CommonPrefixes: [{ Prefix: 'web/1/' }, { Prefix: 'web/2/' }],
    });
  });

  it('in pages of any size names everything once', async () => {
    const keys = ['a', 'b/1', 'b/2', 'b/3', 'c', 'd/1', 'e'];
    const { list } = await bucketWith(...keys);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), fc.constantFrom('/', undefined), async (MaxKeys, Delimiter) => {
        const seen: string[] = [];
        let ContinuationToken: string | undefined;
        do {
          const page = await list({ MaxKeys, Delimiter, ContinuationToken });
          expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
          seen.push(...keysOf(page), ...page.CommonPrefixes.map((one) => one.Prefix));
          ContinuationToken = page.NextContinuationToken;
        } while (ContinuationToken !== undefined);
        expect(seen.sort()).toEqual(Delimiter === '/' ? ['a', 'b/', 'c', 'd/', 'e'] : keys);
      }),
    );
  });

  it('starts behind a key, and refuses tokens it did not give', async () => {
    const { list } = await bucketWith('a', 'b', 'c');
    expect(keysOf(await list({ StartAfter: 'a' }))).toEqual(['b', 'c']);
    await expect(list({ ContinuationToken: 'not one' })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(list({ MaxKeys: -1 })).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  it('encodes its keys when asked to', async () => {
    const { list } = await bucketWith('a b/ü+');
    expect(keysOf(await list({ EncodingType: 'url' }))).toEqual(['a%20b/%C3%BC%2B']);
  });
});

describe('a deletion', () => {
  it('without a version makes a marker: the key is gone, its versions are not', async () => {
    const { api, list, versions, put } = await bucketWith();
    const { VersionId } = await put('k', 'x');
    const deleted = await api<{ VersionId: string }>('DeleteObject', { Key: 'k' });
    expect(deleted).toMatchObject({ DeleteMarker: true });
    expect(keysOf(await list())).toEqual([]);
    await expect(api('GetObject', { Key: 'k' })).rejects.toMatchObject({ code: 'NoSuchKey' });
    await expect(api('GetObject', { Key: 'k', VersionId: deleted.VersionId })).rejects.toMatchObject({
      code: 'MethodNotAllowed',
      status: 405,
    });
    expect(await versions()).toMatchObject({
      Versions: [{ VersionId, IsLatest: false }],
      DeleteMarkers: [{ VersionId: deleted.VersionId, IsLatest: true }],
    });
  });

  it('of the marker brings the object back, of the version removes it for good', async () => {
    const { api, list, versions, put } = await bucketWith();
    const { VersionId } = await put('k', 'x');
    const marker = await api<{ VersionId: string }>('DeleteObject', { Key: 'k' });
    expect(await api('DeleteObject', { Key: 'k', VersionId: marker.VersionId })).toMatchObject({ DeleteMarker: true });
    expect(keysOf(await list())).toEqual(['k']);
    await api('DeleteObject', { Key: 'k', VersionId });
    expect(await versions()).toMatchObject({ Versions: [], DeleteMarkers: [] });
  });

  it('of what is not there is success', async () => {
    const { api } = await bucketWith();
    await expect(api('DeleteObject', { Key: 'k', VersionId: 'v' })).resolves.toBeDefined();
  });

  it('of many answers for each, and only of those that failed when quiet', async () => {
    const { api, versions } = await bucketWith('a', 'b');
    const Objects = [{ Key: 'a' }, { Key: 'b', ETag: '"other"' }, { Key: 'c' }];
    const Errors = [{ Key: 'b', Code: 'PreconditionFailed' }];
    expect(await api('DeleteObjects', { Delete: { Objects, Quiet: true } })).toMatchObject({ Deleted: [], Errors });
    expect(await api('DeleteObjects', { Delete: { Objects } })).toMatchObject({
      Deleted: [
        { Key: 'a', DeleteMarker: true },
        { Key: 'c', DeleteMarker: true },
      ],
      Errors,
    });
    expect((await versions()).Versions).toHaveLength(2);
    await expect(api('DeleteObjects', { Delete: { Objects: [] } })).rejects.toMatchObject({ code: 'MalformedXML' });
  });

  it('pages through versions and markers without losing one', async () => {
    const { api, put, versions } = await bucketWith('a', 'b');
    await put('a', 'again');
    await api('DeleteObject', { Key: 'a' });
    const whole = await versions();
    const all = [...whole.Versions, ...whole.DeleteMarkers].map((one) => one.VersionId).sort();
    const seen: string[] = [];
    let markers: object = {};
    for (let more = true; more;) {
      const page = await versions({ MaxKeys: 1, ...markers });
      seen.push(...[...page.Versions, ...page.DeleteMarkers].map((one) => one.VersionId));
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      more = page.IsTruncated;
    }
    expect(seen.sort()).toEqual(all);
    expect(all).toHaveLength(4);
  });
});

describe('a copy', () => {
  it('has the bytes, the headers and a version of its own', async () => {
    const { api, put, read } = await bucketWith();
    const source = await put('from/here ü', 'x', { ContentType: 'text/x' });
    await put('from/here ü', 'newer');
    const copied = await api('CopyObject', {
      Key: 'to',
      CopySource: `/images/from/here%20%C3%BC?versionId=${source.VersionId ?? ''}`,
    });
    expect(copied).toMatchObject({ CopySourceVersionId: source.VersionId, CopyObjectResult: { ETag: source.ETag } });
    expect(await read('to')).toMatchObject({ text: 'x', ContentType: 'text/x' });
  });

  it('of an object onto itself must change something', async () => {
    const { api, put, read } = await bucketWith();
    await put('k', 'x');
    await expect(api('CopyObject', { Key: 'k', CopySource: 'images/k' })).rejects.toMatchObject({ code: 'InvalidRequest' });
    await api('CopyObject', { Key: 'k', CopySource: 'images/k', MetadataDirective: 'REPLACE', ContentType: 'text/y' });
    expect(await read('k')).toMatchObject({ text: 'x', ContentType: 'text/y' });
  });

  it.each([
    ['nonsense', 'InvalidArgument'],
    ['others/k', 'NoSuchBucket'],
    ['images/unknown', 'NoSuchKey'],
  ])('from %s is refused', async (CopySource, code) => {
    const { api } = await bucketWith();
    await expect(api('CopyObject', { Key: 'k', CopySource })).rejects.toMatchObject({ code });
  });
});
