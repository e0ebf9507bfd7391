import type { Readable } from 'node:stream';
import type { AwsError } from '../kernel/aws-error.ts';
import type { LocalService, Operation } from '../kernel/service.ts';

/** One HTTP request, parsed as far as HTTP goes. */
export interface WireRequest {
  readonly method: string;
  /** Still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names; repeated ones joined as HTTP has it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** A part of a streamed body lasts until the next is asked for. */
export type WireBody = Uint8Array | string | AsyncIterable<Uint8Array>;

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: WireBody;
}

/** What a request asks for. `operation` is undefined where AWS has it and the local service has not. */
export interface Asked {
  readonly operationName: string;
  readonly operation: Operation | undefined;
  /** Reads the input, once; throws AwsError for what does not fit the operation's schema. */
  readInput(): Promise<Record<string, unknown>>;
}

/** One way to put operations on HTTP. Chosen per request: a service may speak several at a time. */
export interface Protocol {
  /** What AWS calls an operation it does not have, in this protocol. */
  readonly unknown: { readonly code: string; readonly status: number };
  /** Throws AwsError where the request names no operation at all. */
  ask(request: WireRequest, service: LocalService): Asked | Promise<Asked>;
  answer(operation: Operation, output: unknown, requestId: string): WireResponse;
  refuse(error: AwsError, requestId: string, service: LocalService | undefined): WireResponse;
}
