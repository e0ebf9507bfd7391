import type { FaultRecord, Faults } from '../core/remediation/ports.ts';
import type { DynamoItems, Stored } from './dynamo-items.ts';

const FAULT = 'FAULT#';
/** Long enough to compare a year's releases; their evidence goes by the bucket's own rules. */
const KEPT_SECONDS = 365 * 86_400;
const partition = (service: string) => `SERVICE#${service}`;
const keyOf = (service: string, { at, id }: { readonly at: number; readonly id: string }) => ({
  pk: partition(service),
  sk: `${FAULT}${new Date(at).toISOString()}#${id}`,
});

/** Only this class writes these items, so what it reads has their shape. */
export class DynamoFaults implements Faults {
  private readonly items: DynamoItems;

  constructor(items: DynamoItems) {
    this.items = items;
  }

  async find(service: string, key: { readonly at: number; readonly id: string }): Promise<FaultRecord | undefined> {
    const item = await this.items.find(keyOf(service, key));
    return item && toFault(item);
  }

  async put(record: FaultRecord): Promise<FaultRecord> {
    const stored = { ...record, expiresAt: Math.floor(record.at / 1000) + KEPT_SECONDS };
    const { revision } = await this.items.put(keyOf(record.service, record), `fault ${record.id}`, stored);
    return { ...record, revision };
  }

  /** Times in the sort key have all the same length, so their order is that of their texts; `~` is past every digit. */
  async list(service: string, since: number): Promise<readonly FaultRecord[]> {
    const from = `${FAULT}${new Date(Math.max(0, since)).toISOString()}`;
    return (await this.items.between(partition(service), from, `${FAULT}~`)).map(toFault);
  }
}

function toFault(item: Stored): FaultRecord {
  const fault = { ...item };
  delete fault['expiresAt'];
  return fault as unknown as FaultRecord;
}
