/** What EC2 makes of its machines: the driver is scripted, the time virtual. */
import { beforeEach, describe, expect, it } from 'vitest';
import { testAccount } from './account.ts';
import { scriptedDriver } from './scripted-machines.ts';
import { call, declare, snapshotOf } from './world.ts';

const MIB = 2 ** 20;
const DATA = Buffer.alloc(3 * MIB, 'data of a service ');
const ROOT = Buffer.concat([Buffer.alloc(MIB), Buffer.from('what the guest wrote')]);

async function openAccount() {
  const { driver, machines } = scriptedDriver({ '/dev/xvda': ROOT, '/dev/sdf': DATA });
  const account = await testAccount({ drivers: () => [driver] });
  const ImageId = await account.imageOf({ run: '' });
  const api = <Output = Record<string, unknown>>(operation: string, input: object) => call<Output>(account.ec2, operation, input);
  const launch = async (over: object = {}) => {
    const [instance] = await account.run(ImageId, over);
    await account.world.time.advanceBy(10);
    const machine = machines.at(-1)!;
    return { id: instance!.InstanceId, machine };
  };
  const launchRunning = async (over: object = {}) => {
    const launched = await launch(over);
    launched.machine.hooks.started();
    return launched;
  };
  const look = async (id: string) => (await account.describe({ InstanceIds: [id] }))[0]!;
  return { ...account, ImageId, api, launch, launchRunning, look };
}

let account: Awaited<ReturnType<typeof openAccount>>;
beforeEach(async () => {
  account = await openAccount();
});

describe('a machine is given', () => {
  it('the ports that its security groups let in, of both protocols', async () => {
    const { ec2, vpc, group, launchRunning } = account;
    const rule = (IpProtocol: string, FromPort: number, ToPort: number) => ({
      IpProtocol,
      FromPort,
      ToPort,
      CidrIp: '10.0.0.0/8',
    });
    const inline = {
      VpcId: vpc.ref,
      GroupDescription: 'more',
      SecurityGroupIngress: [rule('udp', 53, 53), rule('icmp', -1, -1)],
    };
    const second = await declare(ec2, 'AWS::EC2::SecurityGroup', inline, 'Second');
    await declare(ec2, 'AWS::EC2::SecurityGroupIngress', { GroupId: group.ref, ...rule('tcp', 8080, 8081) });
    const { machine } = await launchRunning({ SecurityGroupIds: [group.ref, second.ref] });
    expect(machine.guest.ports).toEqual([
      { protocol: 'tcp', from: 8080, to: 8081 },
      { protocol: 'udp', from: 53, to: 53 },
    ]);
    await expect(declare(ec2, 'AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-0', ...rule('tcp', 1, 1) })).rejects.toThrow(
      /sg-0/,
    );
  });

  it('what its launch template says to local runtimes, by tags of its own', async () => {
    const { ec2, launchRunning } = account;
    const Tags = [
      { Key: 'local:disk', Value: 'ide' },
      { Key: 'owner', Value: 'me' },
    ];
    const properties = {
      LaunchTemplateData: { InstanceType: 't3.micro' },
      TagSpecifications: [{ ResourceType: 'launch-template', Tags }],
    };
    const template = await declare(ec2, 'AWS::EC2::LaunchTemplate', properties, 'Hinting');
    const { machine } = await launchRunning({ LaunchTemplate: { LaunchTemplateId: template.ref } });
    expect(machine.guest.hints).toEqual({ disk: 'ide' });
  });

  it('volumes at launch: of a snapshot, and blank', async () => {
    const { world, ebs, launchRunning, look } = account;
    const SnapshotId = await snapshotOf(world, ebs, DATA);
    const { id, machine } = await launchRunning({
      BlockDeviceMappings: [
        { DeviceName: '/dev/sdf', Ebs: { SnapshotId, VolumeSize: 2 } },
        { DeviceName: '/dev/sdg', Ebs: { VolumeSize: 3, DeleteOnTermination: true } },
        { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 5, Encrypted: true } },
      ],
    });
    const GIB = 2 ** 30;
    expect(machine.disks.map(({ device, bytes }) => [device, bytes / GIB])).toEqual([
      ['/dev/xvda', 5],
      ['/dev/sdf', 2],
      ['/dev/sdg', 3],
    ]);
    expect(Buffer.from(await machine.disks[1]!.base!.read(0, DATA.length)).equals(DATA)).toBe(true);
    expect(machine.disks[2]!.base).toBeUndefined();
    const mappings = (await look(id)) as unknown as { BlockDeviceMappings: { DeviceName: string; Ebs: { VolumeId: string } }[] };
    expect(mappings.BlockDeviceMappings.map(({ Ebs }) => Ebs.VolumeId)).toEqual(machine.disks.map(({ volumeId }) => volumeId));
    expect(new Set(machine.disks.map(({ volumeId }) => volumeId)).size).toBe(3);
  });

  it.each([
    ['a snapshot that is not there', { SnapshotId: 'snap-00000000000000000' }, 'InvalidSnapshot.NotFound'],
    ['neither size nor snapshot', {}, 'InvalidParameterValue'],
  ])('no volume of %s', async (_what, Ebs, code) => {
    const { run, ImageId } = account;
    await expect(run(ImageId, { BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs }] })).rejects.toMatchObject({ code });
  });

  it('no volume smaller than its snapshot, and no other root than the image', async () => {
    const { world, ebs, run, ImageId } = account;
    const SnapshotId = await snapshotOf(world, ebs, DATA, 2);
    const mapping = (DeviceName: string, VolumeSize?: number) => ({
      BlockDeviceMappings: [{ DeviceName, Ebs: { SnapshotId, VolumeSize } }],
    });
    const refused = { code: 'InvalidBlockDeviceMapping' };
    await expect(run(ImageId, mapping('/dev/sdf', 1))).rejects.toMatchObject(refused);
    await expect(run(ImageId, mapping('/dev/xvda'))).rejects.toMatchObject(refused);
  });
});

