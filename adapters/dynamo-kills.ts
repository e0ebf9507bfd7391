import type { KillRecord, Kills } from '../core/remediation/ports.ts';
import type { DynamoItems } from './dynamo-items.ts';

const keyOf = (service: string) => ({ pk: `SERVICE#${service}`, sk: 'KILLS' });

/** Only this class writes this item, so what it reads has its shape. */
export class DynamoKills implements Kills {
  private readonly items: DynamoItems;

  constructor(items: DynamoItems) {
    this.items = items;
  }

  async find(service: string): Promise<KillRecord | undefined> {
    return (await this.items.find(keyOf(service))) as KillRecord | undefined;
  }

  put(record: KillRecord): Promise<KillRecord> {
    return this.items.put(keyOf(record.service), `the kill budget of "${record.service}"`, record);
  }
}
