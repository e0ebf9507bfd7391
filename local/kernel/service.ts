/**
 * A local AWS service: a table of operations and the template resources it owns. Inputs and outputs have the shape of
 * the AWS SDK's types; `protocols/` reads and writes the wire from the SDK's own schemas.
 */
import type { StaticOperationSchema } from '@smithy/types';

/** Who calls, as the gateway knows it. */
export interface Call {
  readonly requestId: string;
  /** Set where the caller is a local function: which invocation this call belongs to. */
  readonly invocation?: string;
  /** Source address of the request; '127.0.0.1' for calls from inside. */
  readonly sourceIp: string;
}

export interface Operation<Input = never, Output = unknown> {
  /** The SDK's schema object, e.g. `RunInstances$` of @aws-sdk/client-ec2. */
  readonly schema: StaticOperationSchema;
  run(input: Input, call: Call): Output | Promise<Output>;
}

/** A template resource with all intrinsics resolved. */
export interface DeclaredResource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** CDK construct path, for messages. */
  readonly path: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Local folder or file of the asset the resource's code or body comes from, if it has one. */
  readonly assetPath?: string;
}

/** What Ref and Fn::GetAtt of a declared resource answer. */
export interface Physical {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface LocalService {
  /** Signing name, as in a request's credential scope: `ec2`, `s3`, `states`, `elasticloadbalancing`, `monitoring`, … */
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** One maker a resource type this service owns; a type nobody owns is refused by the runtime, with its path. */
  readonly resources: Readonly<Record<string, (resource: DeclaredResource) => Physical | Promise<Physical>>>;
  /** What outlives a run, as plain JSON. Taken while the service works, so without waiting for anything outside it. */
  save?(): unknown;
  /**
   * Takes back what `save` gave, after everything is declared and before anything starts, and answers what could not be
   * taken back, a sentence each. Parses it first: it comes from a file. Services load in the order they stand in.
   */
  load?(saved: unknown): readonly string[] | Promise<readonly string[]>;
  /** After everything is declared: schedules, listeners. */
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
  /** Known differences from AWS, a sentence each, for `tandem local --support`. */
  readonly gaps: readonly string[];
}
