import {
  type EC2Client,
  type Filter,
  type Instance,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  type _InstanceType,
  TerminateInstancesCommand,
  paginateDescribeInstances,
} from '@aws-sdk/client-ec2';
import { buildIn, imageIn, launchToken, type Node, type NodeState, type Slot } from '../core/fleet/fleet.ts';
import type { Elsewhere, LaunchOutcome, Nodes } from '../core/fleet/ports.ts';
import { BUILDS, GROUPS, type Service } from '../core/service/service.ts';
import { failureName, failureText, isPassing } from './aws-failure.ts';
import { BUILD, GROUP, RELEASE, SERVICE, SLOT, STACK, tagValue, taggedBy, toTags } from './tags.ts';

const NOT_TERMINATED: readonly NodeState[] = ['pending', 'running', 'stopping', 'stopped', 'shutting-down'];
const STATES: readonly NodeState[] = [...NOT_TERMINATED, 'terminated'];
/** Values of a filter (EC2, "Filtering"). */
const FIND_AT_ONCE = 200;
/** TerminateInstances takes 1000 at once, but fails as a whole for one it does not know. */
const TERMINATE_AT_ONCE = 100;

export class Ec2Nodes implements Nodes {
  private readonly client: EC2Client;
  private readonly stack: string;

  constructor(client: EC2Client, stack: string) {
    this.client = client;
    this.stack = stack;
  }

  async launch(service: Service, slot: Slot, elsewhere?: Elsewhere): Promise<LaunchOutcome> {
    try {
      const { Instances } = await this.client.send(new RunInstancesCommand(toRunInstances(this.stack, service, slot, elsewhere)));
      const instanceId = Instances?.[0]?.InstanceId;
      return instanceId ? { kind: 'launched', instanceId } : { kind: 'retryable', why: 'EC2 answered without an instance' };
    } catch (cause) {
      const outcome = toRefusal(cause);
      if (!outcome) throw cause;
      return outcome;
    }
  }

  async list(service: string): Promise<readonly Node[]> {
    return this.describe(service, { Name: 'instance-state-name', Values: [...NOT_TERMINATED] });
  }

  /** By a filter, which leaves out what EC2 has forgotten; asked for by id, one of those would fail the whole call. */
  async find(service: string, instanceIds: readonly string[]): Promise<readonly Node[]> {
    const nodes: Node[] = [];
    for (let first = 0; first < instanceIds.length; first += FIND_AT_ONCE) {
      const Values = instanceIds.slice(first, first + FIND_AT_ONCE);
      nodes.push(...(await this.describe(service, { Name: 'instance-id', Values })));
    }
    return nodes;
  }

  private async describe(service: string, filter: Filter): Promise<readonly Node[]> {
    const Filters = [...taggedBy(this.stack, service), filter];
    const nodes: Node[] = [];
    for await (const page of paginateDescribeInstances({ client: this.client, pageSize: 1000 }, { Filters }))
      nodes.push(...(page.Reservations ?? []).flatMap((r) => r.Instances ?? []).flatMap(toNode));
    return nodes;
  }

  async terminate(instanceIds: readonly string[]): Promise<void> {
    for (let first = 0; first < instanceIds.length; first += TERMINATE_AT_ONCE)
      await this.terminateBatch(instanceIds.slice(first, first + TERMINATE_AT_ONCE));
  }

  private async terminateBatch(InstanceIds: string[]): Promise<void> {
    try {
      await this.client.send(new TerminateInstancesCommand({ InstanceIds }));
    } catch (cause) {
      if (failureName(cause) !== 'InvalidInstanceID.NotFound') throw cause;
      // EC2 forgets an instance about an hour after its end; one that is forgotten must not keep the others alive.
      if (InstanceIds.length > 1) for (const id of InstanceIds) await this.terminateBatch([id]);
    }
  }
}

