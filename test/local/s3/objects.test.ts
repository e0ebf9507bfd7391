import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { parseRange } from '../../../local/services/s3/range.ts';
import { testS3 } from './bucket.ts';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

describe('an object', () => {
  it('is read as it was written, with its MD5 as ETag, its headers and its version', async () => {
    const { put, read } = await testS3();
    const { ETag, VersionId } = await put('hello/1.0.0/linux.raw', 'bytes', {
      ContentType: 'text/plain',
      Metadata: { by: 'me' },
    });
    expect(ETag).toBe(`"${md5('bytes')}"`);
    expect(await read('hello/1.0.0/linux.raw')).toMatchObject({
      text: 'bytes',
      ETag,
      VersionId,
      ContentLength: 5,
      ContentType: 'text/plain',
      Metadata: { by: 'me' },
      AcceptRanges: 'bytes',
      ServerSideEncryption: 'AES256',
    });
  });

  it('may come as a stream, and is what the stream was', async () => {
    const { api, read } = await testS3();
    await api('PutObject', { Key: 'k', Body: Readable.from([Buffer.from('one '), Buffer.from('two')], { objectMode: false }) });
    expect(await read('k')).toMatchObject({ text: 'one two' });
  });

  it('keeps its earlier versions readable by id', async () => {
    const { put, read } = await testS3();
    const first = await put('k', 'first');
    await put('k', 'second');
    expect(await read('k')).toMatchObject({ text: 'second' });
    expect(await read('k', { VersionId: first.VersionId })).toMatchObject({ text: 'first' });
  });

  it('has no versions in a bucket that is not versioned', async () => {
    const { put, read, api } = await testS3({ VersioningConfiguration: undefined });
    expect((await put('k', 'first')).VersionId).toBeUndefined();
    await put('k', 'second');
    expect(await read('k')).toMatchObject({ text: 'second', VersionId: undefined });
    expect(await api('ListObjectVersions')).toMatchObject({ Versions: [{ Key: 'k', VersionId: 'null', IsLatest: true }] });
  });

  it('drops the transfer coding from its content encoding', async () => {
    const { put, read } = await testS3();
    await put('k', 'x', { ContentEncoding: 'aws-chunked,gzip' });
    expect(await read('k')).toMatchObject({ ContentEncoding: 'gzip' });
    await put('k', 'x', { ContentEncoding: 'aws-chunked' });
    expect(await read('k')).toMatchObject({ ContentEncoding: undefined });
  });

  it.each([
    ['NoSuchBucket', 404, { Bucket: 'others', Key: 'k' }],
    ['NoSuchKey', 404, { Key: 'unknown' }],
    ['NoSuchVersion', 404, { Key: 'k', VersionId: 'unknown' }],
  ])('that is not there is %s', async (code, status, input) => {
    const { put, api } = await testS3();
    await put('k', 'x');
    await expect(api('GetObject', input)).rejects.toMatchObject({ code, status });
  });

  it('that is not there is a bodyless NotFound to HEAD', async () => {
    const { api } = await testS3();
    await expect(api('HeadObject', { Key: 'unknown' })).rejects.toMatchObject({ code: 'NotFound', status: 404 });
    await expect(api('HeadBucket', { Bucket: 'unknown' })).rejects.toMatchObject({ code: 'NotFound', status: 404 });
  });

  it('needs a key of at most 1024 bytes', async () => {
    const { put } = await testS3();
    await expect(put('ü'.repeat(513))).rejects.toMatchObject({ code: 'KeyTooLongError' });
    await expect(put('')).rejects.toMatchObject({ code: 'InvalidRequest' });
  });
});

