import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CALL } from '../ec2/world.ts';
import { testS3 } from './bucket.ts';

/** The check values of the CRC catalogue (https://reveng.sourceforge.io/crc-catalogue/) for `123456789`. */
const KNOWN = {
  CRC32: Buffer.from('cbf43926', 'hex').toString('base64'),
  CRC32C: Buffer.from('e3069283', 'hex').toString('base64'),
  CRC64NVME: Buffer.from('ae8b14860a799888', 'hex').toString('base64'),
  SHA1: createHash('sha1').update('123456789').digest('base64'),
  SHA256: createHash('sha256').update('123456789').digest('base64'),
};

describe.each(Object.entries(KNOWN))('an upload with %s', (algorithm, value) => {
  const field = `Checksum${algorithm}`;

  it('is taken when it is right, and told back when asked for', async () => {
    const { put, api } = await testS3();
    expect(await put('k', '123456789', { [field]: value })).toMatchObject({ [field]: value, ChecksumType: 'FULL_OBJECT' });
    expect(await api('HeadObject', { Key: 'k', ChecksumMode: 'ENABLED' })).toMatchObject({ [field]: value });
    expect(await api('HeadObject', { Key: 'k' })).not.toHaveProperty(field);
    expect(await api('GetObject', { Key: 'k', ChecksumMode: 'ENABLED', Range: 'bytes=0-1' })).not.toHaveProperty(field);
  });

  it('is refused when it is wrong, and leaves nothing', async () => {
    const { put, api, bus } = await testS3();
    await expect(put('k', '12345678X', { [field]: value })).rejects.toMatchObject({ code: 'BadDigest', status: 400 });
    expect(await api('ListObjectVersions')).toMatchObject({ Versions: [] });
    expect(bus.events).toEqual([]);
  });

  it('gets one where only its algorithm is named', async () => {
    const { put } = await testS3();
    expect(await put('k', '123456789', { ChecksumAlgorithm: algorithm })).toMatchObject({ [field]: value });
  });
});

describe('an upload', () => {
  it.each([
    ['123456789', 'is taken when it is right'],
    ['other bytes', 'is refused when it is wrong'],
  ])('of %s, whose checksum comes behind the body, %s', async (text) => {
    const { s3, api } = await testS3();
    const input: Record<string, unknown> = { Bucket: 'images', Key: 'k', ChecksumAlgorithm: 'CRC32' };
    input['Body'] = (async function* () {
      yield Buffer.from(text);
      input['ChecksumCRC32'] = KNOWN.CRC32;
    })();
    const answer = (async () => s3.operations['PutObject']!.run(input as never, CALL))();
    if (text === '123456789') await expect(answer).resolves.toMatchObject({ ChecksumCRC32: KNOWN.CRC32 });
    else await expect(answer).rejects.toMatchObject({ code: 'BadDigest' });
    expect(await api('ListObjectsV2')).toMatchObject({ KeyCount: text === '123456789' ? 1 : 0 });
  });

  it('with two checksums, or an unknown one, is refused', async () => {
    const { put } = await testS3();
    await expect(put('k', 'x', { ChecksumCRC32: 'a', ChecksumSHA1: 'b' })).rejects.toMatchObject({ code: 'InvalidRequest' });
    await expect(put('k', 'x', { ChecksumAlgorithm: 'XXHASH64' })).rejects.toMatchObject({ code: 'InvalidRequest' });
  });

  it('is held to its Content-MD5', async () => {
    const { put } = await testS3();
    const ContentMD5 = createHash('md5').update('x').digest('base64');
    await expect(put('k', 'x', { ContentMD5 })).resolves.toBeDefined();
    await expect(put('k', 'y', { ContentMD5 })).rejects.toMatchObject({ code: 'BadDigest' });
    await expect(put('k', 'y', { ContentMD5: 'bm90IG1kNQ==' })).rejects.toMatchObject({ code: 'InvalidDigest' });
  });
});
