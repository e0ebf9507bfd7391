import type { FaultWay } from '../faults/fault.ts';
import type { Slot } from '../fleet/fleet.ts';

/** Somebody says that a node has failed. It may be said many times, late, and of any instance of the account. */
export interface Sighting {
  readonly instanceId: string;
  readonly way: FaultWay;
  /** When it failed, as far as is known. */
  readonly at: number;
  readonly why: string;
  /** It runs, and does not serve. */
  readonly isHung: boolean;
  /** Said by the remediation that launched it and watches it. */
  readonly isWatched?: boolean;
  /** Who says so has just read the slot. */
  readonly slot?: Slot;
}

export const faultIdOf = (instanceId: string, attempt: number) => `${instanceId}-${attempt}`;