/** The template's version is pinned; only what differs from node to node is said here. */
export function toRunInstances(stack: string, service: Service, slot: Slot, elsewhere?: Elsewhere): RunInstancesCommandInput {
  const build = buildIn(slot);
  const template = service.resources.launchTemplates[build];
  const tags = {
    Name: `${slot.service} ${slot.version} ${build} ${slot.group}`,
    [STACK]: stack,
    [SERVICE]: slot.service,
    [RELEASE]: slot.version,
    [BUILD]: build,
    [GROUP]: slot.group,
    [SLOT]: slot.id,
  };
  return {
    LaunchTemplate: { LaunchTemplateId: template.id, Version: template.version },
    ...(elsewhere?.instanceType !== undefined && { InstanceType: toInstanceType(elsewhere.instanceType) }),
    ImageId: imageIn(slot),
    SubnetId: slot.subnet,
    MinCount: 1,
    MaxCount: 1,
    ClientToken: launchToken(slot, elsewhere?.number),
    TagSpecifications: [
      { ResourceType: 'instance', Tags: toTags(tags) },
      { ResourceType: 'volume', Tags: toTags(tags) },
    ],
  };
}

/** The SDK lists the types there were when it was made; EC2 has the last word. */
const toInstanceType = (name: string) => name as _InstanceType;

/** An AMI that was registered a moment ago may not be known everywhere yet. */
const NOT_YET = new Set(['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable', 'InvalidSubnetID.NotFound']);
const SHORT = new Set(['InsufficientInstanceCapacity', 'InsufficientHostCapacity', 'InsufficientCapacity']);

const NEVER: Readonly<Record<string, string>> = {
  IdempotentInstanceTerminated: 'the instance of this attempt was terminated already, so the slot needs a new attempt',
  IdempotentParameterMismatch: 'this attempt was asked for before with other parameters, so the slot needs a new attempt',
  InstanceLimitExceeded: "the account's limit of instances is reached; raise it in Service Quotas",
  VcpuLimitExceeded: "the account's limit of vCPUs is reached; raise it in Service Quotas",
  VolumeLimitExceeded: "the account's limit of EBS storage is reached; raise it in Service Quotas",
  InsufficientFreeAddressesInSubnet: 'the subnet has no free address left',
  Unsupported: 'the instance type is not offered there, or does not fit the image',
  InvalidParameterCombination: 'launch template, instance type and image do not fit together',
  InvalidParameterValue: 'launch template, instance type and image do not fit together',
};

const SPENT = new Set(['IdempotentInstanceTerminated', 'IdempotentParameterMismatch']);

/** What a failed launch means; undefined where it is none of the launch's business (missing rights, say). */
export function toRefusal(cause: unknown): LaunchOutcome | undefined {
  const name = failureName(cause);
  const never = NEVER[name];
  if (never) return { kind: 'refused', why: `${never} (${failureText(cause)})`, ...(SPENT.has(name) && { isSpent: true }) };
  if (SHORT.has(name)) return { kind: 'retryable', why: failureText(cause), isShort: true };
  if (NOT_YET.has(name) || isPassing(cause)) return { kind: 'retryable', why: failureText(cause) };
  return undefined;
}

/** Instances that bear the stack's tag but not the rest were not launched by us, and are nobody's node. */
export function toNode(instance: Instance): readonly Node[] {
  const tag = (key: string) => tagValue(instance.Tags, key);
  const [service, version, slot] = [tag(SERVICE), tag(RELEASE), tag(SLOT)];
  const build = BUILDS.find((name) => name === tag(BUILD));
  const group = GROUPS.find((name) => name === tag(GROUP));
  const state = STATES.find((name) => name === instance.State?.Name);
  if (!instance.InstanceId || !state || !service || !version || !build || !group || !slot) return [];
  const address = instance.PrivateIpAddress;
  const { Code, Message } = instance.StateReason ?? {};
  // Of a pending one the code is no more than that; the message may say what it waits for.
  const stateReason = Code === 'pending' ? Message : Code;
  return [
    {
      instanceId: instance.InstanceId,
      state,
      launchedAt: instance.LaunchTime?.getTime() ?? 0,
      ...{ service, version, build, group, slot },
      ...(address && { address }),
      ...(stateReason && { stateReason }),
    },
  ];
}
