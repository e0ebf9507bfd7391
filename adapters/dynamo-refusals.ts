import type { Refusal, Refusals } from '../core/release/ports.ts';
import type { DynamoItems } from './dynamo-items.ts';

/** Refusals are a log, kept for a while: DynamoDB's TTL takes them (`expiresAt`, seconds since 1970). */
const KEPT_DAYS = 90;
const UNKNOWN_SERVICE = '?';

export class DynamoRefusals implements Refusals {
  private readonly items: DynamoItems;

  constructor(items: DynamoItems) {
    this.items = items;
  }

  /** The key holds the event's own time and id, so a repeat writes the same item again. */
  async refuse(refusal: Refusal): Promise<void> {
    const key = {
      pk: `SERVICE#${refusal.service ?? UNKNOWN_SERVICE}`,
      sk: `REFUSAL#${new Date(refusal.at).toISOString()}#${refusal.id}`,
    };
    await this.items.write(key, { ...refusal, expiresAt: Math.floor(refusal.at / 1000) + KEPT_DAYS * 86_400 });
  }
}
