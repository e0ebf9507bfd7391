import type { Escalation, Fault } from './fault.ts';

/** What is remembered of a service's faults. Bounded. */
export interface Ledger {
  readonly recent: readonly Fault[];
}

export const emptyLedger: Ledger = { recent: [] };

const MOST = 100;
const WINDOW_MS = 30 * 60_000;
const CLUSTER = 3;

export const addFault = (ledger: Ledger, fault: Fault): Ledger => ({ recent: [...ledger.recent, fault].slice(-MOST) });

/** `ledger` without `fault`. */
export function escalate(ledger: Ledger, fault: Fault, now: number): Escalation {
  const recent = ledger.recent.filter(({ at, id }) => now - at < WINDOW_MS && id !== fault.id);
  const ofRelease = recent.filter(({ version }) => version === fault.version);
  const same = ofRelease.filter(({ crash }) => crash.fingerprint === fault.crash.fingerprint);
  const slots = new Set([...same, fault].map(({ slot }) => slot));
  const others = recent.filter(({ version }) => version !== fault.version);
  if (others.length > 0 && same.length > 0 && others.length >= CLUSTER)
    return { kind: 'page', why: 'nodes of more than one release fail at once' };
  if (slots.size >= CLUSTER) return { kind: 'roll-back', why: `${slots.size} nodes of ${fault.version} failed alike` };
  if (same.length > 0 && fault.build === 'unikernel')
    return { kind: 'replace-with-twin', why: `fingerprint ${fault.crash.fingerprint} has come again` };
  return { kind: 'replace', why: 'nothing like it has come lately' };
}
