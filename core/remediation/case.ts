import type { Condemned, Slot } from '../fleet/fleet.ts';
import type { Slots } from '../fleet/ports.ts';

/** What every step of a remediation is told. `at`: when the workflow entered the state. */
export interface RemediationStep {
  readonly service: string;
  readonly slot: string;
  readonly faultId: string;
  readonly at: number;
}

export interface Case {
  readonly slot: Slot;
  readonly condemned: Condemned;
  /** The slot still has what this remediation put (or is to put) into it. */
  readonly isCurrent: boolean;
}

/** Undefined where the fault is done with. */
export async function findCase(slots: Slots, { service, slot: id, faultId }: RemediationStep): Promise<Case | undefined> {
  const slot = await slots.find(service, id);
  const condemned = slot?.condemned?.find((one) => one.faultId === faultId);
  if (!slot || !condemned) return undefined;
  const isAlive = slot.state === 'recorded' || slot.state === 'launched';
  return { slot, condemned, isCurrent: isAlive && slot.attempt === condemned.attempt + 1 };
}

/** The slot with one of its condemned changed. */
export const withEntry = (slot: Slot, faultId: string, change: Partial<Condemned>): Slot => ({
  ...slot,
  condemned: (slot.condemned ?? []).map((one) => (one.faultId === faultId ? { ...one, ...change } : one)),
});

export function withoutEntry(slot: Slot, faultId: string): Slot {
  const { condemned = [], ...rest } = slot;
  const left = condemned.filter((one) => one.faultId !== faultId);
  return left.length === 0 ? rest : { ...rest, condemned: left };
}
