import { isNamed } from '../errors.ts';
import type { FaultNotices, FaultRecord, Faults } from './ports.ts';

/** Sent, then marked; a crash in between sends again, and receivers drop repeats by id. */
export async function tellFault(
  ports: { readonly faults: Faults; readonly faultNotices: FaultNotices },
  fault: FaultRecord,
): Promise<void> {
  if (fault.notified) return;
  await ports.faultNotices.publishFault(fault);
  try {
    await ports.faults.put({ ...fault, notified: true });
  } catch (error) {
    // Somebody else wrote it meanwhile; it is told again, by its id the same.
    if (!isNamed(error, 'RecordConflict')) throw error;
  }
}
