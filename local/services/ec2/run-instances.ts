import { RunInstances$ } from '@aws-sdk/client-ec2';
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import { loopback } from '../../kernel/world.ts';
import { ConsoleRing } from './console.ts';
import { toReservation } from './describe-instances.ts';
import { startInstance } from './hypervisor.ts';
import { countedVcpus, quotaCodeOf } from './instance-size.ts';
import { checkFits } from './instance-type.ts';
import { getTemplateData } from './launch-template.ts';
import type { MetadataRequest, TemplateData } from './launch-template.ts';
import { checkDryRun, getById, GROUP_ID, IMAGE_ID, newId, SUBNET_ID, tagsFor } from './state.ts';
import type { Ec2State, Image, Instance, MetadataOptions, SecurityGroup, Subnet, Tags } from './state.ts';
import { makeVolumes, planVolumes, toMapping } from './volumes.ts';
import type { VolumePlan } from './volumes.ts';

const NO_TEMPLATE: TemplateData = { securityGroupIds: [], metadata: {}, volumes: [], hints: {}, tags: {} };

/** What a launch is, template and request put together; the request outranks the template. */
interface Launch {
  readonly image: Image;
  readonly instanceType: string;
  readonly subnet: Subnet;
  readonly securityGroups: readonly SecurityGroup[];
  readonly instanceProfile: string | undefined;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly userData: Buffer | undefined;
  readonly metadata: MetadataOptions;
  readonly volumes: readonly VolumePlan[];
  readonly hints: Readonly<Record<string, string>>;
  readonly tags: Tags;
}

/** Fields that would change what runs, and that nothing here keeps. */
const NEVER_SUPPORTED = [
  'NetworkInterfaces',
  'InstanceMarketOptions',
  'HibernationOptions',
  'PrivateIpAddress',
  'SecurityGroups',
  'CpuOptions',
] as const;

function getImage(ec2: Ec2State, id: string | undefined): Image {
  if (id === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId');
  const image = getById(id, IMAGE_ID, (known) => ec2.images.get(known));
  if (image.state !== 'available')
    throw new AwsError('InvalidAMIID.Unavailable', `The image ID '${id}' is not available: it is ${image.state}`);
  return image;
}

/** EC2 would choose a default subnet; there is no default VPC here. */
function getSubnet(ec2: Ec2State, id: string | undefined): Subnet {
  if (id === undefined) throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user. Say a SubnetId.');
  return getById(id, SUBNET_ID, (known) => ec2.subnets.get(known));
}

function getGroup(ec2: Ec2State, id: string, subnet: Subnet): SecurityGroup {
  const group = getById(id, GROUP_ID, (known) => ec2.securityGroups.get(known));
  if (group.vpcId === subnet.vpcId) return group;
  throw new AwsError('InvalidParameter', `Security group ${id} and subnet ${subnet.id} belong to different networks.`);
}

function toShutdownBehavior(value: string | undefined): 'stop' | 'terminate' {
  if (value === undefined || value === 'stop' || value === 'terminate') return value ?? 'stop';
  throw new AwsError(
    'InvalidParameterValue',
    `Value (${value}) for parameter InstanceInitiatedShutdownBehavior is invalid. Valid values: stop, terminate.`,
  );
}

function toUserData(base64: string | undefined): Buffer | undefined {
  if (base64 === undefined) return undefined;
  const userData = Buffer.from(base64, 'base64');
  if (userData.toString('base64').replace(/=+$/, '') !== base64.replace(/[=\s]+$/, ''))
    throw new AwsError('InvalidParameterValue', 'Invalid BASE64 encoding of user data.');
  if (userData.length > 16_384) throw new AwsError('InvalidParameterValue', 'User data is limited to 16384 bytes.');
  return userData;
}

function toLaunch(ec2: Ec2State, input: RunInstancesRequest): Launch {
  const unknown = NEVER_SUPPORTED.filter((name) => input[name] !== undefined);
  if (unknown.length > 0)
    throw new AwsError('InvalidParameterValue', `The local EC2 does not have ${unknown.join(', ')} in RunInstances.`);
  const template = input.LaunchTemplate === undefined ? NO_TEMPLATE : getTemplateData(ec2, input.LaunchTemplate);
  const image = getImage(ec2, input.ImageId ?? template.imageId);
  const instanceType: string = input.InstanceType ?? template.instanceType ?? 'm1.small';
  checkFits(instanceType, image);
  const subnet = getSubnet(ec2, input.SubnetId);
  return {
    image,
    instanceType,
    subnet,
    securityGroups: (input.SecurityGroupIds ?? template.securityGroupIds).map((id) => getGroup(ec2, id, subnet)),
    instanceProfile: input.IamInstanceProfile?.Arn ?? input.IamInstanceProfile?.Name ?? template.instanceProfile,
    shutdownBehavior: toShutdownBehavior(input.InstanceInitiatedShutdownBehavior ?? template.shutdownBehavior),
    userData: toUserData(input.UserData ?? template.userData),
    metadata: toMetadataOptions({ ...template.metadata, ...input.MetadataOptions }, image),
    volumes: planVolumes(ec2, image, [...template.volumes, ...(input.BlockDeviceMappings ?? []).map(toMapping)]),
    hints: template.hints,
    tags: { ...template.tags['instance'], ...tagsFor('instance', input.TagSpecifications) },
  };
}

/** An image may insist on tokens; otherwise a launch that says nothing may go without. */
function toMetadataOptions(said: MetadataRequest, image: Image): MetadataOptions {
  const tokens = said.HttpTokens ?? (image.imdsSupport === 'v2.0' ? 'required' : 'optional');
  if (tokens !== 'required' && tokens !== 'optional')
    throw new AwsError(
      'InvalidParameterValue',
      `Value (${tokens}) for parameter HttpTokens is invalid. Valid values: required, optional.`,
    );
  return { isOn: said.HttpEndpoint !== 'disabled', tokens, showsTags: said.InstanceMetadataTags === 'enabled' };
}

function checkCounts({ MinCount, MaxCount }: RunInstancesRequest): { min: number; max: number } {
  const [min, max] = [MinCount ?? 0, MaxCount ?? 0];
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 1 || max < min)
    throw new AwsError(
      'InvalidParameterValue',
      `MinCount (${min}) and MaxCount (${max}) must be whole numbers, 1 ≤ MinCount ≤ MaxCount.`,
    );
  return { min, max };
}

