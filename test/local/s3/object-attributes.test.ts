import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { testS3 } from './bucket.ts';

const PART = Buffer.alloc(5 * 2 ** 20, 'a');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64');
const ALL = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];

async function uploaded(create: object) {
  const s3 = await testS3();
  const { UploadId } = await s3.api<{ UploadId: string }>('CreateMultipartUpload', { Key: 'big', ...create });
  const Parts = [];
  for (const [n, Body] of [PART, PART, Buffer.from('end')].entries()) {
    const upload = { Key: 'big', UploadId, PartNumber: n + 1, Body };
    const { ETag } = await s3.api<{ ETag: string }>('UploadPart', upload);
    Parts.push({ PartNumber: n + 1, ETag });
  }
  await s3.api('CompleteMultipartUpload', { Key: 'big', UploadId, MultipartUpload: { Parts } });
  const attributes = (input: object = {}) => s3.api('GetObjectAttributes', { Key: 'big', ObjectAttributes: ALL, ...input });
  return { ...s3, attributes };
}

describe("an object's attributes", () => {
  it('name every part with its own checksum, where the checksum is over the parts', async () => {
    const { attributes, read } = await uploaded({ ChecksumAlgorithm: 'SHA256' });
    const { ETag = '' } = (await read('big')) as { ETag?: string };
    expect(await attributes()).toMatchObject({
      ETag: ETag.replaceAll('"', ''),
      ObjectSize: 2 * PART.length + 3,
      StorageClass: 'STANDARD',
      Checksum: { ChecksumType: 'COMPOSITE', ChecksumSHA256: expect.stringMatching(/-3$/) as string },
      ObjectParts: {
        ...{ TotalPartsCount: 3, IsTruncated: false, MaxParts: 1000, PartNumberMarker: '0', NextPartNumberMarker: '3' },
        Parts: [
          { PartNumber: 1, Size: PART.length, ChecksumSHA256: sha256(PART) },
          { PartNumber: 2, Size: PART.length, ChecksumSHA256: sha256(PART) },
          { PartNumber: 3, Size: 3, ChecksumSHA256: sha256(Buffer.from('end')) },
        ],
      },
    });
  });

  it('name the parts page by page', async () => {
    const { attributes } = await uploaded({ ChecksumAlgorithm: 'SHA256' });
    const page = {
      TotalPartsCount: 3,
      IsTruncated: true,
      NextPartNumberMarker: '2',
      Parts: [{ PartNumber: 1 }, { PartNumber: 2 }],
    };
    expect(await attributes({ MaxParts: 2 })).toMatchObject({ ObjectParts: page });
    expect(await attributes({ MaxParts: 2, PartNumberMarker: '2' })).toMatchObject({
      ObjectParts: { IsTruncated: false, Parts: [{ PartNumber: 3 }] },
    });
  });

  it.each([
    ['over the whole object', { ChecksumAlgorithm: 'CRC64NVME' }],
    ['not there', {}],
  ])('only count the parts where the checksum is %s', async (_where, create) => {
    const { attributes } = await uploaded(create);
    expect(await attributes()).toMatchObject({ ObjectParts: { TotalPartsCount: 3 } });
    expect((await attributes())['ObjectParts']).not.toHaveProperty('Parts');
  });

  it('say nothing of parts where there were none, and nothing that was not asked for', async () => {
    const { api, put } = await testS3();
    const { VersionId } = await put('small', 'x', { ChecksumAlgorithm: 'SHA256' });
    const attributes = await api('GetObjectAttributes', {
      Key: 'small',
      VersionId,
      ObjectAttributes: ['ObjectParts', 'Checksum'],
    });
    expect(attributes['ObjectParts']).toBeUndefined();
    expect(attributes).not.toHaveProperty('ObjectSize');
    expect(attributes).toMatchObject({ VersionId, Checksum: { ChecksumSHA256: sha256(Buffer.from('x')) } });
  });

  it('are refused without a name, with an unknown one, and for what is not there', async () => {
    const { attributes } = await uploaded({});
    await expect(attributes({ ObjectAttributes: undefined })).rejects.toMatchObject({ code: 'InvalidRequest' });
    await expect(attributes({ ObjectAttributes: ['Colour'] })).rejects.toMatchObject({ code: 'InvalidArgument' });
    await expect(attributes({ Key: 'none' })).rejects.toMatchObject({ code: 'NoSuchKey' });
    await expect(attributes({ VersionId: 'none' })).rejects.toMatchObject({ code: 'NoSuchVersion' });
  });
});
