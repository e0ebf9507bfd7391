import { AwsError } from '../../kernel/aws-error.ts';
import type { AccountLimits, EventBus, InstanceProfiles, InstanceState, SnapshotShelf } from '../../kernel/ports.ts';
import type { World } from '../../kernel/world.ts';
import type { ConsoleRing } from './console.ts';
import type { Driver, Machine, PortRange } from './drivers/driver.ts';
import type { TemplateData } from './launch-template.ts';

export type Tags = Readonly<Record<string, string>>;

export interface Vpc {
  readonly id: string;
  readonly cidr: string;
  readonly tags: Tags;
}

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly cidr: string;
  readonly zone: string;
  readonly tags: Tags;
}

export interface SecurityGroup {
  readonly id: string;
  readonly vpcId: string;
  readonly name: string;
  readonly letsIn: readonly PortRange[];
}

export interface LaunchTemplate {
  readonly id: string;
  readonly name: string;
  readonly madeAt: number;
  /** Version 1 first; the last one is the latest, and the default is 1 until somebody says otherwise. */
  readonly versions: readonly { readonly data: TemplateData; readonly madeAt: number; readonly description: string }[];
  readonly tags: Tags;
}

export interface Image {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly architecture: string;
  readonly virtualizationType: string;
  readonly enaSupport: boolean;
  readonly bootMode: string | undefined;
  readonly imdsSupport: string | undefined;
  readonly tpmSupport: string | undefined;
  readonly rootDeviceName: string;
  readonly snapshotId: string;
  readonly volume: { readonly type: string; readonly gib: number; readonly deleteOnTermination: boolean };
  readonly tags: Tags;
  readonly madeAt: number;
  state: 'pending' | 'available';
}

export interface Volume {
  readonly id: string;
  readonly device: string;
  /** What it was made from; undefined: it was blank. */
  readonly snapshotId: string | undefined;
  readonly gib: number;
  readonly deleteOnTermination: boolean;
}

/** What a launch says of the instance metadata service. */
export interface MetadataOptions {
  readonly isOn: boolean;
  readonly tokens: 'required' | 'optional';
  readonly showsTags: boolean;
}

export interface StateReason {
  readonly code: string;
  readonly message: string;
}

export interface Instance {
  readonly id: string;
  readonly reservationId: string;
  /** AmiLaunchIndex. */
  readonly index: number;
  readonly clientToken: string | undefined;
  readonly image: Image;
  readonly instanceType: string;
  readonly subnet: Subnet;
  readonly securityGroups: readonly SecurityGroup[];
  readonly address: string;
  readonly instanceProfile: string | undefined;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly userData: Buffer | undefined;
  readonly metadata: MetadataOptions;
  /** Root first. */
  readonly volumes: readonly Volume[];
  /** What its launch template says to local runtimes only. */
  readonly hints: Readonly<Record<string, string>>;
  readonly tags: Tags;
  readonly launchedAt: number;
  readonly console: ConsoleRing;
  state: InstanceState;
  stateReason: StateReason | undefined;
  /** Since when its machine runs; undefined before, and once it is off. */
  runningSince: number | undefined;
  machine: Machine | undefined;
}

/** Faults that a run may inject; absent ones never happen. */
export interface Ec2Faults {
  /** DescribeInstances and the rest do not know it yet. */
  readonly hidesInstance?: (instanceId: string) => boolean;
  readonly lacksCapacity?: (zone: string, instanceType: string) => boolean;
  /** What EC2 has scheduled for it, by its code, as `instance-retirement`. */
  readonly scheduled?: (instanceId: string) => string | undefined;
  /** EC2 cannot reach it. */
  readonly impaired?: (instanceId: string) => boolean;
}

export interface Ec2Ports {
  readonly world: World;
  readonly bus: EventBus;
  readonly snapshots: SnapshotShelf;
  readonly drivers: readonly Driver[];
  readonly faults?: Ec2Faults;
  /** vCPUs that may run at once; without it, any number. */
  readonly limits?: AccountLimits;
  /** Whose role an instance has; without it, nobody's. */
  readonly profiles?: InstanceProfiles;
}

