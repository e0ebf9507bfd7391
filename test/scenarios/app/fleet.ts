/** Nodes of a service as the table and EC2 have them, and stories that wait for something to become so. */
import type { Account } from './account.ts';
import type { SlotItem } from './items.ts';

export async function launched(account: Account, service: string, group?: string): Promise<readonly SlotItem[]> {
  const slots = await account.slots(service);
  return slots.filter((slot) => slot.state === 'launched' && (group === undefined || slot.group === group));
}

/** The instance of the nth node of a group. */
export async function nodeOf(account: Account, service: string, group: string, nth = 0): Promise<string> {
  const found = (await launched(account, service, group))[nth]?.instanceId;
  if (found === undefined) throw new Error(`${service} has no node ${nth} in ${group}`);
  return found;
}

export async function slotById(account: Account, service: string, id: string): Promise<SlotItem> {
  const found = (await account.slots(service)).find((slot) => slot.id === id);
  if (!found) throw new Error(`${service} has no slot ${id}`);
  return found;
}

const SECOND_MS = 1000;

/** Looks every second; the seconds it took. */
export async function untilSo(account: Account, isSo: () => Promise<boolean>, longestSeconds = 900): Promise<number> {
  const since = account.now;
  while (!(await isSo())) {
    if (account.now - since > longestSeconds * SECOND_MS) throw new Error(`it was not so within ${longestSeconds} seconds`);
    await account.runtime.clock.advanceBy(SECOND_MS);
  }
  return Math.round((account.now - since) / SECOND_MS);
}
