import type { Slot } from '../core/fleet/fleet.ts';
import type { Slots } from '../core/fleet/ports.ts';
import type { DynamoItems } from './dynamo-items.ts';

const SLOT = 'SLOT#';
const partition = (service: string) => `SERVICE#${service}`;
const slotKey = (service: string, id: string) => ({ pk: partition(service), sk: `${SLOT}${id}` });

/** Only this class writes these items, so what it reads has their shape. */
export class DynamoSlots implements Slots {
  private readonly items: DynamoItems;

  constructor(items: DynamoItems) {
    this.items = items;
  }

  async list(service: string): Promise<readonly Slot[]> {
    return (await this.items.list(partition(service), SLOT)) as unknown as readonly Slot[];
  }

  async find(service: string, id: string): Promise<Slot | undefined> {
    return (await this.items.find(slotKey(service, id))) as Slot | undefined;
  }

  put(slot: Slot): Promise<Slot> {
    return this.items.put(slotKey(slot.service, slot.id), `slot ${slot.id} of "${slot.service}"`, slot);
  }
}
