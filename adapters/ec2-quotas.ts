import {
  DescribeInstanceTypesCommand,
  type EC2Client,
  type Instance,
  paginateDescribeInstances,
  type _InstanceType,
} from '@aws-sdk/client-ec2';
import { GetServiceQuotaCommand, type ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { Known, Quota, Quotas, Room, VcpuQuota } from '../core/fleet/ports.ts';
import { type Build, BUILDS, type Service } from '../core/service/service.ts';
import { failureText } from './aws-failure.ts';
import { SERVICE, STACK, tagValue } from './tags.ts';
import { vcpuQuotaOf } from './vcpu-quotas.ts';

type PerBuild<Value> = Readonly<Record<Build, Value>>;

/** A zone's limit counts for the whole balancer where every node of it reaches every target, as ours do (cross-zone). */
const TARGET_QUOTAS = { application: 'L-7E6692B2', network: 'L-B211E961' };

/**
 * What runs is read from EC2 itself, not from the usage CloudWatch publishes (AWS/Usage, ResourceCount): that is
 * minutes old, and a release often begins the moment another's fleet was terminated, which would refuse it for nodes
 * that are gone. What EC2 does not tell, like unused capacity reservations, makes the room look larger than it is; then
 * the launch is refused.
 */
export class Ec2Quotas implements Quotas {
  private readonly ec2: EC2Client;
  private readonly limits: ServiceQuotasClient;
  private readonly stack: string;
  /** A type's vCPUs never change. */
  private readonly vcpus = new Map<string, number>();

  constructor(ec2: EC2Client, limits: ServiceQuotasClient, stack: string) {
    this.ec2 = ec2;
    this.limits = limits;
    this.stack = stack;
  }

  async room(service: Service): Promise<Room> {
    const code = service.file.protocol === 'http' ? TARGET_QUOTAS.application : TARGET_QUOTAS.network;
    const [vcpus, targets] = await Promise.all([
      known('the room for vCPUs', () => this.vcpuRoom(service)),
      known('the limit of targets', () => this.limit('elasticloadbalancing', code)),
    ]);
    return { vcpus, targets };
  }

  private async vcpuRoom(service: Service): Promise<{ quotas: readonly VcpuQuota[]; perNode: PerBuild<number> }> {
    const { instanceTypes } = service.file;
    const codes = [...new Set(BUILDS.map((build) => quotaOf(instanceTypes[build])))];
    const [limits, others, perNode] = await Promise.all([
      Promise.all(codes.map((code) => this.limit('ec2', code))),
      this.othersOf(service.file.name),
      this.vcpusOf(instanceTypes),
    ]);
    const quotas = limits.map((limit, n) => ({
      ...limit,
      builds: BUILDS.filter((build) => quotaOf(instanceTypes[build]) === codes[n]),
      usedByOthers: sum(others.filter(({ InstanceType = '' }) => vcpuQuotaOf(InstanceType) === codes[n]).map(vcpusOf)),
    }));
    return { quotas, perNode };
  }

  /** Fails with NoSuchResourceException where the account has no applied value: unknown then. */
  private async limit(ServiceCode: string, QuotaCode: string): Promise<Quota> {
    const { Quota: found } = await this.limits.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));
    if (found?.Value === undefined) throw new Error(`Service Quotas has no value for ${ServiceCode} ${QuotaCode}`);
    return { name: found.QuotaName ?? QuotaCode, limit: found.Value };
  }

  /** Running on-demand instances of the account that are not nodes of the service. */
  private async othersOf(service: string): Promise<readonly Instance[]> {
    const Filters = [{ Name: 'instance-state-name', Values: ['pending', 'running'] }];
    const others: Instance[] = [];
    for await (const page of paginateDescribeInstances({ client: this.ec2, pageSize: 1000 }, { Filters })) {
      const instances = (page.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
      others.push(...instances.filter((one) => isOnDemand(one) && !this.isNodeOf(service, one)));
    }
    return others;
  }

  private isNodeOf(service: string, { Tags }: Instance): boolean {
    return tagValue(Tags, STACK) === this.stack && tagValue(Tags, SERVICE) === service;
  }

  private async vcpusOf(types: PerBuild<string>): Promise<PerBuild<number>> {
    const lacking = [...new Set(Object.values(types))].filter((type) => !this.vcpus.has(type));
    if (lacking.length > 0) await this.readTypes(lacking);
    const of = (build: Build) => this.vcpus.get(types[build]) ?? missing(`EC2 did not say how many vCPUs ${types[build]} has`);
    return { linux: of('linux'), unikernel: of('unikernel') };
  }

  private async readTypes(types: readonly string[]): Promise<void> {
    // The SDK lists the types of its day; AWS takes any.
    const InstanceTypes = types as _InstanceType[];
    const { InstanceTypes: found } = await this.ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes }));
    for (const { InstanceType, VCpuInfo } of found ?? [])
      if (InstanceType && VCpuInfo?.DefaultVCpus !== undefined) this.vcpus.set(InstanceType, VCpuInfo.DefaultVCpus);
  }
}

/** A release is never held up by a question that was not answered: throttled, denied, or about what this does not know. */
async function known<Facts extends object>(what: string, ask: () => Promise<Facts>): Promise<Known<Facts>> {
  try {
    return { kind: 'known', ...(await ask()) };
  } catch (cause) {
    return { kind: 'unknown', why: `${what} could not be read (${failureText(cause)})` };
  }
}

const quotaOf = (type: string): string => vcpuQuotaOf(type) ?? missing(`no quota of vCPUs is known for ${type}`);

function missing(why: string): never {
  throw new Error(why);
}

/** Spot instances, capacity blocks and dedicated hosts have limits of their own. */
const isOnDemand = ({ InstanceLifecycle, Placement }: Instance) =>
  InstanceLifecycle === undefined && Placement?.Tenancy !== 'host';

const vcpusOf = ({ CpuOptions }: Instance): number => (CpuOptions?.CoreCount ?? 0) * (CpuOptions?.ThreadsPerCore ?? 1);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
