import type { Node, NodeState, Slot } from '../../core/fleet/fleet.ts';
import { launchToken } from '../../core/fleet/fleet.ts';
import type { Elsewhere, LaunchOutcome, Nodes } from '../../core/fleet/ports.ts';
import type { Service } from '../../core/service/service.ts';

/** Instances run as soon as they are launched, unless told otherwise. */
export class MemoryNodes implements Nodes {
  private readonly byToken = new Map<string, string>();
  private readonly instances = new Map<string, Node>();
  private readonly now: () => number;
  /** What the next launches answer instead of launching, first in line first. */
  readonly shortages: Exclude<LaunchOutcome, { kind: 'launched' }>[] = [];

  constructor(now: () => number) {
    this.now = now;
  }

  async launch(_service: Service, slot: Slot, elsewhere?: Elsewhere): Promise<LaunchOutcome> {
    const shortage = this.shortages.shift();
    if (shortage) return shortage;
    const token = launchToken(slot, elsewhere?.number);
    const made = this.byToken.get(token) ?? `i-${token}`;
    if (!this.byToken.has(token)) this.add({ ...slot, slot: slot.id, instanceId: made });
    this.byToken.set(token, made);
    return { kind: 'launched', instanceId: made };
  }

  add(node: Pick<Node, 'instanceId' | 'service' | 'version' | 'build' | 'group' | 'slot'>): void {
    const { instanceId, service, version, build, group, slot } = node;
    const launchedAt = this.now();
    const address = `10.0.0.${this.instances.size + 1}`;
    this.instances.set(instanceId, {
      instanceId,
      service,
      version,
      build,
      group,
      slot,
      launchedAt,
      address,
      state: 'running',
    });
  }

  async list(service: string): Promise<readonly Node[]> {
    return [...this.instances.values()].filter((node) => node.service === service && node.state !== 'terminated');
  }

  async find(service: string, instanceIds: readonly string[]): Promise<readonly Node[]> {
    return [...this.instances.values()].filter((node) => node.service === service && instanceIds.includes(node.instanceId));
  }

  async terminate(instanceIds: readonly string[]): Promise<void> {
    for (const id of instanceIds) this.become(id, 'terminated');
  }

  become(instanceId: string, state: NodeState, stateReason?: string): void {
    const node = this.instances.get(instanceId);
    if (node) this.instances.set(instanceId, { ...node, state, ...(stateReason === undefined ? {} : { stateReason }) });
  }

  state(instanceId: string): NodeState | undefined {
    return this.instances.get(instanceId)?.state;
  }
}
