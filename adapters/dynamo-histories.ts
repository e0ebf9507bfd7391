import { HISTORY_FORMAT, noHistory, type ServiceHistory } from '../core/judgement/history.ts';
import type { Histories } from '../core/judgement/ports.ts';
import type { Build } from '../core/service/service.ts';
import type { DynamoItems } from './dynamo-items.ts';

const keyOf = (service: string, build: Build) => ({ pk: `SERVICE#${service}`, sk: `HISTORY#${build}` });

/** Only this class writes these items, so what it reads in its own format has its shape. */
export class DynamoHistories implements Histories {
  private readonly items: DynamoItems;

  constructor(items: DynamoItems) {
    this.items = items;
  }

  async find(service: string, build: Build): Promise<ServiceHistory | undefined> {
    const item = await this.items.find(keyOf(service, build));
    if (item === undefined) return undefined;
    const record = item as unknown as ServiceHistory;
    return record.format === HISTORY_FORMAT ? record : { ...noHistory(service, build), revision: record.revision };
  }

  put(record: ServiceHistory): Promise<ServiceHistory> {
    const { service, build } = record;
    return this.items.put(keyOf(service, build), `the history of ${service}'s ${build} nodes`, record);
  }
}
