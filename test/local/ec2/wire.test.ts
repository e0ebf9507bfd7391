import { CompleteSnapshotCommand, EBSClient, PutSnapshotBlockCommand, StartSnapshotCommand } from '@aws-sdk/client-ebs';
import {
  DescribeImagesCommand,
  EC2Client,
  GetConsoleOutputCommand,
  RegisterImageCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  paginateDescribeInstances,
} from '@aws-sdk/client-ec2';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gateway } from '../../../local/gateway/gateway.ts';
import { createGatewayServer } from '../../../local/gateway/server.ts';
import { createS3 } from '../../../local/services/s3/api.ts';
import { MemoryBlobs } from '../../../local/services/s3/blobs.ts';
import { IMAGE, testAccount } from './account.ts';
import { declare, sha256, tarOf } from './world.ts';

const BLOCK_BYTES = 524_288;

let server: Server;
let account: Awaited<ReturnType<typeof testAccount>>;
let client: {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  maxAttempts: number;
};

beforeEach(async () => {
  account = await testAccount();
  const s3 = createS3({ world: account.world, bus: account.bus, blobs: new MemoryBlobs() });
  await declare(s3, 'AWS::S3::Bucket', { BucketName: 'images', VersioningConfiguration: { Status: 'Enabled' } });
  server = createGatewayServer(new Gateway(account.world, [s3, account.ebs, account.ec2]), () => account.world.time.now());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  };
});
afterEach(
  () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
);

describe('the SDK’s S3 client', () => {
  it('streams an object up with its checksum behind it, and reads it back whole and in ranges', async () => {
    const s3 = new S3Client({ ...client, forcePathStyle: true });
    const body = Buffer.alloc(300_045, 'abc');
    const key = { Bucket: 'images', Key: 'hello/1.0.0/linux raw+ü' };
    const put = await s3.send(
      new PutObjectCommand({ ...key, Body: Readable.from([body.subarray(0, 7), body.subarray(7)]), ContentLength: body.length }),
    );
    expect(put).toMatchObject({ ChecksumCRC32: expect.any(String) as string, VersionId: expect.any(String) as string });
    const whole = await s3.send(new GetObjectCommand(key));
    expect(Buffer.from(await whole.Body!.transformToByteArray()).equals(body)).toBe(true);
    expect(whole).toMatchObject({ ETag: put.ETag, ContentLength: body.length, ContentType: 'application/octet-stream' });
    const part = await s3.send(new GetObjectCommand({ ...key, Range: 'bytes=-2', VersionId: put.VersionId! }));
    expect(part.$metadata.httpStatusCode).toBe(206);
    expect(await part.Body!.transformToString()).toBe('bc');
    await expect(s3.send(new HeadObjectCommand({ ...key, IfNoneMatch: put.ETag! }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(s3.send(new GetObjectCommand({ ...key, Key: 'unknown' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(s3.send(new HeadObjectCommand({ ...key, Key: 'unknown' }))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(s3.send(new PutObjectCommand({ ...key, Body: 'x', IfNoneMatch: '*' }))).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(s3.send(new PutObjectCommand({ ...key, Body: 'x', ChecksumSHA256: 'AAAA' }))).rejects.toMatchObject({
      name: 'BadDigest',
    });
  });

  it('uploads in parts, lists versions and deletes many', async () => {
    const s3 = new S3Client({ ...client, forcePathStyle: true });
    const key = { Bucket: 'images', Key: 'big' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...key, ChecksumAlgorithm: 'CRC32' }));
    const Parts = [];
    for (const [index, Body] of [Buffer.alloc(5 * 2 ** 20, 'a'), Buffer.from('end')].entries()) {
      const part = await s3.send(
        new UploadPartCommand({ ...key, UploadId, PartNumber: index + 1, Body, ChecksumAlgorithm: 'CRC32' }),
      );
      Parts.push({ PartNumber: index + 1, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 });
    }
    const done = await s3.send(new CompleteMultipartUploadCommand({ ...key, UploadId, MultipartUpload: { Parts } }));
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'images' }));
    expect(Versions).toMatchObject([{ Key: 'big', VersionId: done.VersionId, Size: 5 * 2 ** 20 + 3, IsLatest: true }]);
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket: 'images', Delete: { Objects: [{ Key: 'big' }] } }));
    expect(Deleted).toMatchObject([{ Key: 'big', DeleteMarker: true }]);
  });
});

