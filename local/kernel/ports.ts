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
  /** Reads `length` bytes at `offset`; unwritten blocks are zeros. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface SnapshotStore {
  /** A completed snapshot, or undefined. */
  open(snapshotId: string): SnapshotReader | undefined;
  find(
    snapshotId: string,
  ):
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
