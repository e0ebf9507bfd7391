/** What local services need of one another. Each is a few words, so that a service can be tested with a stand-in. */
import type { Readable } from 'node:stream';

/** An EventBridge event before the bus has given it id, account and region. */
export interface BusEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly resources?: readonly string[];
  readonly detail: unknown;
  /** Time of the event; the bus's now if absent. */
  readonly time?: number;
}

/** What Service Quotas says the account may have; undefined where there is no such quota. */
export interface AccountLimits {
  limitOf(serviceCode: string, quotaCode: string): number | undefined;
}

/** Instance profiles, as EC2 asks IAM for them. */
export interface InstanceProfiles {
  /** By name or ARN. */
  find(profile: string): InstanceProfile | undefined;
}

export interface InstanceProfile {
  readonly arn: string;
  /** The role's name. */
  readonly role: string;
}

export interface EventBus {
  put(event: BusEvent): void;
}

/** Result of one invocation. `error` is Lambda's FunctionError payload; a missing function throws AwsError. */
export type Invocation =
  | { readonly kind: 'returned'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly errorType: string; readonly errorMessage: string; readonly payload: unknown };

export interface Functions {
  /** Synchronous invocation of a function, version or alias by name or ARN. */
  invoke(functionName: string, payload: unknown): Promise<Invocation>;
  /** Event invocation: queued, retried twice, then to the function's or rule's dead-letter queue. */
  enqueue(functionName: string, payload: unknown): void;
}

export interface StateMachines {
  /** As StartExecution; throws AwsError('ExecutionAlreadyExists', …). Returns the execution's ARN. */
  start(stateMachineArn: string, input: string, name?: string): string;
}

export interface Queues {
  /** By queue ARN. */
  send(queueArn: string, body: string, attributes?: Readonly<Record<string, string>>): void;
}

/** Any operation of any local service, called from inside (Step Functions' AWS SDK integrations). */
export interface Api {
  call(service: string, operation: string, input: unknown): Promise<unknown>;
}

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

export interface InstanceView {
  readonly instanceId: string;
  readonly state: InstanceState;
  readonly privateIpAddress: string;
  readonly availabilityZone: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What the load balancer (and CloudWatch) know of EC2. */
export interface Instances {
  find(instanceId: string): InstanceView | undefined;
}

export interface Dimensions {
  readonly [name: string]: string;
}

/** CloudWatch, as AWS services feed it. */
export interface MetricSink {
  /** One sample at the present instant. `count` repeats it. */
  put(namespace: string, metric: string, dimensions: Dimensions, value: number, count?: number): void;
}

/** Snapshot contents, block by block, as the hypervisor reads a volume's first bytes. */
export interface SnapshotReader {
  readonly volumeBytes: number;
  /** End of the last block that was written; only zeros follow. */
  readonly dataBytes: number;
  /** A file with the volume's bytes, holes for zeros, that nobody writes any more; only zeros follow its end. */
  readonly path?: string;
  /** False where nothing but zeros lies in these bytes, and that is known without reading them. */
  hasData?(offset: number, length: number): boolean;
  /** Reads `length` bytes at `offset`; unwritten blocks are zeros. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface SnapshotStore {
  /** A completed snapshot, or undefined. The same snapshot is the same reader. */
  open(snapshotId: string): SnapshotReader | undefined;
  find(snapshotId: string):
    | {
        readonly state: 'pending' | 'completed' | 'error';
        readonly volumeGiB: number;
        readonly tags: Readonly<Record<string, string>>;
      }
    | undefined;
}

/** S3, as other services write to it (access logs) and the runtime reads it. */
export interface ObjectStore {
  put(bucket: string, key: string, body: Uint8Array): Promise<void>;
  get(bucket: string, key: string): Promise<Readable | undefined>;
}

/** The snapshots as EC2 lists and deletes them; EBS direct writes them. */
export interface SnapshotShelf extends SnapshotStore {
  list(): readonly SnapshotView[];
  remove(snapshotId: string): void;
  /** Of a volume, which is read in the background; `read` resolves when it is not needed any more. */
  take(volume: SnapshotReader, of: SnapshotOf): { readonly view: SnapshotView; readonly read: Promise<void> };
}

export interface SnapshotOf {
  readonly volumeId: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SnapshotView {
  readonly snapshotId: string;
  readonly state: 'pending' | 'completed' | 'error';
  readonly stateMessage?: string;
  readonly volumeGiB: number;
  /** Of the volume it was taken of; absent: it was written through EBS direct. */
  readonly volumeId?: string;
  readonly startedAt: number;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Process ids that must not outlive the runtime. `pid` is also the id of the child's process group. */
export interface ChildLedger {
  add(pid: number): void;
  remove(pid: number): void;
}

/** What a virtual instance answers: the in-process stand-in for a socket to its address. */
export type VirtualAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly latencyMs: number }
  /** Nothing listens there (yet, or any more). */
  | { readonly kind: 'refused' };

/**
 * What befalls a virtual instance: its guest powers off · it hangs, answering nothing · its guest resets
 * again and again in the same machine, of which nobody is told · it answers 503 on its health path · what runs it dies under it.
 */
export interface VirtualBlow {
  readonly kind: 'power-off' | 'hang' | 'reset' | 'sicken' | 'crash' | 'falter';
  /** What it prints before. */
  readonly console?: string;
  /** Of one that falters: the share of requests it answers 500 from now on; absent: as its bundle says. */
  readonly errorRate?: number;
}

/** Instances of the `virtual` driver. */
export interface VirtualNetwork {
  request(address: string, path: string): VirtualAnswer;
  /** Nothing happens to one that does not run. */
  strike(address: string, blow: VirtualBlow): void;
}

/** CloudWatch Logs, as functions write to it: one event at the present instant; group and stream are made when absent. */
export interface LogSink {
  write(group: string, stream: string, message: string): void;
}
