import { DescribeInstances$, GetConsoleOutput$, TerminateInstances$ } from '@aws-sdk/client-ec2';
import type {
  DescribeInstancesRequest,
  GetConsoleOutputRequest,
  GetConsoleOutputResult,
  TerminateInstancesRequest,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { InstanceState } from '../../kernel/ports.ts';
import type { Operation } from '../../kernel/service.ts';
import { matchesFilters, toPage } from './filters.ts';
import { terminateInstance } from './hypervisor.ts';
import { sizeOf } from './instance-size.ts';
import { checkDryRun, getInstance, toTagList } from './state.ts';
import type { Ec2State, Instance } from './state.ts';

const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

const toState = (state: InstanceState) => ({ Code: STATE_CODES[state], Name: state });

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

/** A terminated instance has lost its network. */
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
    Tags: toTagList(instance.tags),
  };
}

function toCpuOptions(type: string) {
  const size = sizeOf(type);
  return size && { CoreCount: size.vcpus / size.threadsPerCore, ThreadsPerCore: size.threadsPerCore };
}

export const terminateInstances = (ec2: Ec2State): Operation<TerminateInstancesRequest> => ({
  schema: TerminateInstances$,
  run(input) {
    const ids = input.InstanceIds ?? [];
    if (ids.length === 0 || ids.length > 1000)
      throw new AwsError('InvalidParameterValue', `TerminateInstances takes 1 to 1000 instances, not ${ids.length}.`);
    // One that is not known fails them all, before any is touched.
    const instances = [...new Set(ids)].map((id) => getInstance(ec2, id));
    checkDryRun(input);
    return {
      TerminatingInstances: instances.map((instance) => {
        const before = instance.state;
        terminateInstance(ec2, instance, input.Force === true || input.SkipOsShutdown === true);
        return { InstanceId: instance.id, PreviousState: toState(before), CurrentState: toState(instance.state) };
      }),
    };
  },
});

/** Without `Latest`, what was last posted: it may lag the end by seconds and the present by hours. */
export const getConsoleOutput = (ec2: Ec2State): Operation<GetConsoleOutputRequest, GetConsoleOutputResult> => ({
  schema: GetConsoleOutput$,
  run(input) {
    const { id, console } = getInstance(ec2, input.InstanceId ?? '');
    const shown = input.Latest === true ? { at: ec2.world.time.now(), output: console.latest } : console.posted;
    return {
      InstanceId: id,
      Timestamp: new Date(shown?.at ?? ec2.world.time.now()),
      ...(shown && { Output: shown.output.toString('base64') }),
    };
  },
});
