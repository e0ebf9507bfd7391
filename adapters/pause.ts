import { setTimeout as after } from 'node:timers/promises';

/** Resolves after that many milliseconds: the wait between two tries, which adapters are handed so that tests need not wait. */
export async function pause(ms: number): Promise<void> {
  await after(ms);
}
