import { recordConflict } from '../../core/errors.ts';
import type { Slot } from '../../core/fleet/fleet.ts';
import type { Slots } from '../../core/fleet/ports.ts';

export class MemorySlots implements Slots {
  private readonly stored = new Map<string, Slot>();

  async list(service: string): Promise<readonly Slot[]> {
    return [...this.stored.values()].filter((slot) => slot.service === service);
  }

  async find(service: string, id: string): Promise<Slot | undefined> {
    return this.stored.get(`${service}/${id}`);
  }

  async findByInstance(instanceId: string): Promise<Slot | undefined> {
    return [...this.stored.values()].find((slot) => slot.instanceId === instanceId);
  }

  async put(slot: Slot): Promise<Slot> {
    const key = `${slot.service}/${slot.id}`;
    if ((this.stored.get(key)?.revision ?? 0) !== slot.revision) throw recordConflict(key);
    const next = { ...slot, revision: slot.revision + 1 };
    this.stored.set(key, next);
    return next;
  }
}
