import { Agent } from 'node:http';
import type { Target } from '../core/model.ts';

/** Kept connections to each target, closed when it leaves its group. */
export class Upstreams {
  readonly #agents = new Map<Target, Agent>();

  agentFor(target: Target): Agent {
    const known = this.#agents.get(target);
    if (known) return known;
    const agent = new Agent({ keepAlive: true, maxFreeSockets: 64, scheduling: 'lifo' });
    this.#agents.set(target, agent);
    return agent;
  }

  /** Idle connections only: a request under way ends by itself. */
  release(target: Target): void {
    const agent = this.#agents.get(target);
    this.#agents.delete(target);
    if (agent) agent.maxFreeSockets = 0;
    for (const sockets of Object.values(agent?.freeSockets ?? {})) for (const socket of sockets ?? []) socket.destroy();
  }

  stop(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }
}
