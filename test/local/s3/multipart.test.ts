import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { testS3 } from './bucket.ts';

const MIB = 2 ** 20;
const PART = Buffer.alloc(5 * MIB, 'a');
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest();
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

async function upload(create: object = {}) {
  const world = await testS3();
  const { UploadId } = await world.api<{ UploadId: string }>('CreateMultipartUpload', { Key: 'big', ...create });
  const part = (PartNumber: number, Body: Uint8Array, input: object = {}) =>
    world.api<{ ETag: string }>('UploadPart', { Key: 'big', UploadId, PartNumber, Body, ...input });
  const complete = (Parts: object[], input: object = {}) =>
    world.api('CompleteMultipartUpload', { Key: 'big', UploadId, MultipartUpload: { Parts }, ...input });
  return { ...world, UploadId, part, complete };
}

describe('a multipart upload', () => {
  it('becomes one object: its parts in order, the ETag over their MD5s, one event', async () => {
    const { part, complete, read, bus } = await upload({ ContentType: 'text/x' });
    const second = await part(2, Buffer.from('the end'));
    const first = await part(1, PART);
    const ETag = `"${md5(Buffer.concat([md5(PART), md5(Buffer.from('the end'))])).toString('hex')}-2"`;
    expect(
      await complete([
        { PartNumber: 1, ...first },
        { PartNumber: 2, ...second },
      ]),
    ).toMatchObject({ ETag });
    const object = await read('big');
    expect(object.text).toBe(`${PART.toString()}the end`);
    expect(object).toMatchObject({ ContentType: 'text/x', PartsCount: 2 });
    expect(await read('big', { PartNumber: 2 })).toMatchObject({
      text: 'the end',
      ContentRange: `bytes ${5 * MIB}-${5 * MIB + 6}/${5 * MIB + 7}`,
    });
    expect(await read('big', { Range: `bytes=${5 * MIB - 2}-${5 * MIB + 2}` })).toMatchObject({ text: 'aathe' });
    expect(bus.details('Object Created')).toMatchObject([
      { reason: 'CompleteMultipartUpload', object: { key: 'big', size: 5 * MIB + 7 } },
    ]);
  });

  it('keeps the last of two uploads of one part', async () => {
    const { part, complete, read } = await upload();
    const old = await part(1, Buffer.from('old'));
    const { ETag } = await part(1, Buffer.from('new'));
    await expect(complete([{ PartNumber: 1, ...old }])).rejects.toMatchObject({ code: 'InvalidPart' });
    await complete([{ PartNumber: 1, ETag }]);
    expect(await read('big')).toMatchObject({ text: 'new' });
  });

  it('refuses parts that were not uploaded, are out of order, or too small', async () => {
    const { part, complete, api } = await upload();
    const first = { PartNumber: 1, ...(await part(1, Buffer.from('small'))) };
    const second = { PartNumber: 2, ...(await part(2, Buffer.from('last'))) };
    await expect(complete([first, { PartNumber: 3, ETag: first.ETag }])).rejects.toMatchObject({ code: 'InvalidPart' });
    await expect(complete([second, first])).rejects.toMatchObject({ code: 'InvalidPartOrder' });
    await expect(complete([first, second])).rejects.toMatchObject({ code: 'EntityTooSmall' });
    await expect(complete([])).rejects.toMatchObject({ code: 'MalformedXML' });
    await expect(part(10_001, PART)).rejects.toMatchObject({ code: 'InvalidArgument' });
    expect(await api('ListObjectsV2')).toMatchObject({ KeyCount: 0 });
  });

  it('lists its parts, page by page', async () => {
    const { part, api, UploadId } = await upload();
    for (const number of [3, 1, 2]) await part(number, Buffer.from(`part ${number}`));
    const page = await api('ListParts', { Key: 'big', UploadId, MaxParts: 2 });
    expect(page).toMatchObject({
      IsTruncated: true,
      NextPartNumberMarker: '2',
      Parts: [{ PartNumber: 1, Size: 6 }, { PartNumber: 2 }],
    });
    expect(await api('ListParts', { Key: 'big', UploadId, PartNumberMarker: '2' })).toMatchObject({
      IsTruncated: false,
      Parts: [{ PartNumber: 3 }],
    });
  });

  it('is gone when it is aborted or completed', async () => {
    const { part, complete, api, UploadId } = await upload();
    const first = { PartNumber: 1, ...(await part(1, Buffer.from('x'))) };
    await complete([first]);
    await expect(complete([first])).rejects.toMatchObject({ code: 'NoSuchUpload', status: 404 });
    await expect(api('AbortMultipartUpload', { Key: 'big', UploadId })).rejects.toMatchObject({ code: 'NoSuchUpload' });
    const other = await api<{ UploadId: string }>('CreateMultipartUpload', { Key: 'big' });
    await api('AbortMultipartUpload', { Key: 'big', UploadId: other.UploadId });
    await expect(api('ListParts', { Key: 'big', UploadId: other.UploadId })).rejects.toMatchObject({ code: 'NoSuchUpload' });
  });

  it('completed twice at once makes one object', async () => {
    const { part, complete, api } = await upload({ ChecksumAlgorithm: 'CRC64NVME' });
    const first = { PartNumber: 1, ...(await part(1, Buffer.from('x'))) };
    const outcomes = await Promise.allSettled([complete([first]), complete([first])]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await api<{ Versions: object[] }>('ListObjectVersions')).toMatchObject({ Versions: [{ Key: 'big' }] });
  });

  it('can be completed again when its condition did not hold', async () => {
    const { part, complete, put, api } = await upload();
    const first = { PartNumber: 1, ...(await part(1, Buffer.from('x'))) };
    await put('big', 'before');
    await expect(complete([first], { IfNoneMatch: '*' })).rejects.toMatchObject({ code: 'PreconditionFailed' });
    await complete([first]);
    expect(await api<{ Versions: object[] }>('ListObjectVersions')).toMatchObject({ Versions: [{}, {}] });
  });
});

