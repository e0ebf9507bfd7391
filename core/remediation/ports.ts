import type { Escalation, Fault } from '../faults/fault.ts';
import type { Ledger } from '../faults/ledger/ledger.ts';
import type { Condemned, Slot } from '../fleet/fleet.ts';
import type { RunState } from '../release/ports.ts';
import type { Build, Service } from '../service/service.ts';

/** A fault as it is kept: one a failed node, however often it is told. */
export interface FaultRecord extends Fault {
  readonly escalation: Escalation;
  /** When that was decided. Absent: written before it was kept. */
  readonly decidedAt?: number;
  /** Whether and when the release's Linux nodes will show the same, as far as that could be told. */
  readonly outlook?: string;
  /** What would be done with another like it, as things stood when this one was decided. */
  readonly next?: Escalation;
  readonly evidence: { readonly captured: number; readonly missed: number };
  /** All evidence there will be has been looked at. */
  readonly isFinal: boolean;
  /** `none`: why there is none, and never will be. */
  readonly replacement: {
    readonly build: Build;
    readonly launchedAt?: number;
    readonly healthyAt?: number;
    readonly none?: string;
  };
  /** Whether operators were told. */
  readonly notified: boolean;
  readonly revision: number;
}

/** Fault records, conditional like Records. */
export interface Faults {
  find(service: string, key: { readonly at: number; readonly id: string }): Promise<FaultRecord | undefined>;
  put(record: FaultRecord): Promise<FaultRecord>;
  /** Of nodes that failed at `since` or later, oldest first. */
  list(service: string, since: number): Promise<readonly FaultRecord[]>;
}

/** Something a person must see to. */
export interface Page {
  readonly id: string;
  readonly at: number;
  readonly why: string;
  readonly notified: boolean;
}

/** What was spent of a service's kill budget. */
export interface KillRecord {
  readonly service: string;
  readonly kills: readonly { readonly faultId: string; readonly at: number }[];
  /** Of an hour, when the newest was allowed. */
  readonly budget?: number;
  /** The newest, oldest first. */
  readonly pages: readonly Page[];
  readonly revision: number;
}

/** Conditional like Records. */
export interface Kills {
  find(service: string): Promise<KillRecord | undefined>;
  put(record: KillRecord): Promise<KillRecord>;
}

export interface LedgerRecord extends Ledger {
  readonly service: string;
  readonly revision: number;
}

/** Conditional like Records. */
export interface Ledgers {
  find(service: string): Promise<LedgerRecord | undefined>;
  put(record: LedgerRecord): Promise<LedgerRecord>;
}

export interface RemediationRun {
  readonly slot: Slot;
  readonly condemned: Condemned;
}

/** Executions `remediate-<instance id>-<attempt>`: starting one that was started already is success. */
export interface Remediations {
  /** `service` as it is launched from: the successor's launch call goes with the execution. */
  start(run: RemediationRun, service: Service): Promise<void>;
  state(run: Pick<RemediationRun, 'condemned'>): Promise<RunState>;
}

/** At-least-once delivery to operators; receivers drop repeats by id. */
export interface FaultNotices {
  publishFault(fault: FaultRecord): Promise<void>;
  publishPage(service: string, page: Page): Promise<void>;
}
