import type { AwsError } from '../kernel/aws-error.ts';
import type { Call } from '../kernel/service.ts';

/** One AWS call, as the fault campaign sees it. */
export interface HookedCall extends Call {
  readonly service: string;
  readonly operation: string;
  /** Of the SDK's shape; undefined for a service that reads its own wire (DynamoDB). */
  readonly input?: unknown;
}

/**
 * Runs around every call. What `before` throws is what the caller gets, and the call has no effect; what `after` throws
 * is what the caller gets although it had. AwsError is answered as the service would, CutConnection as a lost connection.
 */
export interface Hooks {
  before?(call: HookedCall): void | Promise<void>;
  after?(call: HookedCall, failure: AwsError | undefined): void | Promise<void>;
}

/** The connection breaks without an answer. */
export class CutConnection extends Error {
  override readonly name = 'CutConnection';
}
