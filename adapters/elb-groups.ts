import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  InvalidTargetException,
  RegisterTargetsCommand,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { HealthState, NodeHealth } from '../core/fleet/fleet.ts';
import type { Groups } from '../core/fleet/ports.ts';
import type { Group, Service } from '../core/service/service.ts';

const toTargets = (instanceIds: readonly string[]) => instanceIds.map((Id) => ({ Id }));
const arnOf = (service: Service, group: Group) => service.resources.targetGroups[group];

export class ElbGroups implements Groups {
  private readonly client: ElasticLoadBalancingV2Client;

  constructor(client: ElasticLoadBalancingV2Client) {
    this.client = client;
  }

  async health(service: Service, group: Group): Promise<readonly NodeHealth[]> {
    const answer = await this.client.send(new DescribeTargetHealthCommand({ TargetGroupArn: arnOf(service, group) }));
    return (answer.TargetHealthDescriptions ?? []).flatMap(toNodeHealth);
  }

  /**
   * One target that is not running fails the whole call with InvalidTarget, so the call is repeated target by target:
   * an instance that died a moment ago must not keep the others out. It stays out itself, as its health then shows.
   */
  async register(service: Service, group: Group, instanceIds: readonly string[]): Promise<void> {
    if (instanceIds.length === 0) return;
    try {
      const Targets = toTargets(instanceIds);
      await this.client.send(new RegisterTargetsCommand({ TargetGroupArn: arnOf(service, group), Targets }));
    } catch (cause) {
      if (!(cause instanceof InvalidTargetException)) throw cause;
      if (instanceIds.length > 1) for (const id of instanceIds) await this.register(service, group, [id]);
    }
  }

  /** Instances that are terminated, or were never registered, answer InvalidTarget: they are out, each on its own. */
  async deregister(service: Service, group: Group, instanceIds: readonly string[]): Promise<void> {
    if (instanceIds.length === 0) return;
    try {
      const Targets = toTargets(instanceIds);
      await this.client.send(new DeregisterTargetsCommand({ TargetGroupArn: arnOf(service, group), Targets }));
    } catch (cause) {
      if (!(cause instanceof InvalidTargetException)) throw cause;
      if (instanceIds.length > 1) for (const id of instanceIds) await this.deregister(service, group, [id]);
    }
  }
}

const STATES: Readonly<Record<string, HealthState>> = {
  initial: 'initial',
  healthy: 'healthy',
  unhealthy: 'unhealthy',
  unused: 'unused',
  draining: 'draining',
  'unhealthy.draining': 'draining',
};

/** A state this version of us does not know is no proof of health: it reads as unavailable. */
export function toNodeHealth({ Target, TargetHealth }: TargetHealthDescription): readonly NodeHealth[] {
  if (!Target?.Id) return [];
  const state = STATES[TargetHealth?.State ?? ''] ?? 'unavailable';
  const code = TargetHealth?.Reason;
  const reason = TargetHealth?.Description ?? code;
  return [{ instanceId: Target.Id, state, ...(reason && { reason }), ...(code && { code }) }];
}
