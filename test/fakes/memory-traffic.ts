import type { Weights } from '../../core/release/release.ts';
import { NO_WEIGHTS } from '../../core/release/release.ts';
import type { Service } from '../../core/service/service.ts';
import type { Traffic } from '../../core/traffic/ports.ts';

export class MemoryTraffic implements Traffic {
  private readonly rules = new Map<string, Weights>();
  /** Every change, in order. */
  readonly history: Weights[] = [];
  /** Set to make the load balancer forget what it is told. */
  isDeaf = false;

  async read(service: Service): Promise<Weights> {
    return this.rules.get(service.file.name) ?? NO_WEIGHTS;
  }

  async write(service: Service, weights: Weights): Promise<void> {
    if (this.isDeaf) return;
    this.rules.set(service.file.name, structuredClone(weights));
    if (JSON.stringify(this.history.at(-1)) !== JSON.stringify(weights)) this.history.push(structuredClone(weights));
  }
}