describe('the checksum of a multipart upload', () => {
  it('is over the parts’ checksums with SHA', async () => {
    const { part, complete } = await upload({ ChecksumAlgorithm: 'SHA256' });
    const parts = [PART, Buffer.from('end')];
    const named = [];
    for (const [index, Body] of parts.entries()) {
      const ChecksumSHA256 = sha(Body).toString('base64');
      named.push({ PartNumber: index + 1, ...(await part(index + 1, Body, { ChecksumSHA256 })), ChecksumSHA256 });
    }
    const whole = `${sha(Buffer.concat(parts.map(sha))).toString('base64')}-2`;
    await expect(complete(named, { ChecksumSHA256: sha(PART).toString('base64') })).rejects.toMatchObject({ code: 'BadDigest' });
    expect(await complete(named, { ChecksumSHA256: whole })).toMatchObject({ ChecksumSHA256: whole, ChecksumType: 'COMPOSITE' });
  });

  it('is over the object with CRC-64/NVME, whatever was cut where', async () => {
    const { part, complete, put } = await upload({ ChecksumAlgorithm: 'CRC64NVME' });
    const first = await part(1, PART);
    const second = await part(2, Buffer.from('end'));
    const whole = await put('whole', Buffer.concat([PART, Buffer.from('end')]), { ChecksumAlgorithm: 'CRC64NVME' });
    const { ChecksumCRC64NVME } = whole as unknown as { ChecksumCRC64NVME: string };
    expect(
      await complete([
        { PartNumber: 1, ETag: first.ETag },
        { PartNumber: 2, ETag: second.ETag },
      ]),
    ).toMatchObject({
      ChecksumCRC64NVME,
      ChecksumType: 'FULL_OBJECT',
    });
  });

  it('is held to what the parts and the whole were said to be', async () => {
    const { part, complete } = await upload({ ChecksumAlgorithm: 'CRC32' });
    await expect(part(1, PART, { ChecksumSHA1: 'x' })).rejects.toMatchObject({ code: 'InvalidRequest' });
    const { ETag } = await part(1, Buffer.from('x'));
    await expect(complete([{ PartNumber: 1, ETag, ChecksumCRC32: 'AAAAAA==' }])).rejects.toMatchObject({ code: 'InvalidPart' });
    await expect(complete([{ PartNumber: 1, ETag }], { MpuObjectSize: 2 })).rejects.toMatchObject({ code: 'InvalidRequest' });
    await expect(complete([{ PartNumber: 1, ETag }], { MpuObjectSize: 1 })).resolves.toBeDefined();
  });

  it('has a type that fits its algorithm', async () => {
    const { api } = await testS3();
    const create = (input: object) => api('CreateMultipartUpload', { Key: 'k', ...input });
    await expect(create({ ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' })).rejects.toMatchObject({
      code: 'InvalidRequest',
    });
    await expect(create({ ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' })).rejects.toMatchObject({
      code: 'InvalidRequest',
    });
    expect(await create({ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' })).toMatchObject({
      ChecksumType: 'FULL_OBJECT',
    });
  });
});
