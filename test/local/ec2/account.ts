/** An account with a VPC, one subnet, a launch template and, when asked, an image: what a launch needs. */
import { MemoryBlocks } from '../../../local/services/ebs/blocks.ts';
import { createEbs } from '../../../local/services/ebs/api.ts';
import { createEc2 } from '../../../local/services/ec2/api.ts';
import type { Driver } from '../../../local/services/ec2/drivers/driver.ts';
import { createVirtualDriver } from '../../../local/services/ec2/drivers/virtual.ts';
import type { VirtualBehaviour } from '../../../local/services/ec2/drivers/virtual.ts';
import type { Ec2Ports } from '../../../local/services/ec2/state.ts';
import { call, declare, snapshotOf, tarOf, testBus, testWorld } from './world.ts';

export const IMAGE = {
  Architecture: 'x86_64',
  VirtualizationType: 'hvm',
  BootMode: 'legacy-bios',
  EnaSupport: true,
  RootDeviceName: '/dev/xvda',
};

export const mapping = (SnapshotId: string) => [
  { DeviceName: '/dev/xvda', Ebs: { SnapshotId, VolumeType: 'gp3', DeleteOnTermination: true } },
];

export interface Launched {
  readonly InstanceId: string;
  readonly State: { readonly Name: string };
  readonly StateReason?: { readonly Code: string; readonly Message: string };
  readonly PrivateIpAddress: string;
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
}

type Options = Partial<Pick<Ec2Ports, 'faults' | 'limits' | 'profiles'>> & {
  readonly network?: number | undefined;
  readonly drivers?: (world: ReturnType<typeof testWorld>) => readonly Driver[];
};

export async function testAccount(options: Options = {}) {
  const { drivers, network, ...rest } = options;
  const { account, ...others } = testWorld();
  const world = { ...others, account: { ...account, network } };
  const bus = testBus();
  const ebs = createEbs({ world, bus, blocks: new MemoryBlocks() });
  const virtual = createVirtualDriver(world);
  const ec2 = createEc2({ world, bus, snapshots: ebs.snapshots, drivers: drivers?.(world) ?? [virtual], ...rest });
  const vpc = await declare(ec2, 'AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }, 'Vpc');
  const subnet = await declare(
    ec2,
    'AWS::EC2::Subnet',
    { VpcId: vpc.ref, CidrBlock: '10.0.0.0/24', AvailabilityZone: 'eu-central-1a' },
    'Subnet',
  );
  const group = await declare(ec2, 'AWS::EC2::SecurityGroup', { VpcId: vpc.ref, GroupDescription: 'nodes' }, 'Group');
  const template = await declare(ec2, 'AWS::EC2::LaunchTemplate', {
    LaunchTemplateData: {
      InstanceType: 't3.micro',
      InstanceInitiatedShutdownBehavior: 'stop',
      SecurityGroupIds: [group.attributes['GroupId']],
      MetadataOptions: { HttpTokens: 'required' },
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'from', Value: 'template' }] }],
    },
  });
  const register = async (SnapshotId: string, over: object = {}) => {
    const request = { Name: `image of ${SnapshotId}`, ...IMAGE, BlockDeviceMappings: mapping(SnapshotId), ...over };
    return (await call<{ ImageId: string }>(ec2, 'RegisterImage', request)).ImageId;
  };
  const imageOf = async (files: Readonly<Record<string, string | Uint8Array>>) => {
    const ImageId = await register(await snapshotOf(world, ebs, await tarOf(files)));
    await world.time.advanceBy(5_000);
    return ImageId;
  };
  const run = async (ImageId: string, over: object = {}) => {
    const request = {
      ImageId,
      LaunchTemplate: { LaunchTemplateId: template.ref, Version: '1' },
      SubnetId: subnet.ref,
      MinCount: 1,
      MaxCount: 1,
      ...over,
    };
    return (await call<{ Instances: Launched[] }>(ec2, 'RunInstances', request)).Instances;
  };
  const describe = async (input: object = {}) => {
    const { Reservations } = await call<{ Reservations: { Instances: Launched[] }[] }>(ec2, 'DescribeInstances', input);
    return Reservations.flatMap((reservation) => reservation.Instances);
  };
  const virtualImage = (behaviour: Partial<VirtualBehaviour> = {}) =>
    imageOf({ run: '', 'virtual.json': JSON.stringify(behaviour) });
  const states = () => bus.details('EC2 Instance State-change Notification').map((detail) => detail['state']);
  return { world, bus, ebs, ec2, virtual, vpc, subnet, group, template, register, imageOf, virtualImage, run, describe, states };
}
