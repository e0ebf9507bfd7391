import type { JudgementRecord } from '../core/judgement/judgement.ts';
import type { Judgements } from '../core/judgement/ports.ts';
import type { DynamoItems } from './dynamo-items.ts';

/** What was concluded is in the release's own record; this is for whoever asks how. */
const KEPT_SECONDS = 30 * 86_400;
const keyOf = (service: string, version: string) => ({ pk: `SERVICE#${service}`, sk: `JUDGEMENT#${version}` });

/** Only this class writes these items, so what it reads has their shape. */
export class DynamoJudgements implements Judgements {
  private readonly items: DynamoItems;

  constructor(items: DynamoItems) {
    this.items = items;
  }

  async find(service: string, version: string): Promise<JudgementRecord | undefined> {
    const item = await this.items.find(keyOf(service, version));
    if (item === undefined) return undefined;
    const { expiresAt: _, ...record } = item;
    return record as unknown as JudgementRecord;
  }

  /** Reckoned from the record itself, so that a repeated write writes the same. */
  async put(record: JudgementRecord): Promise<JudgementRecord> {
    const { service, version } = record;
    const stored = { ...record, expiresAt: Math.floor(record.judgedTo / 1000) + KEPT_SECONDS };
    const { revision } = await this.items.put(keyOf(service, version), `the judgement of ${service}@${version}`, stored);
    return { ...record, revision };
  }
}