describe('the SDK’s EBS and EC2 clients', () => {
  it('bake an image, launch it, follow it and end it', async () => {
    const ebs = new EBSClient(client);
    const ec2 = new EC2Client(client);
    const BlockData = Buffer.alloc(BLOCK_BYTES);
    BlockData.set(await tarOf({ run: '', 'virtual.json': '{"bootMs": 2000}' }));
    const Checksum = sha256(BlockData).toString('base64');
    const { SnapshotId } = await ebs.send(new StartSnapshotCommand({ VolumeSize: 1, Tags: [{ Key: 'k', Value: 'v' }] }));
    const block = { SnapshotId, BlockIndex: 0, DataLength: BLOCK_BYTES, BlockData, ChecksumAlgorithm: 'SHA256' as const };
    await expect(ebs.send(new PutSnapshotBlockCommand({ ...block, Checksum: 'AAAA' }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await ebs.send(new PutSnapshotBlockCommand({ ...block, Checksum }));
    const aggregate = {
      Checksum: sha256(sha256(BlockData)).toString('base64'),
      ChecksumAlgorithm: 'SHA256',
      ChecksumAggregationMethod: 'LINEAR',
    } as const;
    await ebs.send(new CompleteSnapshotCommand({ SnapshotId, ChangedBlocksCount: 1, ...aggregate }));
    await account.world.time.advanceBy(2_000);

    const registration = { ...IMAGE, Name: 'a/b', Architecture: 'x86_64', BootMode: 'legacy-bios' } as const;
    const { ImageId } = await ec2.send(
      new RegisterImageCommand({ ...registration, BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId } }] }),
    );
    await expect(ec2.send(new RegisterImageCommand({ ...registration, BlockDeviceMappings: [] }))).rejects.toMatchObject({
      name: 'InvalidAMIName.Duplicate',
    });
    await account.world.time.advanceBy(3_000);
    const { Images } = await ec2.send(
      new DescribeImagesCommand({ Owners: ['self'], Filters: [{ Name: 'name', Values: ['a/*'] }] }),
    );
    expect(Images).toMatchObject([
      { ImageId, State: 'available', EnaSupport: true, BlockDeviceMappings: [{ Ebs: { SnapshotId } }] },
    ]);

    const launch = {
      ImageId,
      MinCount: 1,
      MaxCount: 7,
      SubnetId: account.subnet.ref,
      LaunchTemplate: { LaunchTemplateId: account.template.ref },
    };
    const { Instances } = await ec2.send(
      new RunInstancesCommand({ ...launch, TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'k', Value: 'v' }] }] }),
    );
    await account.world.time.advanceBy(2_000);
    const seen = [];
    const query = {
      Filters: [
        { Name: 'tag:k', Values: ['v'] },
        { Name: 'instance-state-name', Values: ['running'] },
      ],
    };
    for await (const page of paginateDescribeInstances({ client: ec2, pageSize: 5 }, query))
      seen.push(...(page.Reservations ?? []).flatMap((one) => one.Instances ?? []));
    expect(seen.map((one) => one.InstanceId).sort()).toEqual(Instances!.map((one) => one.InstanceId).sort());
    expect(seen[0]).toMatchObject({
      State: { Name: 'running', Code: 16 },
      LaunchTime: expect.any(Date) as Date,
      PrivateIpAddress: expect.stringMatching(/^127\.1\./) as string,
    });

    const InstanceIds = seen.map((one) => one.InstanceId!);
    const { TerminatingInstances } = await ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    expect(TerminatingInstances).toHaveLength(7);
    const console = await ec2.send(new GetConsoleOutputCommand({ InstanceId: InstanceIds[0]!, Latest: true }));
    expect(console.InstanceId).toBe(InstanceIds[0]);
    expect(Buffer.from(console.Output ?? '', 'base64').toString()).toBe('SeaBIOS (version virtual)\n');
    await expect(ec2.send(new TerminateInstancesCommand({ InstanceIds: ['i-00000000000000000'] }))).rejects.toMatchObject({
      name: 'InvalidInstanceID.NotFound',
    });
  });
});
