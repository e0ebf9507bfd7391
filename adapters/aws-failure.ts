/** What a thrown value of the SDK is called: the one place that looks inside. AWS's error codes are names, never sentences. */
export const failureName = (cause: unknown): string => (cause instanceof Error ? cause.name : '');

export const failureText = (cause: unknown): string =>
  cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);

/** HTTP status of the answer; undefined where there was none (timeouts, refused connections). */
function failureStatus(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('$metadata' in cause)) return undefined;
  const metadata = cause.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

const THROTTLES = new Set([
  'RequestLimitExceeded',
  'RequestThrottledException',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'SlowDown',
]);
const NO_ANSWER = new Set(['TimeoutError', 'RequestTimeout', 'AbortError', 'NetworkingError']);
const SOCKET_CODES = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

/** Throttled, no answer, or the service's own fault: the same call may succeed a little later. */
export function isPassing(cause: unknown): boolean {
  const name = failureName(cause);
  if (THROTTLES.has(name) || NO_ANSWER.has(name)) return true;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (typeof code === 'string' && SOCKET_CODES.has(code)) return true;
  const status = failureStatus(cause);
  return status !== undefined && status >= 500;
}
