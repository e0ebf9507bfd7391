/** What EC2 and the load balancer know of a node that failed, before it goes. */
import {
  CreateSnapshotsCommand,
  DescribeInstanceStatusCommand,
  type EC2Client,
  GetConsoleOutputCommand,
  GetConsoleScreenshotCommand,
  type Instance,
  SendDiagnosticInterruptCommand,
  paginateDescribeInstances,
  paginateDescribeSnapshots,
} from '@aws-sdk/client-ec2';
import {
  DescribeTargetHealthCommand,
  type DescribeTargetHealthCommandInput,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { evidenceUnavailable } from '../core/errors.ts';
import type { VolumeSnapshot } from '../core/evidence/evidence.ts';
import type { ConsoleText, InstanceFacts, Witness } from '../core/evidence/ports.ts';
import type { Group, Service } from '../core/service/service.ts';
import { failureName, failureText, isPassing } from './aws-failure.ts';
import { FAULT, RELEASE, SERVICE, STACK, taggedBy, toTags } from './tags.ts';

const GONE = new Set(['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed']);

export class Ec2Witness implements Witness {
  private readonly ec2: EC2Client;
  private readonly elb: ElasticLoadBalancingV2Client;
  private readonly stack: string;

  constructor(ec2: EC2Client, elb: ElasticLoadBalancingV2Client, stack: string) {
    this.ec2 = ec2;
    this.elb = elb;
    this.stack = stack;
  }

  /** By a filter, which leaves out what EC2 has forgotten. */
  async describe(instanceId: string): Promise<InstanceFacts | undefined> {
    const Filters = [{ Name: 'instance-id', Values: [instanceId] }];
    for await (const page of paginateDescribeInstances({ client: this.ec2 }, { Filters }))
      for (const { Instances = [] } of page.Reservations ?? []) for (const one of Instances) return toFacts(one);
    return undefined;
  }

  async console(InstanceId: string, which: 'latest' | 'posted'): Promise<ConsoleText | undefined> {
    const Latest = which === 'latest';
    return this.unlessNever(`the ${which} console of ${InstanceId}`, async () => {
      const { Output, Timestamp } = await this.ec2.send(new GetConsoleOutputCommand({ InstanceId, Latest }));
      return Output ? { output: Buffer.from(Output, 'base64'), at: Timestamp?.getTime() ?? 0 } : undefined;
    });
  }

  async screenshot(InstanceId: string): Promise<Uint8Array> {
    return this.unlessNever(`a picture of the screen of ${InstanceId}`, async () => {
      const { ImageData } = await this.ec2.send(new GetConsoleScreenshotCommand({ InstanceId }));
      if (!ImageData) throw evidenceUnavailable(`a picture of the screen of ${InstanceId}`, 'EC2 answered without one');
      return Buffer.from(ImageData, 'base64');
    });
  }

  async status(instanceId: string): Promise<string> {
    const query = { InstanceIds: [instanceId], IncludeAllInstances: true };
    return this.unlessNever(`the status of ${instanceId}`, async () => {
      const { InstanceStatuses } = await this.ec2.send(new DescribeInstanceStatusCommand(query));
      return toJson(InstanceStatuses?.[0] ?? {});
    });
  }

  async interrupt(InstanceId: string): Promise<void> {
    await this.unlessNever(`a diagnostic interrupt of ${InstanceId}`, () =>
      this.ec2.send(new SendDiagnosticInterruptCommand({ InstanceId })),
    );
  }

  /** CreateSnapshots has no client token: those of an earlier try are found by the fault's tag. */
  async snapshotVolumes(
    InstanceId: string,
    fault: { readonly service: string; readonly version: string; readonly faultId: string },
    signal: AbortSignal,
  ): Promise<readonly VolumeSnapshot[]> {
    const earlier = await this.findSnapshots(fault.service, fault.faultId);
    if (earlier.length > 0) return earlier;
    // Whoever asks again would not find those that are made after he was told that there are none.
    signal.throwIfAborted();
    const tags = {
      Name: `${fault.service} ${fault.version} fault ${fault.faultId}`,
      [STACK]: this.stack,
      [SERVICE]: fault.service,
      [RELEASE]: fault.version,
      [FAULT]: fault.faultId,
    };
    return this.unlessNever(`snapshots of the volumes of ${InstanceId}`, async () => {
      const { Snapshots = [] } = await this.ec2.send(
        new CreateSnapshotsCommand({
          InstanceSpecification: { InstanceId },
          Description: `Evidence of fault ${fault.faultId}`,
          TagSpecifications: [{ ResourceType: 'snapshot', Tags: toTags(tags) }],
        }),
      );
      return Snapshots.flatMap(toVolumeSnapshot);
    });
  }

  async targetHealth(service: Service, group: Group, instanceId: string) {
    const query: DescribeTargetHealthCommandInput = {
      TargetGroupArn: service.resources.targetGroups[group],
      Targets: [{ Id: instanceId }],
      // Anomalies are detected by an ALB only (ELB API, DescribeTargetHealth).
      ...(service.file.protocol === 'http' && { Include: ['AnomalyDetection'] }),
    };
    return this.unlessNever(`the target health of ${instanceId}`, async () => {
      const { TargetHealthDescriptions = [] } = await this.elb.send(new DescribeTargetHealthCommand(query));
      const reason = TargetHealthDescriptions[0]?.TargetHealth?.Reason;
      return { json: toJson(TargetHealthDescriptions), ...(reason && { reason }) };
    });
  }

  private async findSnapshots(service: string, faultId: string): Promise<readonly VolumeSnapshot[]> {
    const Filters = [...taggedBy(this.stack, service), { Name: `tag:${FAULT}`, Values: [faultId] }];
    const found: VolumeSnapshot[] = [];
    for await (const page of paginateDescribeSnapshots({ client: this.ec2 }, { OwnerIds: ['self'], Filters }))
      found.push(...(page.Snapshots ?? []).flatMap(toVolumeSnapshot));
    return found;
  }

  /** Throttling and lost answers may pass; any other refusal would be the same next time. */
  private async unlessNever<T>(what: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      if (failureName(cause) === 'EvidenceUnavailable' || isPassing(cause)) throw cause;
      throw evidenceUnavailable(
        what,
        GONE.has(failureName(cause)) ? 'EC2 does not know the instance' : failureText(cause),
        cause,
      );
    }
  }
}

const toJson = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;

const STATES = ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'] as const;

export function toFacts(instance: Instance): InstanceFacts {
  const root = instance.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === instance.RootDeviceName);
  const [stateReason, address, rootVolume] = [instance.StateReason?.Code, instance.PrivateIpAddress, root?.Ebs?.VolumeId];
  return {
    json: toJson(instance),
    // EC2 has no other state; one it should have some day is none of a machine that runs.
    state: STATES.find((state) => state === instance.State?.Name) ?? 'terminated',
    launchedAt: instance.LaunchTime?.getTime() ?? 0,
    ...(stateReason && { stateReason }),
    ...(address && { address }),
    ...(rootVolume && { rootVolume }),
  };
}

const toVolumeSnapshot = ({ VolumeId, SnapshotId }: { readonly VolumeId?: string; readonly SnapshotId?: string }) =>
  VolumeId && SnapshotId ? [{ volumeId: VolumeId, snapshotId: SnapshotId }] : [];