export interface Ec2State extends Ec2Ports {
  readonly vpcs: Map<string, Vpc>;
  readonly subnets: Map<string, Subnet>;
  readonly securityGroups: Map<string, SecurityGroup>;
  readonly templates: Map<string, LaunchTemplate>;
  readonly images: Map<string, Image>;
  readonly instances: Map<string, Instance>;
  /** Client tokens are remembered longer than the instances they made. */
  readonly tokens: Map<string, { readonly request: string; readonly instanceIds: readonly string[] }>;
  addressesGiven: number;
  /** Seals the tokens of the metadata service; drawn when the first guest is told where that is. */
  metadataSecret: string | undefined;
}

export const newState = (ports: Ec2Ports): Ec2State => ({
  ...ports,
  vpcs: new Map(),
  subnets: new Map(),
  securityGroups: new Map(),
  templates: new Map(),
  images: new Map(),
  instances: new Map(),
  tokens: new Map(),
  addressesGiven: 0,
  metadataSecret: undefined,
});

/** `i-0123…`: EC2 tells a malformed id from one that is not there. */
export const newId = (ec2: Ec2State, prefix: string) => `${prefix}-0${ec2.world.random.hex(16)}`;
const isWellFormed = (id: string, prefix: string) => new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id);

export interface IdNames {
  readonly prefix: string;
  readonly malformed: string;
  readonly notFound: string;
}

export const INSTANCE_ID: IdNames = {
  prefix: 'i',
  malformed: 'InvalidInstanceID.Malformed',
  notFound: 'InvalidInstanceID.NotFound',
};
export const IMAGE_ID: IdNames = { prefix: 'ami', malformed: 'InvalidAMIID.Malformed', notFound: 'InvalidAMIID.NotFound' };
export const SNAPSHOT_ID: IdNames = {
  prefix: 'snap',
  malformed: 'InvalidSnapshotID.Malformed',
  notFound: 'InvalidSnapshot.NotFound',
};
export const SUBNET_ID: IdNames = {
  prefix: 'subnet',
  malformed: 'InvalidSubnetID.Malformed',
  notFound: 'InvalidSubnetID.NotFound',
};
export const VPC_ID: IdNames = { prefix: 'vpc', malformed: 'InvalidVpcID.Malformed', notFound: 'InvalidVpcID.NotFound' };
export const GROUP_ID: IdNames = { prefix: 'sg', malformed: 'InvalidGroupId.Malformed', notFound: 'InvalidGroup.NotFound' };

/** `find`'s answer for the id, or EC2's own error. */
export function getById<T>(id: string, names: IdNames, find: (id: string) => T | undefined): T {
  if (!isWellFormed(id, names.prefix)) throw new AwsError(names.malformed, `Invalid id: "${id}"`);
  const found = find(id);
  if (found === undefined) throw new AwsError(names.notFound, `The ${names.prefix} ID '${id}' does not exist`);
  return found;
}

export const getInstance = (ec2: Ec2State, id: string) =>
  getById(id, INSTANCE_ID, (known) => (ec2.faults?.hidesInstance?.(known) === true ? undefined : ec2.instances.get(known)));

export const toTagList = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

interface TagSpecification {
  readonly ResourceType?: string | undefined;
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}

/** The tags asked for at creation, for one type of resource. */
export function tagsFor(type: string, specifications: readonly TagSpecification[] | undefined): Tags {
  const tags = (specifications ?? []).filter((one) => one.ResourceType === type).flatMap((one) => one.Tags ?? []);
  if (tags.length > 50) throw new AwsError('TagLimitExceeded', `A resource has at most 50 tags, not ${tags.length}.`);
  const reserved = tags.find((tag) => tag.Key?.toLowerCase().startsWith('aws:'));
  if (reserved !== undefined)
    throw new AwsError('InvalidParameterValue', 'Tag keys starting with "aws:" are reserved for internal use');
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

export function checkDryRun(input: { readonly DryRun?: boolean | undefined }): void {
  if (input.DryRun === true) throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}
