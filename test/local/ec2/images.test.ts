import { describe, expect, it } from 'vitest';
import { IMAGE, mapping, testAccount } from './account.ts';
import { call, snapshotOf, tarOf } from './world.ts';

interface Shown {
  readonly Images: readonly Record<string, unknown>[];
}

async function withSnapshot() {
  const account = await testAccount();
  const { world, ebs, ec2 } = account;
  const snapshotId = await snapshotOf(world, ebs, await tarOf({ run: '' }));
  const api = <Output = Record<string, unknown>>(operation: string, input: object = {}) => call<Output>(ec2, operation, input);
  const register = (over: object = {}) =>
    api<{ ImageId: string }>('RegisterImage', {
      Name: 'tandem/hello/1.0.0/linux',
      ...IMAGE,
      BlockDeviceMappings: mapping(snapshotId),
      ...over,
    });
  const images = async (input: object = {}) => (await api<Shown>('DescribeImages', input)).Images;
  return { ...account, snapshotId, api, register, images };
}

describe('RegisterImage', () => {
  it('makes an image of exactly what was asked for, pending first, then available, with an event', async () => {
    const { register, images, world, bus, snapshotId } = await withSnapshot();
    const Tags = [{ Key: 'tandem:build', Value: 'linux' }];
    const { ImageId } = await register({ ImdsSupport: 'v2.0', TagSpecifications: [{ ResourceType: 'image', Tags }] });
    expect(await images({ ImageIds: [ImageId] })).toMatchObject([{ State: 'pending' }]);
    await world.time.advanceBy(5_000);
    expect(await images({ ImageIds: [ImageId] })).toMatchObject([
      {
        ImageId,
        Name: 'tandem/hello/1.0.0/linux',
        State: 'available',
        OwnerId: '123456789012',
        ...IMAGE,
        ImdsSupport: 'v2.0',
        BlockDeviceMappings: [
          {
            DeviceName: '/dev/xvda',
            Ebs: { SnapshotId: snapshotId, VolumeSize: 1, VolumeType: 'gp3', DeleteOnTermination: true },
          },
        ],
        Tags,
      },
    ]);
    expect(bus.details('EC2 AMI State Change')).toMatchObject([{ ImageId, State: 'available', ErrorMessage: '' }]);
  });

  it('falls back to EC2’s own old defaults, which start on nothing of today', async () => {
    const { register, images, world, run } = await withSnapshot();
    const { ImageId } = await register({
      Architecture: undefined,
      VirtualizationType: undefined,
      EnaSupport: undefined,
      BootMode: undefined,
    });
    expect(await images()).toMatchObject([{ Architecture: 'i386', VirtualizationType: 'paravirtual', EnaSupport: false }]);
    await world.time.advanceBy(5_000);
    await expect(run(ImageId)).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('refuses a second image of one name, naming the first', async () => {
    const { register } = await withSnapshot();
    const { ImageId } = await register();
    await expect(register()).rejects.toMatchObject({
      code: 'InvalidAMIName.Duplicate',
      message: expect.stringContaining(ImageId) as string,
    });
  });

  it.each([
    ['InvalidAMIName.Malformed', { Name: 'ab' }],
    ['InvalidAMIName.Malformed', { Name: 'a+b/c' }],
    ['InvalidAMIName.Malformed', { Name: 'x'.repeat(129) }],
    ['InvalidParameterValue', { Architecture: 'sparc' }],
    ['InvalidParameterValue', { VirtualizationType: 'xen' }],
    ['InvalidParameterValue', { BootMode: 'bios' }],
    ['InvalidParameterCombination', { TpmSupport: 'v2.0' }],
    ['InvalidParameterCombination', { Architecture: 'arm64', BootMode: 'legacy-bios' }],
    ['MissingParameter', { RootDeviceName: undefined }],
    ['MissingParameter', { BlockDeviceMappings: [] }],
    ['InvalidBlockDeviceMapping', { RootDeviceName: '/dev/sda1' }],
    ['InvalidSnapshotID.Malformed', { BlockDeviceMappings: mapping('snap-x') }],
    ['InvalidSnapshot.NotFound', { BlockDeviceMappings: mapping('snap-00000000000000000') }],
    ['InvalidParameterValue', { KernelId: 'aki-1' }],
    ['DryRunOperation', { DryRun: true }],
  ])('answers %s to %j', async (code, over) => {
    const { register, images } = await withSnapshot();
    await expect(register(over)).rejects.toMatchObject({ code });
    expect(await images()).toEqual([]);
  });

  it('refuses an encrypted mapping, and a volume smaller than its snapshot', async () => {
    const { register, world, ebs } = await withSnapshot();
    const SnapshotId = await snapshotOf(world, ebs, await tarOf({ run: '' }), 2);
    const withEbs = (ebs: object) => ({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId, ...ebs } }] });
    await expect(register(withEbs({ Encrypted: true }))).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(register(withEbs({ VolumeSize: 1 }))).rejects.toMatchObject({ code: 'InvalidBlockDeviceMapping' });
    await expect(register(withEbs({ VolumeSize: 2 }))).resolves.toBeDefined();
  });

  it('refuses a snapshot that is not completed', async () => {
    const { register, ebs } = await withSnapshot();
    const { SnapshotId } = await call<{ SnapshotId: string }>(ebs, 'StartSnapshot', { VolumeSize: 1 });
    await expect(register({ BlockDeviceMappings: mapping(SnapshotId) })).rejects.toMatchObject({ code: 'IncorrectState' });
  });
});

