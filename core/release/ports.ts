import type { Service } from '../service/service.ts';
import type { ReleaseRecord, ServiceRecord, Transition } from './release.ts';

export interface Clock {
  now(): number;
}

/** What the stacks declared. */
export interface Catalog {
  find(service: string): Promise<Service | undefined>;
  names(): Promise<readonly string[]>;
}

/**
 * The records. Every write names the revision it read (`record.revision`) and stores revision + 1; a record that was
 * changed meanwhile makes it throw RecordConflict and changes nothing. Reads are consistent.
 */
export interface Records {
  findService(service: string): Promise<ServiceRecord | undefined>;
  /** Revision 0 means: there must be none yet. Returns what is now stored. */
  putService(record: ServiceRecord): Promise<ServiceRecord>;
  findRelease(service: string, version: string): Promise<ReleaseRecord | undefined>;
  putRelease(record: ReleaseRecord): Promise<ReleaseRecord>;
  releases(service: string): Promise<readonly ReleaseRecord[]>;
}

export interface ReleaseRun {
  readonly service: string;
  readonly version: string;
  readonly fence: number;
}

export type RunState = 'none' | 'running' | 'succeeded' | 'failed';

/** Executions, by deterministic name: starting one that was started already is success. */
export interface Executions {
  /** `release-<service>-<version>-<fence>` */
  startRelease(run: ReleaseRun): Promise<void>;
  /** `rollback-<service>-<version>-<fence>` */
  startRollback(run: ReleaseRun, why: string): Promise<void>;
  releaseState(run: ReleaseRun): Promise<RunState>;
  rollbackState(run: ReleaseRun): Promise<RunState>;
}

/** At-least-once delivery to operators; receivers drop repeats by `transition.id`. */
export interface Notices {
  publish(release: { readonly service: string; readonly version: string }, transition: Transition): Promise<void>;
}

/** An upload that names no release: recorded, so that its sender can be told. Repeating one (by `id`) is success. */
export interface Refusal {
  /** Absent where the key names no known service. */
  readonly service?: string;
  readonly key: string;
  readonly why: string;
  readonly at: number;
  readonly id: string;
}

export interface Refusals {
  refuse(refusal: Refusal): Promise<void>;
}
