import { recordConflict } from '../../core/errors.ts';
import type { Condemned } from '../../core/fleet/fleet.ts';
import type {
  FaultNotices,
  FaultRecord,
  Faults,
  KillRecord,
  Kills,
  LedgerRecord,
  Ledgers,
  Page,
  RemediationRun,
  Remediations,
} from '../../core/remediation/ports.ts';
import type { RunState } from '../../core/release/ports.ts';

/** Conditional records by key: what is stored shares nothing with what was handed in. */
export class Shelf<T extends { readonly revision: number }> {
  private readonly stored = new Map<string, T>();

  find(key: string): T | undefined {
    const found = this.stored.get(key);
    return found && structuredClone(found);
  }

  put(key: string, record: T): T {
    if ((this.stored.get(key)?.revision ?? 0) !== record.revision) throw recordConflict(key);
    const next = { ...record, revision: record.revision + 1 };
    this.stored.set(key, structuredClone(next));
    return next;
  }

  all(): readonly T[] {
    return [...this.stored.values()].map((one) => structuredClone(one));
  }
}

export class MemoryFaults implements Faults {
  private readonly shelf = new Shelf<FaultRecord>();

  async find(service: string, { at, id }: { readonly at: number; readonly id: string }) {
    return this.shelf.find(`${service}/${at}/${id}`);
  }

  async put(record: FaultRecord) {
    return this.shelf.put(`${record.service}/${record.at}/${record.id}`, record);
  }

  async list(service: string, since: number) {
    const found = this.shelf.all().filter((one) => one.service === service && one.at >= since);
    return found.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }
}

export class MemoryKills implements Kills {
  private readonly shelf = new Shelf<KillRecord>();

  async find(service: string) {
    return this.shelf.find(service);
  }

  async put(record: KillRecord) {
    return this.shelf.put(record.service, record);
  }
}

export class MemoryLedgers implements Ledgers {
  private readonly shelf = new Shelf<LedgerRecord>();

  async find(service: string) {
    return this.shelf.find(service);
  }

  async put(record: LedgerRecord) {
    return this.shelf.put(record.service, record);
  }
}

const nameOf = ({ instanceId, attempt, run }: Condemned) => `remediate-${instanceId}-${attempt}-${run}`;

export class MemoryRemediations implements Remediations {
  /** State of every execution that was ever started, by its name. */
  readonly runs = new Map<string, RunState>();
  readonly started: RemediationRun[] = [];

  async start(run: RemediationRun): Promise<void> {
    const name = nameOf(run.condemned);
    if (this.runs.has(name)) return;
    this.runs.set(name, 'running');
    this.started.push(run);
  }

  async state({ condemned }: Pick<RemediationRun, 'condemned'>): Promise<RunState> {
    return this.runs.get(nameOf(condemned)) ?? 'none';
  }

  end(name: string, state: 'succeeded' | 'failed'): void {
    if (!this.runs.has(name)) throw new Error(`${name} was never started`);
    this.runs.set(name, state);
  }
}

export class MemoryFaultNotices implements FaultNotices {
  readonly faults: FaultRecord[] = [];
  readonly pages: Page[] = [];

  async publishFault(fault: FaultRecord): Promise<void> {
    this.faults.push(fault);
  }

  async publishPage(_service: string, page: Page): Promise<void> {
    this.pages.push(page);
  }
}