describe('an image', () => {
  it('that is deregistered is gone, its name is free, its snapshot stays', async () => {
    const { register, api, images, snapshotId } = await withSnapshot();
    const { ImageId } = await register();
    expect(await api('DeregisterImage', { ImageId })).toEqual({ Return: true });
    expect(await images()).toEqual([]);
    await expect(images({ ImageIds: [ImageId] })).rejects.toMatchObject({ code: 'InvalidAMIID.NotFound' });
    await expect(api('DeregisterImage', { ImageId })).rejects.toMatchObject({ code: 'InvalidAMIID.NotFound' });
    expect(await api('DescribeSnapshots', { SnapshotIds: [snapshotId] })).toMatchObject({ Snapshots: [{ State: 'completed' }] });
    await expect(register()).resolves.toBeDefined();
  });

  it('takes its snapshot with it when asked to, unless another image has it too', async () => {
    const { register, api, snapshotId } = await withSnapshot();
    const first = await register();
    const second = await register({ Name: 'second' });
    const deregister = ({ ImageId }: { ImageId: string }) => api('DeregisterImage', { ImageId, DeleteAssociatedSnapshots: true });
    expect(await deregister(first)).toMatchObject({ DeleteSnapshotResults: [{ SnapshotId: snapshotId, ReturnCode: 'skipped' }] });
    expect(await deregister(second)).toMatchObject({
      DeleteSnapshotResults: [{ SnapshotId: snapshotId, ReturnCode: 'success' }],
    });
    await expect(api('DescribeSnapshots', { SnapshotIds: [snapshotId] })).rejects.toMatchObject({
      code: 'InvalidSnapshot.NotFound',
    });
  });

  it('keeps its snapshot from being deleted', async () => {
    const { register, api, snapshotId } = await withSnapshot();
    const { ImageId } = await register();
    const remove = () => api('DeleteSnapshot', { SnapshotId: snapshotId });
    await expect(remove()).rejects.toMatchObject({
      code: 'InvalidSnapshot.InUse',
      message: expect.stringContaining(ImageId) as string,
    });
    await api('DeregisterImage', { ImageId });
    await remove();
    await expect(remove()).rejects.toMatchObject({ code: 'InvalidSnapshot.NotFound' });
  });

  it('is found by name, tag and owner, and by nobody else’s owner', async () => {
    const { register, images } = await withSnapshot();
    await register({ TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'tandem:service', Value: 'hello' }] }] });
    const found = async (Filters: object[], rest: object = {}) => (await images({ Filters, ...rest })).length;
    expect(await found([{ Name: 'name', Values: ['tandem/*/linux'] }], { Owners: ['self'] })).toBe(1);
    expect(
      await found([
        { Name: 'tag:tandem:service', Values: ['hello', 'web'] },
        { Name: 'state', Values: ['pending'] },
      ]),
    ).toBe(1);
    expect(await found([{ Name: 'tag:tandem:service', Values: ['web'] }])).toBe(0);
    expect(await found([], { Owners: ['amazon'] })).toBe(0);
    await expect(found([{ Name: 'colour', Values: ['red'] }])).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });
});

describe('DescribeSnapshots', () => {
  it('finds snapshots by tag, page by page', async () => {
    const { api, ebs } = await withSnapshot();
    const Tags = [{ Key: 'tandem:service', Value: 'hello' }];
    const made = [];
    for (let n = 0; n < 7; n += 1)
      made.push((await call<{ SnapshotId: string }>(ebs, 'StartSnapshot', { VolumeSize: 1, Tags })).SnapshotId);
    const query = { OwnerIds: ['self'], Filters: [{ Name: 'tag:tandem:service', Values: ['hello'] }], MaxResults: 5 };
    const first = await api<{ Snapshots: { SnapshotId: string }[]; NextToken?: string }>('DescribeSnapshots', query);
    const second = await api<typeof first>('DescribeSnapshots', { ...query, NextToken: first.NextToken });
    expect(first.Snapshots).toMatchObject(Array.from({ length: 5 }, () => ({ State: 'pending', Tags })));
    expect([...first.Snapshots, ...second.Snapshots].map((one) => one.SnapshotId).sort()).toEqual(made.sort());
    expect(second.NextToken).toBeUndefined();
  });
});
