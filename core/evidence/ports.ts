import type { Group, Service } from '../service/service.ts';
import type { EvidenceIndex, Seen, VolumeSnapshot } from './evidence.ts';

/** What EC2 tells of an instance; `json` is its whole answer. */
export interface InstanceFacts extends Seen {
  readonly json: string;
}

export interface ConsoleText {
  readonly output: Uint8Array;
  /** When EC2 took it from the instance. */
  readonly at: number;
}

/** What AWS knows of one node. Each call may fail alone: who asks lists it as missed. */
export interface Witness {
  /** Undefined where EC2 does not know it (any more). */
  describe(instanceId: string): Promise<InstanceFacts | undefined>;
  /** `latest`: the live tail; `posted`: what EC2 keeps, minutes old, and for about an hour after the end. */
  console(instanceId: string, which: 'latest' | 'posted'): Promise<ConsoleText | undefined>;
  /** A JPEG of its screen. Only of a running one. */
  screenshot(instanceId: string): Promise<Uint8Array>;
  /** Status checks and scheduled events, as JSON. */
  status(instanceId: string): Promise<string>;
  /** A non-maskable interrupt: a kernel that knows it prints where it hangs. */
  interrupt(instanceId: string): Promise<void>;
  /** Crash-consistent snapshots of all its volumes; asked again for the same fault, the same ones. None are made once aborted. */
  snapshotVolumes(
    instanceId: string,
    fault: { readonly service: string; readonly version: string; readonly faultId: string },
    signal: AbortSignal,
  ): Promise<readonly VolumeSnapshot[]>;
  /** What the target group says of it (with anomalies, where the load balancer finds them), as JSON. */
  targetHealth(service: Service, group: Group, instanceId: string): Promise<{ readonly json: string; readonly reason?: string }>;
}

/** Snapshots, read without booting anything (EBS direct). */
export interface DiskReader {
  state(snapshotId: string): Promise<'pending' | 'completed' | 'failed' | 'none'>;
  /** Zeros where nothing was written. */
  read(snapshotId: string, offset: number, length: number): Promise<Uint8Array>;
}

export interface EvidenceStore {
  findIndex(service: string, faultId: string): Promise<EvidenceIndex | undefined>;
  putIndex(index: EvidenceIndex): Promise<void>;
  find(key: string): Promise<Uint8Array | undefined>;
  put(key: string, body: Uint8Array): Promise<void>;
  /** Keys and sizes below a prefix: what a node has left itself. */
  list(prefix: string): Promise<readonly { readonly key: string; readonly bytes: number }[]>;
}

/** The load balancer's access log. */
export interface AccessLog {
  /** Lines of requests that went to `address` in [from, to), oldest first; undefined where this log does not exist (NLB). */
  slice(service: Service, address: string, from: number, to: number): Promise<readonly string[] | undefined>;
}
