/** An account whose instances are real machines, ten times as fast where nothing boots. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveClock } from '../../../../local/kernel/clock-live.ts';
import type { InstanceProfiles, SnapshotReader } from '../../../../local/kernel/ports.ts';
import { createRandom } from '../../../../local/kernel/random.ts';
import { MemoryTrace } from '../../../../local/kernel/trace.ts';
import { createEbs } from '../../../../local/services/ebs/api.ts';
import { SparseFileBlocks } from '../../../../local/services/ebs/blocks.ts';
import { createEc2 } from '../../../../local/services/ec2/api.ts';
import { createQemuDriver } from '../../../../local/services/ec2/drivers/qemu/qemu.ts';
import { IMAGE, mapping } from '../account.ts';
import { call, declare, testBus, TestLedger, testWorld } from '../world.ts';
import { readerOf } from './machines.ts';

const SPEED = 10;

interface Shown {
  readonly InstanceId: string;
  readonly State: { readonly Name: string };
  readonly PrivateIpAddress: string;
  readonly BlockDeviceMappings: readonly { readonly DeviceName: string; readonly Ebs: { readonly VolumeId: string } }[];
  readonly StateReason?: { readonly Code: string; readonly Message: string };
}

export async function openMachines({ cores = 2, profiles }: { cores?: number; profiles?: InstanceProfiles } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'machines-'));
  const bugs: unknown[] = [];
  const time = new LiveClock({ speed: SPEED, onError: (label, error) => bugs.push(label, error) });
  const trace = new MemoryTrace(() => time.now());
  const world = { ...testWorld(), time, trace, random: createRandom(process.pid) };
  const bus = testBus();
  const children = new TestLedger();
  const options = {
    time,
    trace,
    children,
    directory: join(directory, 'machines'),
    speed: SPEED,
    path: process.env['PATH'] ?? '',
  };
  const ebs = createEbs({ world, bus, blocks: new SparseFileBlocks(join(directory, 'snapshots')) });
  const drivers = [createQemuDriver({ ...options, cores })];
  const ec2 = createEc2({ world, bus, snapshots: ebs.snapshots, drivers, ...(profiles && { profiles }) });
  const api = <Output = Record<string, unknown>>(operation: string, input: object) => call<Output>(ec2, operation, input);

  const vpc = await declare(ec2, 'AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' });
  const subnet = await declare(ec2, 'AWS::EC2::Subnet', { VpcId: vpc.ref, CidrBlock: '10.0.0.0/24' });
  const Tags = [{ Key: 'local:disk', Value: 'virtio' }];
  const template = await declare(ec2, 'AWS::EC2::LaunchTemplate', {
    LaunchTemplateData: { InstanceType: 't3.nano', InstanceInitiatedShutdownBehavior: 'stop' },
    TagSpecifications: [{ ResourceType: 'launch-template', Tags }],
  });

  /** Lets in one port. */
  const groupOf = async (IpProtocol: 'tcp' | 'udp', port: number) => {
    const SecurityGroupIngress = [{ IpProtocol, FromPort: port, ToPort: port, CidrIp: '10.0.0.0/8' }];
    const group = { VpcId: vpc.ref, GroupDescription: 'test', SecurityGroupIngress };
    return (await declare(ec2, 'AWS::EC2::SecurityGroup', group)).ref;
  };
  /** Until `isSo` is; looks again whenever the loop has nothing else to do. */
  const until = async (isSo: () => boolean | Promise<boolean>) => {
    while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
  };
  const completed = async (volume: SnapshotReader) => {
    const { view } = ebs.snapshots.take(volume, { volumeId: 'vol-0', description: '', tags: {} });
    await until(() => ebs.snapshots.find(view.snapshotId)?.state === 'completed');
    return view.snapshotId;
  };
  const imageOf = async (bytes: Uint8Array, over: object = {}) => {
    const SnapshotId = await completed(readerOf(bytes, 2 ** 30));
    const { ImageId } = await api<{ ImageId: string }>('RegisterImage', {
      Name: SnapshotId,
      ...IMAGE,
      BlockDeviceMappings: mapping(SnapshotId),
      ...over,
    });
    const state = async () =>
      (await api<{ Images: { State: string }[] }>('DescribeImages', { ImageIds: [ImageId] })).Images[0]?.State;
    await until(async () => (await state()) === 'available');
    return ImageId;
  };
  const run = async (ImageId: string, count = 1, over: object = {}) => {
    const request = {
      ImageId,
      LaunchTemplate: { LaunchTemplateId: template.ref },
      SubnetId: subnet.ref,
      MinCount: count,
      MaxCount: count,
      ...over,
    };
    const { Instances } = await api<{ Instances: Shown[] }>('RunInstances', request);
    return Instances.map(({ InstanceId }) => InstanceId);
  };
  const look = async (id: string) => {
    const { Reservations } = await api<{ Reservations: { Instances: Shown[] }[] }>('DescribeInstances', { InstanceIds: [id] });
    return Reservations[0]!.Instances[0]!;
  };
  const untilState = (id: string, state: string) => until(async () => (await look(id)).State.Name === state);
  const consoleOf = async (id: string) => {
    const { Output = '' } = await api<{ Output?: string }>('GetConsoleOutput', { InstanceId: id, Latest: true });
    return Buffer.from(Output, 'base64').toString('latin1');
  };
  const untilConsole = (id: string, text: string, times = 1) =>
    until(async () => (await consoleOf(id)).split(text).length > times);
  const statesOf = (id: string) =>
    bus.details('EC2 Instance State-change Notification').flatMap((one) => (one['instance-id'] === id ? [one['state']] : []));
  const close = async () => {
    await ec2.stop?.();
    time.stop();
    await rm(directory, { recursive: true, force: true });
    if (bugs.length > 0) throw new Error(`failed on the timetable: ${bugs.map(String).join(' ')}`);
  };
  return { api, ebs, trace, children, groupOf, imageOf, run, look, until, untilState, consoleOf, untilConsole, statesOf, close };
}
