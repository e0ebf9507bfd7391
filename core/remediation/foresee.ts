import { classify } from '../faults/classify.ts';
import { escalate } from '../faults/escalate.ts';
import type { Crash, Escalation, Fault } from '../faults/fault.ts';
import type { Ledger } from '../faults/ledger/ledger.ts';
import { emptyLedger } from '../faults/ledger/ledger.ts';
import type { Condemned, Slot } from '../fleet/fleet.ts';

/** The console, for a first look. Undefined where it cannot be had at once. */
export interface Glance {
  console(instanceId: string): Promise<Uint8Array | undefined>;
}

export function toFault(slot: Slot, condemned: Condemned, crash: Crash): Fault {
  const { faultId: id, instanceId, build, zone, attempt, at, detectedAt, way, wasInFlight } = condemned;
  const { service, version, group, id: slotId } = slot;
  return { id, service, version, build, group, slot: slotId, instanceId, zone, attempt, at, detectedAt, way, crash, wasInFlight };
}

const REPLACE: Escalation = { kind: 'replace', why: 'it is the first of its release' };

/**
 * What the ladder will say, before the evidence is in: a node that fails as one before it did gets another successor. The
 * first of a release is not looked at, and nobody waits long for the look: its successor is what matters now.
 */
export async function foresee(
  glance: Glance,
  ledger: Ledger = emptyLedger,
  { slot, condemned, now }: { readonly slot: Slot; readonly condemned: Condemned; readonly now: number },
): Promise<Escalation> {
  if (!ledger.marks.some(({ version, id }) => version === slot.version && id !== condemned.faultId)) return REPLACE;
  const console = await glance.console(condemned.instanceId).catch(() => undefined);
  const crash = classify({
    console,
    end: { state: condemned.isHung ? 'running' : 'stopped', wasHealthy: condemned.wasHealthy },
  });
  const escalation = escalate(ledger, toFault(slot, condemned, crash), now);
  return console === undefined && escalation.kind !== 'page' ? REPLACE : escalation;
}
