import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import {
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, expect } from 'vitest';
import { EbsSnapshots } from '../../adapters/ebs-snapshots.ts';
import { Ec2Images } from '../../adapters/ec2-images.ts';
import { S3BlockDigests } from '../../adapters/s3-block-digests.ts';
import { S3ImageSource } from '../../adapters/s3-image-source.ts';
import { aService } from '../adapters/a-service.ts';
import { MemoryBakedImages } from '../fakes/memory-baked-images.ts';
import { MemoryBlockDigests } from '../fakes/memory-block-digests.ts';
import { MemoryImageSource } from '../fakes/memory-image-source.ts';
import { MemorySnapshots } from '../fakes/memory-snapshots.ts';
import { blockDigestsContract, imageSourceContract, PART_BYTES } from './image-source.contract.ts';
import { imagesContract } from './images.contract.ts';
import { EVIDENCE, IMAGES, type LocalAccount, openLocalAccount, STACK } from './local-account.ts';

let opened: LocalAccount[] = [];
afterEach(async () => {
  const bugs = opened.flatMap((account) => account.bugs);
  for (const account of opened) await account.close();
  opened = [];
  expect(bugs).toEqual([]);
});
async function openAccount(): Promise<LocalAccount> {
  const account = await openLocalAccount();
  opened.push(account);
  return account;
}
const noPause = () => Promise.resolve();

imagesContract('Memory', async () => {
  const snapshots = new MemorySnapshots();
  return { snapshots, images: new MemoryBakedImages(snapshots), service: aService(), pass: noPause };
});

imagesContract('EBS and EC2', async () => {
  const { config, service, pass } = await openAccount();
  const ec2 = new EC2Client(config);
  const snapshots = new EbsSnapshots(new EBSClient(config), ec2, { stack: STACK, pause: noPause });
  return { snapshots, images: new Ec2Images(ec2, STACK), service, pass };
});

imageSourceContract('MemoryImageSource', async () => {
  const source = new MemoryImageSource();
  const put = (key: string, bytes: Uint8Array) => Promise.resolve(source.put(key, bytes));
  const putInParts = (key: string, bytes: Uint8Array) => {
    source.partBytes = PART_BYTES;
    return put(key, bytes);
  };
  return { source, put, putInParts, delete: async (object) => source.delete(object) };
});

imageSourceContract('S3ImageSource', async () => {
  const { config } = await openAccount();
  const s3 = new S3Client(config);
  return {
    source: new S3ImageSource(s3, { bucket: IMAGES, pause: noPause, rangeBytes: 65_536 }),
    async put(key, bytes) {
      const { VersionId = '', ETag = '' } = await s3.send(new PutObjectCommand({ Bucket: IMAGES, Key: key, Body: bytes }));
      return { key, versionId: VersionId, etag: ETag.replaceAll('"', '') };
    },
    putInParts: (key, bytes) => uploadInParts(s3, key, bytes),
    async delete({ key, versionId }) {
      await s3.send(new DeleteObjectCommand({ Bucket: IMAGES, Key: key, VersionId: versionId }));
    },
  };
});

/** As `aws s3 cp --checksum-algorithm SHA256` does. */
async function uploadInParts(s3: S3Client, Key: string, bytes: Uint8Array) {
  const upload = { Bucket: IMAGES, Key, ChecksumAlgorithm: 'SHA256' } as const;
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(upload));
  const Parts: CompletedPart[] = [];
  for (let from = 0, PartNumber = 1; from < bytes.length; from += PART_BYTES, PartNumber += 1) {
    const Body = bytes.subarray(from, from + PART_BYTES);
    const { ETag, ChecksumSHA256 } = await s3.send(new UploadPartCommand({ ...upload, UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag, ChecksumSHA256 });
  }
  const completed = new CompleteMultipartUploadCommand({ Bucket: IMAGES, Key, UploadId, MultipartUpload: { Parts } });
  const { VersionId = '', ETag = '' } = await s3.send(completed);
  return { key: Key, versionId: VersionId, etag: ETag.replaceAll('"', '') };
}

blockDigestsContract('MemoryBlockDigests', async () => new MemoryBlockDigests());
blockDigestsContract('S3BlockDigests', async () => {
  const { config } = await openAccount();
  return new S3BlockDigests(new S3Client(config), EVIDENCE);
});
