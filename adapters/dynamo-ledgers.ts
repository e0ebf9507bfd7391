import type { LedgerRecord, Ledgers } from '../core/remediation/ports.ts';
import type { DynamoItems } from './dynamo-items.ts';

const keyOf = (service: string) => ({ pk: `SERVICE#${service}`, sk: 'LEDGER' });

/** Only this class writes this item, so what it reads has its shape. */
export class DynamoLedgers implements Ledgers {
  private readonly items: DynamoItems;

  constructor(items: DynamoItems) {
    this.items = items;
  }

  async find(service: string): Promise<LedgerRecord | undefined> {
    return (await this.items.find(keyOf(service))) as LedgerRecord | undefined;
  }

  put(record: LedgerRecord): Promise<LedgerRecord> {
    return this.items.put(keyOf(record.service), `the fault ledger of "${record.service}"`, record);
  }
}
