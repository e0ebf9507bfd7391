import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRandom } from '../../../local/kernel/random.ts';
import { createEbs } from '../../../local/services/ebs/api.ts';
import { SparseFileBlocks } from '../../../local/services/ebs/blocks.ts';
import { createEc2 } from '../../../local/services/ec2/api.ts';
import type { Driver } from '../../../local/services/ec2/drivers/driver.ts';
import { createS3 } from '../../../local/services/s3/api.ts';
import { DirectoryBlobs } from '../../../local/services/s3/blobs.ts';
import { IMAGE, mapping } from './account.ts';
import { call, declare, snapshotOf, testBus, testWorld } from './world.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'image-bytes-'));
});
afterEach(() => rm(directory, { recursive: true }));

const PART_BYTES = 5 * 2 ** 20;

/** Noise with holes, not a whole number of blocks. */
function diskImage(): Buffer {
  const random = createRandom(7);
  const image = Buffer.alloc(2 * PART_BYTES + 777);
  for (let offset = 0; offset < image.length; offset += 65_536)
    if (random.below(3) > 0)
      for (let at = offset; at < Math.min(offset + 65_536, image.length); at += 4)
        image.writeUInt32LE(random.below(2 ** 32), Math.min(at, image.length - 4));
  image.write('the end', image.length - 7);
  image.fill(0, 3 * 524_288, 6 * 524_288);
  return image;
}

it('what a driver reads of a disk is what was uploaded, byte for byte: S3 in parts, out in ranges, EBS in blocks', async () => {
  const world = testWorld();
  const bus = testBus();
  const s3 = createS3({ world, bus, blobs: new DirectoryBlobs(join(directory, 's3')) });
  const ebs = createEbs({ world, bus, blocks: new SparseFileBlocks(join(directory, 'ebs')) });
  const seen = Promise.withResolvers<Buffer>();
  const reading: Driver = {
    name: 'reading',
    fits: () => true,
    boot(_guest, disks, hooks) {
      const disk = disks[0]!.base!;
      disk.read(0, disk.dataBytes).then((bytes) => seen.resolve(Buffer.from(bytes)), seen.reject);
      return {
        stop: () => hooks.poweredOff(''),
        kill: () => hooks.poweredOff(''),
        reset: () => undefined,
        ended: Promise.resolve(),
        discard: async () => undefined,
      };
    },
  };
  const ec2 = createEc2({ world, bus, snapshots: ebs.snapshots, drivers: [reading] });
  const image = diskImage();

  const object = { Bucket: 'images', Key: 'hello/1.0.0/linux.raw' };
  await declare(s3, 'AWS::S3::Bucket', { BucketName: 'images' });
  const { UploadId } = await call<{ UploadId: string }>(s3, 'CreateMultipartUpload', object);
  const Parts = [];
  for (let PartNumber = 1; (PartNumber - 1) * PART_BYTES < image.length; PartNumber += 1) {
    const Body = image.subarray((PartNumber - 1) * PART_BYTES, PartNumber * PART_BYTES);
    Parts.push({ PartNumber, ...(await call(s3, 'UploadPart', { ...object, UploadId, PartNumber, Body })) });
  }
  await call(s3, 'CompleteMultipartUpload', { ...object, UploadId, MultipartUpload: { Parts } });

  const ranges = [];
  for (let from = 0; from < image.length; from += 3_000_000) {
    const range = { ...object, Range: `bytes=${from}-${from + 2_999_999}` };
    const { Body } = await call<{ Body: AsyncIterable<Uint8Array> }>(s3, 'GetObject', range);
    // Copied: a part lasts until the next is asked for.
    for await (const part of Body) ranges.push(Uint8Array.from(part));
  }
  const SnapshotId = await snapshotOf(world, ebs, Buffer.concat(ranges));

  const { ImageId } = await call<{ ImageId: string }>(ec2, 'RegisterImage', {
    Name: 'image',
    ...IMAGE,
    BlockDeviceMappings: mapping(SnapshotId),
  });
  await world.time.advanceBy(5_000);
  const vpc = await declare(ec2, 'AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' });
  const subnet = await declare(ec2, 'AWS::EC2::Subnet', { VpcId: vpc.ref, CidrBlock: '10.0.0.0/24' });
  await call(ec2, 'RunInstances', { ImageId, InstanceType: 't3.micro', SubnetId: subnet.ref, MinCount: 1, MaxCount: 1 });

  const disk = await seen.promise;
  expect(disk.subarray(0, image.length).equals(image)).toBe(true);
  expect(disk.subarray(image.length).every((byte) => byte === 0)).toBe(true);
});