describe('an instance in line to boot', () => {
  it('says its place, as long as it has one', async () => {
    const { launch, look } = account;
    const { id, machine } = await launch();
    machine.hooks.queued?.(7);
    expect(await look(id)).toMatchObject({
      State: { Name: 'pending' },
      StateReason: { Code: 'pending', Message: /number 7 in line/ },
    });
    machine.hooks.started();
    expect((await look(id)).StateReason).toBeUndefined();
  });
});

describe('an instance that is stopped', () => {
  it('is asked to shut down, and says that a user wanted it', async () => {
    const { api, launchRunning, look, world, states } = account;
    const { id, machine } = await launchRunning();
    expect(await api('StopInstances', { InstanceIds: [id] })).toMatchObject({
      StoppingInstances: [{ PreviousState: { Name: 'running' }, CurrentState: { Name: 'stopping' } }],
    });
    expect(machine.told).toEqual(['stop']);
    machine.off();
    await world.time.advanceBy(2_000);
    expect(await look(id)).toMatchObject({ State: { Name: 'stopped' }, StateReason: { Code: 'Client.UserInitiatedShutdown' } });
    expect(states()).toEqual(['pending', 'running', 'stopping', 'stopped']);
  });

  it.each(['Force', 'SkipOsShutdown'])('with %s is not asked', async (flag) => {
    const { api, launchRunning } = account;
    const { id, machine } = await launchRunning();
    await api('StopInstances', { InstanceIds: [id], [flag]: true });
    expect(machine.told).toEqual(['kill']);
  });

  it('can be terminated while it shuts down, and then goes off once', async () => {
    const { api, launchRunning, look, world, states } = account;
    const { id, machine } = await launchRunning();
    await api('StopInstances', { InstanceIds: [id] });
    await api('TerminateInstances', { InstanceIds: [id], SkipOsShutdown: true });
    expect(machine.told).toEqual(['stop', 'kill']);
    machine.off();
    await world.time.advanceBy(2_000);
    expect(await look(id)).toMatchObject({ State: { Name: 'terminated' } });
    expect(states()).toEqual(['pending', 'running', 'stopping', 'shutting-down', 'terminated']);
  });

  it('must have run', async () => {
    const { api, launch } = account;
    const { id } = await launch();
    await expect(api('StopInstances', { InstanceIds: [id] })).rejects.toMatchObject({ code: 'IncorrectInstanceState' });
  });
});

