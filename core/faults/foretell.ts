import { escalate } from './escalate.ts';
import type { Escalation, Fault } from './fault.ts';
import type { Ledger } from './ledger/ledger.ts';

/** What would be done if the same came once more, now, in another place. */
export function foretell(ledger: Ledger, fault: Fault, now: number): Escalation {
  const again = { ...fault, id: `${fault.id}-again`, slot: `${fault.slot}-another`, at: now, detectedAt: now };
  return escalate(ledger, again, now);
}
