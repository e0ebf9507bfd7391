/** Which slots belong to a phase of a release, as values: shared by launching, checking and retiring. */
import type { Fleet, Service } from '../service/service.ts';
import type { ReleaseRecord } from '../release/release.ts';
import type { Slot } from './fleet.ts';

export type LaunchPhase = 'canary' | 'debut' | 'promote' | 'finish' | 'restore';

/** What the fleet plans decide on. */
export interface FleetFacts {
  readonly service: Service;
  readonly release: ReleaseRecord;
  /** The stable release's record; absent during a first release. */
  readonly stable?: ReleaseRecord;
  readonly slots: readonly Slot[];
  readonly fence: number;
  readonly at: number;
}

/** The fleet the release fills. */
export const nextFleet = (release: Pick<ReleaseRecord, 'fleet'>): Fleet => release.fleet ?? 'blue';

/** Recorded or launched: it counts towards what is wanted. */
export const isAlive = (slot: Slot) => slot.state === 'recorded' || slot.state === 'launched';

/** The live slots a phase has made, or (promote) the whole new fleet: what is launched and checked in it. */
export function phaseSlots(facts: Pick<FleetFacts, 'release' | 'slots' | 'fence'>, phase: LaunchPhase): readonly Slot[] {
  const { release, fence } = facts;
  const next = nextFleet(release);
  const belongs: Readonly<Record<LaunchPhase, (slot: Slot) => boolean>> = {
    canary: (slot) => slot.group === 'canary' || (slot.group === 'baseline' && slot.version === release.replaces),
    debut: (slot) => slot.group === next || slot.group === 'control',
    promote: (slot) => slot.group === next,
    finish: (slot) => slot.group === 'baseline' && slot.version === release.version,
    restore: (slot) => slot.group === 'baseline' && slot.version === release.replaces,
  };
  return facts.slots.filter((slot) => slot.fence === fence && isAlive(slot) && belongs[phase](slot));
}