describe('from outside', () => {
  it('the screen is shown and the interrupt sent, of what runs', async () => {
    const { api, launch, launchRunning } = account;
    const { id, machine } = await launchRunning();
    expect(await api('GetConsoleScreenshot', { InstanceId: id })).toEqual({ InstanceId: id, ImageData: '/9j/' });
    await api('SendDiagnosticInterrupt', { InstanceId: id });
    expect(machine.told).toEqual(['interrupt']);
    const pending = await launch();
    for (const operation of ['GetConsoleScreenshot', 'SendDiagnosticInterrupt'])
      await expect(api(operation, { InstanceId: pending.id })).rejects.toMatchObject({ code: 'IncorrectInstanceState' });
  });

  it('the checks are initializing for two minutes, and are made of what runs', async () => {
    const { api, launchRunning, world } = account;
    const { id, machine } = await launchRunning();
    const status = async (input: object = {}) =>
      (await api<{ InstanceStatuses: object[] }>('DescribeInstanceStatus', input)).InstanceStatuses;
    expect(await status()).toMatchObject([{ InstanceId: id, InstanceStatus: { Status: 'initializing' } }]);
    await world.time.advanceBy(130_000);
    expect(await status()).toMatchObject([{ SystemStatus: { Status: 'ok' }, InstanceStatus: { Status: 'ok' } }]);
    machine.off();
    await world.time.advanceBy(2_000);
    expect(await status()).toEqual([]);
    expect(await status({ IncludeAllInstances: true })).toMatchObject([{ InstanceStatus: { Status: 'not-applicable' } }]);
  });
});

describe('snapshots of an instance', () => {
  const read = async (id: string, length: number) => Buffer.from(await account.ebs.snapshots.open(id)!.read(0, length));

  it('have its volumes’ bytes, bear the tags, and are completed a moment later', async () => {
    const { api, launchRunning, world } = account;
    const { id, machine } = await launchRunning({ BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1 } }] });
    const { Snapshots } = await api<{ Snapshots: { SnapshotId: string; VolumeId: string; State: string }[] }>('CreateSnapshots', {
      InstanceSpecification: { InstanceId: id },
      Description: 'evidence',
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'fault', Value: 'f-1' }] }],
    });
    expect(Snapshots).toMatchObject(machine.disks.map(({ volumeId }) => ({ VolumeId: volumeId, State: 'pending' })));
    await world.time.advanceBy(5_000);
    expect((await read(Snapshots[0]!.SnapshotId, ROOT.length)).equals(ROOT)).toBe(true);
    expect((await read(Snapshots[1]!.SnapshotId, DATA.length)).equals(DATA)).toBe(true);
    expect(machine.told.filter((one) => one === 'copy released')).toHaveLength(2);
    expect(await api('DescribeSnapshots', { Filters: [{ Name: 'tag:fault', Values: ['f-1'] }] })).toMatchObject({
      Snapshots: [{ State: 'completed' }, { State: 'completed' }],
    });
  });

  it('are of the volumes asked for', async () => {
    const { api, launchRunning } = account;
    const { id, machine } = await launchRunning({ BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1 } }] });
    const [root, data] = machine.disks.map(({ volumeId }) => volumeId);
    const of = async (specification: object) => {
      const { Snapshots } = await api<{ Snapshots: { VolumeId: string }[] }>('CreateSnapshots', {
        InstanceSpecification: { InstanceId: id, ...specification },
      });
      return Snapshots.map(({ VolumeId }) => VolumeId);
    };
    expect(await of({ ExcludeBootVolume: true })).toEqual([data]);
    expect(await of({ ExcludeDataVolumeIds: [data] })).toEqual([root]);
    expect(await api('CreateSnapshot', { VolumeId: data })).toMatchObject({ VolumeId: data, State: 'pending' });
    await expect(api('CreateSnapshot', { VolumeId: 'vol-00000000000000000' })).rejects.toMatchObject({
      code: 'InvalidVolume.NotFound',
    });
  });

  it('cannot be taken when nothing is left of it', async () => {
    const { api, launchRunning, world } = account;
    const { id, machine } = await launchRunning();
    await api('TerminateInstances', { InstanceIds: [id] });
    machine.off();
    await world.time.advanceBy(2_000);
    const InstanceSpecification = { InstanceId: id };
    await expect(api('CreateSnapshots', { InstanceSpecification })).rejects.toMatchObject({ code: 'IncorrectState' });
  });
});
