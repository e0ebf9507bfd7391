import type { Requests } from './ports.ts';

export interface Probe {
  readonly path: string;
  readonly status: number;
}

export interface ProbeAnswer {
  readonly kind: 'passed' | 'failed';
  readonly why: string;
}

const AT_ONCE = 10;
const FAILURES_TOLD = 5;

/** Every address is asked every probe; all failures are found, the first few are told. */
export async function probeNodes(
  ports: { readonly requests: Requests },
  addresses: readonly string[],
  probes: readonly Probe[],
): Promise<ProbeAnswer> {
  const asked = addresses.flatMap((address) => probes.map((probe) => ({ address, probe })));
  const failures: string[] = [];
  for (let first = 0; first < asked.length; first += AT_ONCE) {
    const batch = asked.slice(first, first + AT_ONCE);
    const found = await Promise.all(batch.map(({ address, probe }) => ask(ports.requests, address, probe)));
    failures.push(...found.flatMap((failure) => failure ?? []));
  }
  const all = `${probes.length} probe(s) on ${addresses.length} node(s)`;
  if (failures.length === 0) return { kind: 'passed', why: `${all} answered as wanted` };
  const more = failures.length > FAILURES_TOLD ? `; and ${failures.length - FAILURES_TOLD} more` : '';
  return { kind: 'failed', why: `${failures.slice(0, FAILURES_TOLD).join('; ')}${more}` };
}

async function ask(requests: Requests, address: string, { path, status }: Probe): Promise<string | undefined> {
  const answer = await requests.get(address, path);
  if ('why' in answer) return `GET ${path} on ${address} gave no answer (${answer.why}), wanted ${status}`;
  return answer.status === status ? undefined : `GET ${path} on ${address} answered ${answer.status}, wanted ${status}`;
}
