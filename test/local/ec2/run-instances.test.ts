import { describe, expect, it } from 'vitest';
import { testAccount } from './account.ts';
import { call, declare, snapshotOf, tarOf } from './world.ts';

describe('RunInstances', () => {
  it('puts template and request together, the request outranking the template', async () => {
    const { virtualImage, run, describe: list, subnet, vpc, group } = await testAccount();
    const tags = [{ ResourceType: 'instance', Tags: [{ Key: 'tandem:slot', Value: 'blue-1-0' }] }];
    const [instance] = await run(await virtualImage(), { TagSpecifications: tags, ClientToken: 'token' });
    const expected = {
      State: { Name: 'pending', Code: 0 },
      InstanceType: 't3.micro',
      SubnetId: subnet.ref,
      VpcId: vpc.ref,
      Placement: { AvailabilityZone: 'eu-central-1a' },
      SecurityGroups: [{ GroupId: group.ref }],
      ClientToken: 'token',
      PrivateIpAddress: expect.stringMatching(/^127\.1\.\d+\.\d+$/) as string,
      Tags: [
        { Key: 'from', Value: 'template' },
        { Key: 'tandem:slot', Value: 'blue-1-0' },
      ],
    };
    expect(instance).toMatchObject(expected);
    expect(await list({ InstanceIds: [instance!.InstanceId] })).toMatchObject([expected]);
  });

  it('gives every instance an id and an address of its own', async () => {
    const { virtualImage, run } = await testAccount();
    const instances = await run(await virtualImage(), { MinCount: 1, MaxCount: 300 });
    expect(instances).toHaveLength(300);
    expect(new Set(instances.map((one) => one.PrivateIpAddress)).size).toBe(300);
    expect(new Set(instances.map((one) => one.InstanceId)).size).toBe(300);
  });

  it('with the same token and parameters answers the same instance, in whatever state it is', async () => {
    const { virtualImage, run, describe: list, world } = await testAccount();
    const image = await virtualImage();
    const [first] = await run(image, { ClientToken: 'a' });
    expect((await run(image, { ClientToken: 'a' }))[0]!.InstanceId).toBe(first!.InstanceId);
    await world.time.advanceBy(10_000);
    expect((await run(image, { ClientToken: 'a' }))[0]).toMatchObject({
      InstanceId: first!.InstanceId,
      State: { Name: 'running' },
    });
    expect((await run(image, { ClientToken: 'b' }))[0]!.InstanceId).not.toBe(first!.InstanceId);
    expect(await list()).toHaveLength(2);
  });

  it('with the same token and other parameters is a mismatch', async () => {
    const { virtualImage, run } = await testAccount();
    const image = await virtualImage();
    await run(image, { ClientToken: 'a' });
    await expect(run(image, { ClientToken: 'a', MaxCount: 2 })).rejects.toMatchObject({ code: 'IdempotentParameterMismatch' });
  });

  it('with the token of a terminated instance says so, also when that is long forgotten', async () => {
    const { virtualImage, run, ec2, world, describe: list } = await testAccount();
    const image = await virtualImage();
    const [instance] = await run(image, { ClientToken: 'a' });
    await call(ec2, 'TerminateInstances', { InstanceIds: [instance!.InstanceId] });
    await world.time.advanceBy(5_000);
    await expect(run(image, { ClientToken: 'a' })).rejects.toMatchObject({ code: 'IdempotentInstanceTerminated' });
    await world.time.advanceBy(2 * 3_600_000);
    expect(await list()).toEqual([]);
    await expect(run(image, { ClientToken: 'a' })).rejects.toMatchObject({ code: 'IdempotentInstanceTerminated' });
  });

  it('launches what the quota leaves room for, and nothing below MinCount', async () => {
    const { virtualImage, run } = await testAccount({ limits: { limitOf: () => 7 } });
    const image = await virtualImage();
    expect(await run(image, { MinCount: 1, MaxCount: 2 })).toHaveLength(2);
    await expect(run(image, { MinCount: 2, MaxCount: 2 })).rejects.toMatchObject({ code: 'VcpuLimitExceeded' });
    expect(await run(image, { MinCount: 1, MaxCount: 5 })).toHaveLength(1);
  });

  it('answers InsufficientInstanceCapacity when that fault is injected, and takes no token for it', async () => {
    let lacks = true;
    const { virtualImage, run } = await testAccount({ faults: { lacksCapacity: (zone) => lacks && zone === 'eu-central-1a' } });
    const image = await virtualImage();
    await expect(run(image, { ClientToken: 'a' })).rejects.toMatchObject({ code: 'InsufficientInstanceCapacity', status: 500 });
    lacks = false;
    await expect(run(image, { ClientToken: 'a' })).resolves.toHaveLength(1);
  });

  it('refuses an image that is still pending', async () => {
    const { register, ebs, world, run } = await testAccount();
    const image = await register(await snapshotOf(world, ebs, await tarOf({ run: '' })));
    await expect(run(image)).rejects.toMatchObject({ code: 'InvalidAMIID.Unavailable' });
  });

  it.each([
    ['InvalidAMIID.Malformed', { ImageId: 'ami-1' }],
    ['InvalidAMIID.NotFound', { ImageId: 'ami-00000000000000000' }],
    ['InvalidSubnetID.NotFound', { SubnetId: 'subnet-00000000000000000' }],
    ['VPCIdNotSpecified', { SubnetId: undefined }],
    ['InvalidGroup.NotFound', { SecurityGroupIds: ['sg-00000000000000000'] }],
    ['InvalidLaunchTemplateId.NotFound', { LaunchTemplate: { LaunchTemplateId: 'lt-00000000000000000' } }],
    ['InvalidLaunchTemplateName.NotFoundException', { LaunchTemplate: { LaunchTemplateName: 'other' } }],
    ['MissingParameter', { LaunchTemplate: { Version: '1' } }],
    ['InvalidParameterValue', { InstanceType: 'c7g.large' }],
    ['InvalidParameterValue', { InstanceType: 'huge' }],
    ['InvalidParameterValue', { MinCount: 2, MaxCount: 1 }],
    ['InvalidParameterValue', { MinCount: 0 }],
    ['InvalidParameterValue', { UserData: 'not base64!' }],
    ['InvalidParameterValue', { ClientToken: 'x'.repeat(65) }],
    ['InvalidParameterValue', { InstanceInitiatedShutdownBehavior: 'reboot' }],
    ['InvalidParameterValue', { NetworkInterfaces: [{ DeviceIndex: 0 }] }],
    ['InvalidParameterValue', { TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'aws:x', Value: '' }] }] }],
    ['DryRunOperation', { DryRun: true }],
  ])('answers %s to %j, and launches nothing', async (code, over) => {
    const { virtualImage, run, describe: list } = await testAccount();
    await expect(run(await virtualImage(), over)).rejects.toMatchObject({ code });
    expect(await list()).toEqual([]);
  });

  it('refuses a version its template does not have, and knows $Latest and $Default', async () => {
    const { virtualImage, run, template } = await testAccount();
    const image = await virtualImage();
    const version = (Version: string) => run(image, { LaunchTemplate: { LaunchTemplateId: template.ref, Version } });
    await expect(version('2')).rejects.toMatchObject({ code: 'InvalidLaunchTemplateId.VersionNotFound' });
    await expect(version('one')).rejects.toMatchObject({ code: 'InvalidLaunchTemplateId.VersionNotFound' });
    await expect(version('$Latest')).resolves.toHaveLength(1);
    await expect(version('$Default')).resolves.toHaveLength(1);
  });

  it('refuses a security group of another network', async () => {
    const { virtualImage, run, ec2 } = await testAccount();
    const other = await declare(ec2, 'AWS::EC2::VPC', { CidrBlock: '10.1.0.0/16' }, 'Other');
    const groups = [String(other.attributes['DefaultSecurityGroup'])];
    await expect(run(await virtualImage(), { SecurityGroupIds: groups })).rejects.toMatchObject({ code: 'InvalidParameter' });
  });

  it('refuses an instance type of Nitro for an image without its drivers', async () => {
    const { world, ebs, register, run } = await testAccount();
    const snapshot = await snapshotOf(world, ebs, await tarOf({ run: '' }));
    const plain = await register(snapshot, { Name: 'no ENA', EnaSupport: false });
    const paravirtual = await register(snapshot, { Name: 'paravirtual', VirtualizationType: 'paravirtual' });
    await world.time.advanceBy(5_000);
    await expect(run(plain)).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
      message: expect.stringContaining('ENA') as string,
    });
    await expect(run(paravirtual)).rejects.toMatchObject({ code: 'InvalidParameterCombination' });
    await expect(run(plain, { InstanceType: 't2.micro' })).resolves.toHaveLength(1);
  });
});
