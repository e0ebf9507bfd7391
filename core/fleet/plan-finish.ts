import { missingSlots } from './missing-slots.ts';
import type { FleetFacts } from './phase.ts';
import type { LaunchPlan } from './plan-canary.ts';

/** The always-on Linux nodes of the new release; those of the old one leave when these serve. */
export function planFinish(facts: FleetFacts): LaunchPlan {
  const { linuxNodes: count } = facts.service.file;
  const { release } = facts;
  return {
    slots: missingSlots(facts, { group: 'baseline', build: 'linux', release, count, isFresh: true }),
    why: `${count} instrumented Linux node(s) of ${release.version} that always run`,
  };
}
