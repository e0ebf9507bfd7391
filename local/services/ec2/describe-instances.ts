import { DescribeInstances$ } from '@aws-sdk/client-ec2';
import type { DescribeInstancesRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { InstanceState } from '../../kernel/ports.ts';
import type { Operation } from '../../kernel/service.ts';
import { matchesFilters, toPage } from './filters.ts';
import { sizeOf } from './instance-size.ts';
import { getInstance, toTagList } from './state.ts';
import type { Ec2State, Instance, Volume } from './state.ts';

export const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const toState = (state: InstanceState) => ({ Code: STATE_CODES[state], Name: state });

const fieldsOf = (instance: Instance) => ({
  'instance-id': [instance.id],
  'instance-state-name': [instance.state],
  'instance-state-code': [String(STATE_CODES[instance.state])],
  'instance-type': [instance.instanceType],
  'image-id': [instance.image.id],
  'client-token': [instance.clientToken],
  'subnet-id': [instance.subnet.id],
  'vpc-id': [instance.subnet.vpcId],
  'availability-zone': [instance.subnet.zone],
  'private-ip-address': [instance.address],
  'reservation-id': [instance.reservationId],
  'state-reason-code': [instance.stateReason?.code],
});

export const describeInstances = (ec2: Ec2State): Operation<DescribeInstancesRequest> => ({
  schema: DescribeInstances$,
  run(input) {
    if (input.InstanceIds !== undefined && input.MaxResults !== undefined)
      throw new AwsError(
        'InvalidParameterCombination',
        'The parameter instancesSet cannot be used with the parameter maxResults',
      );
    const named = input.InstanceIds?.map((id) => getInstance(ec2, id));
    const visible = named ?? [...ec2.instances.values()].filter((one) => ec2.faults?.hidesInstance?.(one.id) !== true);
    const instances = visible.filter((instance) => matchesFilters(input.Filters, fieldsOf(instance), instance.tags));
    const { page, next } = toPage(instances, input);
    const reservations = new Map<string, Instance[]>();
    for (const instance of page)
      reservations.set(instance.reservationId, [...(reservations.get(instance.reservationId) ?? []), instance]);
    return { Reservations: [...reservations.values()].map((one) => toReservation(ec2, one)), NextToken: next };
  },
});

export const toReservation = (ec2: Ec2State, instances: readonly Instance[]) => ({
  ReservationId: instances[0]?.reservationId,
  OwnerId: ec2.world.account.id,
  Groups: [],
  Instances: instances.map((instance) => toInstance(ec2, instance)),
});

/** A terminated instance has lost its network, and its volumes. */
const hasNetwork = (instance: Instance) => instance.state !== 'terminated';

function toInstance(ec2: Ec2State, instance: Instance) {
  const { image, subnet } = instance;
  const name = `ip-${instance.address.replaceAll('.', '-')}.${ec2.world.account.region}.compute.internal`;
  return {
    InstanceId: instance.id,
    ImageId: image.id,
    InstanceType: instance.instanceType,
    State: toState(instance.state),
    StateReason: instance.stateReason && { Code: instance.stateReason.code, Message: instance.stateReason.message },
    StateTransitionReason: instance.stateReason?.code === 'Client.UserInitiatedShutdown' ? 'User initiated' : '',
    AmiLaunchIndex: instance.index,
    ClientToken: instance.clientToken ?? '',
    LaunchTime: new Date(instance.launchedAt),
    Placement: { AvailabilityZone: subnet.zone, Tenancy: 'default' },
    Monitoring: { State: 'disabled' },
    CpuOptions: toCpuOptions(instance.instanceType),
    ...(hasNetwork(instance) && {
      PrivateIpAddress: instance.address,
      PrivateDnsName: name,
      SubnetId: subnet.id,
      VpcId: subnet.vpcId,
      SecurityGroups: instance.securityGroups.map((group) => ({ GroupId: group.id, GroupName: group.name })),
    }),
    ...(instance.instanceProfile && { IamInstanceProfile: { Arn: instance.instanceProfile } }),
    Architecture: image.architecture,
    VirtualizationType: image.virtualizationType,
    EnaSupport: image.enaSupport,
    Hypervisor: 'xen',
    RootDeviceName: image.rootDeviceName,
    RootDeviceType: 'ebs',
    BlockDeviceMappings: hasNetwork(instance) ? instance.volumes.map((volume) => toAttached(instance, volume)) : [],
    MetadataOptions: toMetadataOptions(instance),
    Tags: toTagList(instance.tags),
  };
}

const toAttached = ({ launchedAt }: Instance, { id, device, deleteOnTermination }: Volume) => ({
  DeviceName: device,
  Ebs: { VolumeId: id, Status: 'attached', AttachTime: new Date(launchedAt), DeleteOnTermination: deleteOnTermination },
});

const toMetadataOptions = ({ metadata }: Instance) => ({
  State: 'applied',
  HttpEndpoint: metadata.isOn ? 'enabled' : 'disabled',
  HttpTokens: metadata.tokens,
  HttpPutResponseHopLimit: 1,
  InstanceMetadataTags: metadata.showsTags ? 'enabled' : 'disabled',
});

function toCpuOptions(type: string) {
  const size = sizeOf(type);
  return size && { CoreCount: size.vcpus / size.threadsPerCore, ThreadsPerCore: size.threadsPerCore };
}
