import type { Slot } from '../core/fleet/fleet.ts';
import type { Slots } from '../core/fleet/ports.ts';
import type { DynamoItems, ItemIndex, Stored } from './dynamo-items.ts';

const SLOT = 'SLOT#';
/** The table's index of slots by the instance that fills them (lib/constructs/release-table.ts). */
const BY_INSTANCE: ItemIndex = { name: 'by-instance', attribute: 'instanceId' };
const partition = (service: string) => `SERVICE#${service}`;
const slotKey = (service: string, id: string) => ({ pk: partition(service), sk: `${SLOT}${id}` });

/**
 * A slot that is gone is kept for the sweep and for whoever looks back, and taken by DynamoDB's TTL: slots are listed
 * every minute. Its number is not needed for longer: what a release launches, it has launched before the first goes.
 */
const GONE_KEPT_SECONDS = 7 * 86_400;

/** Only this class writes these items, so what it reads has their shape. */
export class DynamoSlots implements Slots {
  private readonly items: DynamoItems;

  constructor(items: DynamoItems) {
    this.items = items;
  }

  async list(service: string): Promise<readonly Slot[]> {
    return (await this.items.list(partition(service), SLOT)).map(toSlot);
  }

  async find(service: string, id: string): Promise<Slot | undefined> {
    const item = await this.items.find(slotKey(service, id));
    return item && toSlot(item);
  }

  async findByInstance(instanceId: string): Promise<Slot | undefined> {
    const [key] = await this.items.keysBy(BY_INSTANCE, instanceId, SLOT);
    const item = key && (await this.items.find(key));
    return item && toSlot(item);
  }

  async put(slot: Slot): Promise<Slot> {
    const { revision } = await this.items.put(slotKey(slot.service, slot.id), `slot ${slot.id} of "${slot.service}"`, {
      ...slot,
      ...expiry(slot),
    });
    return { ...slot, revision };
  }
}

/** Reckoned from the slot itself, so that a repeated write writes the same. */
const expiry = ({ state, retiringSince }: Slot) =>
  state === 'gone' && retiringSince !== undefined ? { expiresAt: Math.floor(retiringSince / 1000) + GONE_KEPT_SECONDS } : {};

function toSlot(item: Stored): Slot {
  const slot = { ...item };
  delete slot['expiresAt'];
  return slot as unknown as Slot;
}
