import { missingSlots } from './missing-slots.ts';
import type { FleetFacts } from './phase.ts';
import { nextFleet } from './phase.ts';
import type { LaunchPlan } from './plan-canary.ts';

/** What was canaried (Linux) is not what ships: the first unikernels are compared with as many fresh ones of the stable release. */
export function planDebut(facts: FleetFacts): LaunchPlan {
  const { nodes: count } = facts.service.file.debut;
  const { release, stable } = facts;
  const next = missingSlots(facts, { group: nextFleet(release), build: 'unikernel', release, count, isFresh: true });
  if (!stable) return { slots: next, why: `the first ${count} unikernel(s) of ${release.version}: nothing to compare with` };
  const control = missingSlots(facts, { group: 'control', build: 'unikernel', release: stable, count, isFresh: true });
  return {
    slots: [...next, ...control],
    why: `the first ${count} unikernel(s) of ${release.version}, and ${count} as young of ${stable.version} to compare with`,
  };
}
