/**
 * Whose calls travel over a connection in memory now. The header `x-local-invocation` says it on real ones; here the
 * client has no place for a header (a request that expects 100-continue has its head written before its agent sees it).
 */
const invocations = new WeakMap<object, string>();

export function setInvocation(connection: object, invocation: string | undefined): void {
  if (invocation === undefined) invocations.delete(connection);
  else invocations.set(connection, invocation);
}

export const invocationOf = (connection: object): string | undefined => invocations.get(connection);
