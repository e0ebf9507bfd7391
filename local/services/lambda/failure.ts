import type { Invocation } from '../../kernel/ports.ts';

/** What Lambda answers for a failed invocation: the Node.js runtime's error document. */
export type Failed = Extract<Invocation, { kind: 'failed' }>;

interface ErrorDocument {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[] | undefined;
}

const failed = (document: ErrorDocument): Failed => ({
  kind: 'failed',
  errorType: document.errorType,
  errorMessage: document.errorMessage,
  payload: document,
});

/** As the Node.js runtime interface client serialises what a handler throws: `name`, `message`, the stack's lines. */
export function toErrorDocument(error: unknown): ErrorDocument {
  if (error instanceof Error) {
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

export const thrown = (document: ErrorDocument) => failed(document);

/** Lambda's own words for a function that ran out of time. */
export function timedOut(requestId: string, timeoutMs: number): Failed {
  const seconds = (timeoutMs / 1000).toFixed(2);
  return failed({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
  });
}

/** Lambda's own words for a runtime process that ended in mid-invocation. */
export function exited(requestId: string, how: string): Failed {
  return failed({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
  });
}
