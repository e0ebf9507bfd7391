/** QEMU's complaints, as the person at the keyboard needs them. */
import type { Guest } from '../driver.ts';

export function explain(complaint: string, { memoryMiB }: Pick<Guest, 'memoryMiB'>): string {
  const [, rule] = /Could not set up host forwarding rule '([^']+)'/.exec(complaint) ?? [];
  if (rule !== undefined)
    return `${rule.split('-')[0] ?? rule} cannot be forwarded to the guest: another process has that port, or it is below 1024 and this user may not have it`;
  if (/cannot allocate memory/i.test(complaint))
    return `this machine has no ${memoryMiB} MiB of memory left for it (${complaint})`;
  return complaint;
}
