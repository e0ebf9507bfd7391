import { EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { Ec2Images, isArm, toBakedImage, toRegisterImage } from '../../adapters/ec2-images.ts';
import { aService } from './a-service.ts';
import { answering, fails } from './answering.ts';

const open = (answers: Parameters<typeof answering>[1]) => {
  const { client, asked } = answering(new EC2Client({ region: 'eu-west-1' }), answers);
  return { images: new Ec2Images(client, 'tandem'), asked };
};
const wanted = { service: aService(), version: '1.0.0', build: 'linux', snapshotId: 'snap-1', blocks: 'abc' } as const;
const tags = (blocks: string) => [
  { Key: 'tandem:release', Value: '1.0.0' },
  { Key: 'tandem:build', Value: 'linux' },
  { Key: 'tandem:blocks', Value: blocks },
];
const image = {
  ImageId: 'ami-1',
  State: 'available',
  BlockDeviceMappings: [{ Ebs: { SnapshotId: 'snap-1' } }],
  Tags: tags('abc'),
};

describe('Ec2Images', () => {
  it('says every field whose default would not boot', () => {
    expect(toRegisterImage('tandem', wanted)).toMatchObject({
      Name: 'tandem/hello/1.0.0/linux',
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      BootMode: 'legacy-bios',
      EnaSupport: true,
      ImdsSupport: 'v2.0',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-1', VolumeType: 'gp3', DeleteOnTermination: true } },
      ],
      TagSpecifications: [
        { ResourceType: 'image', Tags: expect.arrayContaining([{ Key: 'tandem:blocks', Value: 'abc' }]) as unknown },
      ],
    });
  });

  it('knows Graviton types, which boot by UEFI only', () => {
    const types = ['t4g.small', 'm7gd.large', 'c8gn.xlarge', 'im4gn.large', 'is4gen.large', 'a1.medium', 'g5g.xlarge'];
    expect(types.filter((type) => !isArm(type))).toEqual([]);
    expect(['t3.micro', 'g5.xlarge', 'c6gd', 'm7i.large', 'gr6.4xlarge', 'u7i-12tb.224xlarge'].filter(isArm)).toEqual([]);
    const service = aService({ instanceTypes: { linux: 't4g.small', unikernel: 't3.micro' } });
    expect(toRegisterImage('tandem', { ...wanted, service })).toMatchObject({ Architecture: 'arm64', BootMode: 'uefi' });
  });

  it('takes an image of that name for its own only where the digest is the same', async () => {
    const taken = { RegisterImage: fails('InvalidAMIName.Duplicate'), DescribeImages: () => ({ Images: [image] }) };
    expect(await open(taken).images.register(wanted)).toBe('ami-1');
    await expect(open(taken).images.register({ ...wanted, blocks: 'def' })).rejects.toMatchObject({
      name: 'ImageNameTaken',
      message: expect.stringContaining('digest tag "abc", not "def"') as string,
    });
  });

  it('does not call a name taken whose image is not listed yet: asking again finds it', async () => {
    const taken = { RegisterImage: fails('InvalidAMIName.Duplicate'), DescribeImages: () => ({ Images: [] }) };
    await expect(open(taken).images.register(wanted)).rejects.toMatchObject({
      name: 'Error',
      message: expect.stringContaining('is not listed yet') as string,
    });
  });

  it('looks only among images of its own account', async () => {
    const { images, asked } = open({ DescribeImages: () => ({ Images: [] }) });
    await images.find('ami-1');
    await images.list('hello');
    expect(asked.map(({ input }) => input['Owners'])).toEqual([['self'], ['self']]);
  });

  it('deletes a snapshot that deregistering left behind', async () => {
    const { images, asked } = open({
      DescribeImages: () => ({ Images: [image] }),
      DeregisterImage: () => ({ DeleteSnapshotResults: [{ SnapshotId: 'snap-1', ReturnCode: 'internal-error' }] }),
      DeleteSnapshot: () => ({}),
    });
    await images.remove('ami-1');
    expect(asked.at(-1)).toMatchObject({ command: 'DeleteSnapshot', input: { SnapshotId: 'snap-1' } });
  });

  it('does not delete twice what deregistering deleted, and counts what is gone as removed', async () => {
    const { images, asked } = open({
      DescribeImages: () => ({ Images: [image] }),
      DeregisterImage: () => ({ DeleteSnapshotResults: [{ SnapshotId: 'snap-1', ReturnCode: 'success' }] }),
    });
    await images.remove('ami-1');
    expect(asked.map(({ command }) => command)).toEqual(['DescribeImages', 'DeregisterImage']);
    await expect(open({ DescribeImages: fails('InvalidAMIID.NotFound') }).images.remove('ami-1')).resolves.toBeUndefined();
  });

  it('does not take deregistered images, or ones that are not ours, for baked', () => {
    expect(toBakedImage({ ...image, State: 'deregistered' })).toEqual([]);
    expect(toBakedImage({ ...image, State: 'available', Tags: [] })).toEqual([]);
    expect(toBakedImage({ ...image, State: 'available' })).toMatchObject([{ imageId: 'ami-1', snapshotId: 'snap-1' }]);
  });
});
