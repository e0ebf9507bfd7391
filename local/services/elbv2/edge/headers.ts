/** Headers as an Application Load Balancer passes them on. Raw lists keep order, case and repeats. */

/** Of one connection only. `transfer-encoding` of a request stays, as it says that there is a body. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'http2-settings',
]);

const FORWARDED = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port', 'x-amzn-trace-id']);

export interface Forwarding {
  readonly clientIp: string;
  readonly port: number;
  readonly traceId: string;
  readonly dropsInvalid: boolean;
}

/** What ALB takes for a valid name when it drops the others; an underscore is not in it. */
const VALID_NAME = /^[A-Za-z0-9-]+$/;

export function toTarget(raw: readonly string[], { clientIp, port, traceId, dropsInvalid }: Forwarding): string[] {
  const passed: string[] = [];
  let chain = '';
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', value = ''] = [raw[i], raw[i + 1]];
    const low = name.toLowerCase();
    if (low === 'x-forwarded-for') chain += `${value}, `;
    if (HOP_BY_HOP.has(low) || FORWARDED.has(low) || (dropsInvalid && !VALID_NAME.test(name))) continue;
    passed.push(name, value);
  }
  passed.push(
    'X-Forwarded-For',
    chain + clientIp,
    'X-Forwarded-Proto',
    'http',
    'X-Forwarded-Port',
    String(port),
    'X-Amzn-Trace-Id',
    traceId,
  );
  return passed;
}

export function toClient(raw: readonly string[], extra: readonly string[] = []): string[] {
  const passed: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', value = ''] = [raw[i], raw[i + 1]];
    const low = name.toLowerCase();
    // The server frames the body itself.
    if (!HOP_BY_HOP.has(low) && low !== 'transfer-encoding') passed.push(name, value);
  }
  return [...passed, ...extra];
}

/** A client's own trace id is kept as Root; the load balancer adds itself. */
export function traceIdFor(given: string | undefined, own: string): string {
  return given?.includes('Root=') ? `Self=${own};${given}` : `Root=${own}`;
}