/** Of all types that share a quota with this one. Instances that are stopped or on their way there do not count. */
function runningVcpus(ec2: Ec2State, type: string): number {
  return [...ec2.instances.values()]
    .filter(
      ({ state, instanceType }) =>
        (state === 'pending' || state === 'running') && quotaCodeOf(instanceType) === quotaCodeOf(type),
    )
    .reduce((sum, { instanceType }) => sum + countedVcpus(instanceType), 0);
}

/** As many as there is room for; less than `min` is none. */
function roomFor(ec2: Ec2State, launch: Launch, { min, max }: { readonly min: number; readonly max: number }): number {
  const limit = ec2.limits?.limitOf('ec2', quotaCodeOf(launch.instanceType)) ?? Infinity;
  const room = Math.min(max, Math.floor((limit - runningVcpus(ec2, launch.instanceType)) / countedVcpus(launch.instanceType)));
  if (room < min)
    throw new AwsError(
      'VcpuLimitExceeded',
      `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`,
    );
  if (ec2.faults?.lacksCapacity?.(launch.subnet.zone, launch.instanceType) === true)
    throw new AwsError(
      'InsufficientInstanceCapacity',
      `We currently do not have sufficient ${launch.instanceType} capacity in the Availability Zone you requested (${launch.subnet.zone}).`,
      500,
    );
  return room;
}

/** 127.1.0.2, 127.1.0.3, … of the first network: each instance's own, and none is given twice before all were given once. */
function giveAddress(ec2: Ec2State): string {
  const number = 2 + (ec2.addressesGiven % (65_536 - 4));
  ec2.addressesGiven += 1;
  return `${loopback(ec2.world.account).instances}.${number >> 8}.${number & 255}`;
}

function makeInstance(
  ec2: Ec2State,
  launch: Launch,
  of: { reservationId: string; index: number; token: string | undefined },
): Instance {
  const id = newId(ec2, 'i');
  const instance: Instance = {
    id,
    reservationId: of.reservationId,
    index: of.index,
    clientToken: of.token,
    ...launch,
    volumes: makeVolumes(id, launch.volumes),
    address: giveAddress(ec2),
    launchedAt: ec2.world.time.now(),
    console: new ConsoleRing(),
    state: 'pending',
    stateReason: undefined,
    runningSince: undefined,
    machine: undefined,
  };
  ec2.instances.set(instance.id, instance);
  return instance;
}

/** Equal requests have equal texts, whatever the order of their fields. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return value === undefined ? 'null' : JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${name}:${canonical(field)}`)
    .join(',')}}`;
}

/** The instances an earlier call with this token made. */
function findEarlier(ec2: Ec2State, token: string | undefined, request: string): readonly Instance[] | undefined {
  if (token === undefined) return undefined;
  if (!/^[!-~]{1,64}$/.test(token))
    throw new AwsError('InvalidParameterValue', 'ClientToken must be at most 64 printable ASCII characters.');
  const earlier = ec2.tokens.get(token);
  if (earlier === undefined) return undefined;
  if (earlier.request !== request)
    throw new AwsError(
      'IdempotentParameterMismatch',
      'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    );
  const instances = earlier.instanceIds.flatMap((id) => ec2.instances.get(id) ?? []);
  if (instances.every((instance) => instance.state === 'terminated'))
    throw new AwsError(
      'IdempotentInstanceTerminated',
      'The client token belongs to a request whose instances were terminated. Use another token.',
    );
  return instances;
}

export const runInstances = (ec2: Ec2State): Operation<RunInstancesRequest> => ({
  schema: RunInstances$,
  run(input) {
    const { ClientToken: token } = input;
    const request = canonical({ ...input, ClientToken: undefined, DryRun: undefined });
    const earlier = findEarlier(ec2, token, request);
    if (earlier !== undefined) return toReservation(ec2, earlier);
    const counts = checkCounts(input);
    const launch = toLaunch(ec2, input);
    const count = roomFor(ec2, launch, counts);
    checkDryRun(input);
    const reservationId = newId(ec2, 'r');
    const instances = Array.from({ length: count }, (_, index) => makeInstance(ec2, launch, { reservationId, index, token }));
    if (token !== undefined) ec2.tokens.set(token, { request, instanceIds: instances.map((instance) => instance.id) });
    for (const instance of instances) startInstance(ec2, instance);
    return toReservation(ec2, instances);
  },
});
