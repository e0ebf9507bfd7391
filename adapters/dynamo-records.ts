import type { Records } from '../core/release/ports.ts';
import type { ReleaseRecord, ServiceRecord } from '../core/release/release.ts';
import { releaseName } from '../core/release/release.ts';
import type { DynamoItems } from './dynamo-items.ts';

const RELEASE = 'RELEASE#';
const partition = (service: string) => `SERVICE#${service}`;
const serviceKey = (service: string) => ({ pk: partition(service), sk: 'RECORD' });
const releaseKey = (service: string, version: string) => ({ pk: partition(service), sk: `${RELEASE}${version}` });

/** Only this class writes these items, so what it reads has their shape. */
export class DynamoRecords implements Records {
  private readonly items: DynamoItems;

  constructor(items: DynamoItems) {
    this.items = items;
  }

  async findService(service: string): Promise<ServiceRecord | undefined> {
    return (await this.items.find(serviceKey(service))) as ServiceRecord | undefined;
  }

  putService(record: ServiceRecord): Promise<ServiceRecord> {
    return this.items.put(serviceKey(record.service), `the record of service "${record.service}"`, record);
  }

  async findRelease(service: string, version: string): Promise<ReleaseRecord | undefined> {
    return (await this.items.find(releaseKey(service, version))) as ReleaseRecord | undefined;
  }

  putRelease(record: ReleaseRecord): Promise<ReleaseRecord> {
    const name = releaseName(record.service, record.version);
    return this.items.put(releaseKey(record.service, record.version), `the record of ${name}`, record);
  }

  async releases(service: string): Promise<readonly ReleaseRecord[]> {
    return (await this.items.list(partition(service), RELEASE)) as unknown as readonly ReleaseRecord[];
  }
}
