import type { HealthState, NodeHealth } from '../../core/fleet/fleet.ts';
import type { Groups } from '../../core/fleet/ports.ts';
import type { Group, Service } from '../../core/service/service.ts';
import type { MemoryNodes } from './memory-nodes.ts';

/** Members that run are healthy, unless `overrides` says what they are. Deregistered ones are gone at once. */
export class MemoryGroups implements Groups {
  private readonly members = new Map<string, Set<string>>();
  private readonly nodes: MemoryNodes;
  readonly overrides = new Map<string, HealthState>();

  constructor(nodes: MemoryNodes) {
    this.nodes = nodes;
  }

  async health(service: Service, group: Group): Promise<readonly NodeHealth[]> {
    return [...this.of(service, group)].map((instanceId) => {
      const isRunning = this.nodes.state(instanceId) === 'running';
      return { instanceId, state: this.overrides.get(instanceId) ?? (isRunning ? 'healthy' : 'unused') };
    });
  }

  async register(service: Service, group: Group, instanceIds: readonly string[]): Promise<void> {
    for (const id of instanceIds) {
      if (this.nodes.state(id) !== 'running') throw new Error(`InvalidTarget: ${id} is not running`);
      this.of(service, group).add(id);
    }
  }

  async deregister(service: Service, group: Group, instanceIds: readonly string[]): Promise<void> {
    for (const id of instanceIds) this.of(service, group).delete(id);
  }

  private of(service: Service, group: Group): Set<string> {
    const key = `${service.file.name}/${group}`;
    const members = this.members.get(key) ?? new Set<string>();
    this.members.set(key, members);
    return members;
  }
}
