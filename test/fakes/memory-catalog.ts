import type { Catalog } from '../../core/release/ports.ts';
import type { Service } from '../../core/service/service.ts';

export class MemoryCatalog implements Catalog {
  private readonly services: Map<string, Service>;

  constructor(...services: readonly Service[]) {
    this.services = new Map(services.map((service) => [service.file.name, service]));
  }

  async find(service: string): Promise<Service | undefined> {
    return this.services.get(service);
  }

  async names(): Promise<readonly string[]> {
    return [...this.services.keys()];
  }
}
