import { isNamed, recordConflict } from '../errors.ts';
import type { Fault } from '../faults/fault.ts';
import { exposureOf } from '../faults/ledger/exposure.ts';
import { addFault, advance } from '../faults/ledger/keep-ledger.ts';
import type { Ledger } from '../faults/ledger/ledger.ts';
import { emptyLedger } from '../faults/ledger/ledger.ts';
import type { Slots } from '../fleet/ports.ts';
import type { Clock } from '../release/ports.ts';
import type { LedgerRecord, Ledgers } from './ports.ts';

export interface NoteFaultPorts {
  readonly slots: Pick<Slots, 'list'>;
  readonly ledgers: Ledgers;
  readonly clock: Clock;
}

/** Everything that dies at once writes this one record. */
const ATTEMPTS = 25;

const noLedger = (service: string): LedgerRecord => ({ ...emptyLedger, service, revision: 0 });

/** The service's ledger with this fault in it: once, however often it is asked. */
export async function noteFault({ slots, ledgers, clock }: NoteFaultPorts, fault: Fault): Promise<Ledger> {
  const fleet = await slots.list(fault.service);
  for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
    const found = (await ledgers.find(fault.service)) ?? noLedger(fault.service);
    if (found.marks.some(({ id }) => id === fault.id)) return found;
    const now = clock.now();
    const grown = advance(found, exposureOf(fleet, found.at, now), now);
    try {
      return await ledgers.put({ ...found, ...addFault(grown, fault) });
    } catch (error) {
      if (!isNamed(error, 'RecordConflict')) throw error;
    }
  }
  throw recordConflict(`the fault ledger of "${fault.service}"`);
}
