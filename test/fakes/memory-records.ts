import { recordConflict } from '../../core/errors.ts';
import type { Records, Refusal, Refusals } from '../../core/release/ports.ts';
import type { ReleaseRecord, ServiceRecord } from '../../core/release/release.ts';

/** Records as values: what is stored shares nothing with what was handed in, and has no undefined fields. */
export class MemoryRecords implements Records {
  private readonly stored = new Map<string, { readonly revision: number }>();

  async findService(service: string): Promise<ServiceRecord | undefined> {
    return this.find(service) as ServiceRecord | undefined;
  }

  async putService(record: ServiceRecord): Promise<ServiceRecord> {
    return this.put(record.service, record);
  }

  async findRelease(service: string, version: string): Promise<ReleaseRecord | undefined> {
    return this.find(`${service}@${version}`) as ReleaseRecord | undefined;
  }

  async putRelease(record: ReleaseRecord): Promise<ReleaseRecord> {
    return this.put(`${record.service}@${record.version}`, record);
  }

  async releases(service: string): Promise<readonly ReleaseRecord[]> {
    const keys = [...this.stored.keys()].filter((key) => key.startsWith(`${service}@`)).sort();
    return keys.map((key) => this.find(key) as ReleaseRecord);
  }

  private find(key: string): unknown {
    const stored = this.stored.get(key);
    return stored && copy(stored);
  }

  private put<T extends { readonly revision: number }>(key: string, record: T): T {
    if ((this.stored.get(key)?.revision ?? 0) !== record.revision) throw recordConflict(key);
    const next = { ...record, revision: record.revision + 1 };
    this.stored.set(key, copy(next));
    return next;
  }
}

export class MemoryRefusals implements Refusals {
  readonly refused: Refusal[] = [];

  async refuse(refusal: Refusal): Promise<void> {
    if (!this.refused.some(({ id }) => id === refusal.id)) this.refused.push(refusal);
  }
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
