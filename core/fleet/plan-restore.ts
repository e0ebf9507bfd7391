import { missingSlots } from './missing-slots.ts';
import type { FleetFacts } from './phase.ts';
import type { LaunchPlan } from './plan-canary.ts';

/** After a rollback: the stable release's always-on Linux nodes that the release had replaced and that are gone. */
export function planRestore(facts: FleetFacts): LaunchPlan {
  const { linuxNodes: count } = facts.service.file;
  const { stable } = facts;
  if (!stable) return { slots: [], isComplete: true, why: 'there is no stable release whose nodes could be restored' };
  const slots = missingSlots(facts, { group: 'baseline', build: 'linux', release: stable, count, isFresh: false });
  return { slots, why: `${slots.length} of ${count} Linux node(s) of ${stable.version} are lacking` };
}
