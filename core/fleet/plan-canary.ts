import type { Slot } from './fleet.ts';
import { missingSlots } from './missing-slots.ts';
import type { FleetFacts } from './phase.ts';

export interface LaunchPlan {
  /** Slots to record and launch. */
  readonly slots: readonly Slot[];
  readonly why: string;
  /** The phase is over: there is nothing to launch, to wait for or to shift. */
  readonly isComplete?: boolean;
}

/** Canary and baseline are launched together, as many and as young as each other, in the same zones. */
export function planCanary(facts: FleetFacts): LaunchPlan {
  const { nodes: count } = facts.service.file.canary;
  const { release, stable } = facts;
  const canary = missingSlots(facts, { group: 'canary', build: 'linux', release, count, isFresh: true });
  if (!stable) {
    return {
      slots: canary,
      why: `${count} Linux node(s) of ${release.version} alone: there is no stable release to compare with`,
    };
  }
  const baseline = missingSlots(facts, { group: 'baseline', build: 'linux', release: stable, count, isFresh: true });
  return {
    slots: [...canary, ...baseline],
    why: `${count} Linux node(s) of ${release.version}, and ${count} as young of ${stable.version} to compare with`,
  };
}