describe('a range', () => {
  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=-50', '0123456789', 'bytes 0-9/10'],
    ['bytes=5-500', '56789', 'bytes 5-9/10'],
  ])('%s is those bytes', async (Range, text, ContentRange) => {
    const { put, read } = await testS3();
    await put('k', '0123456789');
    expect(await read('k', { Range })).toMatchObject({ text, ContentRange, ContentLength: text.length });
  });

  it.each(['bytes=3-1', 'bytes=0-1,4-5', 'lines=0-1', 'bytes=-'])('S3 cannot read (%s) is the whole object', async (Range) => {
    const { put, read } = await testS3();
    await put('k', '0123456789');
    const answer = await read('k', { Range });
    expect(answer.text).toBe('0123456789');
    expect(answer).not.toHaveProperty('ContentRange');
  });

  it.each(['bytes=10-', 'bytes=-0'])('behind the end (%s) is refused with 416', async (Range) => {
    const { put, api } = await testS3();
    await put('k', '0123456789');
    await expect(api('GetObject', { Key: 'k', Range })).rejects.toMatchObject({ code: 'InvalidRange', status: 416 });
  });

  it('is never outside the object', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.integer({ min: 1, max: 40 }), (from, to, bytes) => {
        fc.pre(from < bytes && from <= to);
        const range = parseRange(`bytes=${from}-${to}`, bytes);
        expect(range).toEqual({ from, to: Math.min(to + 1, bytes) });
      }),
    );
  });
});

describe('a conditional read', () => {
  it.each([
    ['IfMatch', (etag: string) => etag, undefined],
    ['IfMatch', () => '"other"', { code: 'PreconditionFailed', status: 412 }],
    ['IfMatch', () => '*', undefined],
    ['IfNoneMatch', (etag: string) => `"other", W/${etag}`, { code: 'NotModified', status: 304 }],
    ['IfNoneMatch', () => '"other"', undefined],
  ])('%s holds against the ETag', async (name, value, error) => {
    const { put, api } = await testS3();
    const { ETag } = await put('k', 'x');
    const answer = api('HeadObject', { Key: 'k', [name]: value(ETag) });
    await (error === undefined ? expect(answer).resolves.toMatchObject({ ETag }) : expect(answer).rejects.toMatchObject(error));
  });

  it('compares times by the second, and not at all beside an ETag', async () => {
    const { put, api, world } = await testS3();
    await world.time.advanceBy(400);
    const { ETag } = await put('k', 'x');
    const second = new Date(world.time.now() - 400);
    await expect(api('HeadObject', { Key: 'k', IfModifiedSince: second })).rejects.toMatchObject({ status: 304 });
    await expect(api('HeadObject', { Key: 'k', IfUnmodifiedSince: second })).resolves.toMatchObject({ ETag });
    const before = new Date(second.getTime() - 1000);
    await expect(api('HeadObject', { Key: 'k', IfUnmodifiedSince: before })).rejects.toMatchObject({ status: 412 });
    await expect(api('HeadObject', { Key: 'k', IfUnmodifiedSince: before, IfMatch: ETag })).resolves.toMatchObject({ ETag });
  });
});

describe('a conditional write', () => {
  it('with If-None-Match: * succeeds only where there is no object', async () => {
    const { put, api, read } = await testS3();
    await put('k', 'first', { IfNoneMatch: '*' });
    await expect(put('k', 'second', { IfNoneMatch: '*' })).rejects.toMatchObject({ code: 'PreconditionFailed', status: 412 });
    expect(await read('k')).toMatchObject({ text: 'first' });
    await api('DeleteObject', { Key: 'k' });
    await put('k', 'third', { IfNoneMatch: '*' });
    expect(await read('k')).toMatchObject({ text: 'third' });
  });

  it('of two at once with If-None-Match: * lets one through', async () => {
    const { put } = await testS3();
    const outcomes = await Promise.allSettled([put('k', 'a', { IfNoneMatch: '*' }), put('k', 'b', { IfNoneMatch: '*' })]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('with If-Match succeeds only over that object', async () => {
    const { put } = await testS3();
    await expect(put('k', 'x', { IfMatch: '"e"' })).rejects.toMatchObject({ code: 'NoSuchKey' });
    const { ETag } = await put('k', 'x');
    await expect(put('k', 'y', { IfMatch: '"e"' })).rejects.toMatchObject({ code: 'PreconditionFailed' });
    await expect(put('k', 'y', { IfMatch: ETag })).resolves.toMatchObject({ ETag: `"${md5('y')}"` });
  });
});
