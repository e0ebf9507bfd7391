import type { ServiceFile } from '../service/service-file.ts';
import { missingSlots } from './missing-slots.ts';
import type { FleetFacts } from './phase.ts';
import { isAlive, nextFleet } from './phase.ts';
import type { LaunchPlan } from './plan-canary.ts';

/** Healthy nodes below which nothing of ours may bring a service. */
export const healthyFloor = (file: Pick<ServiceFile, 'nodes' | 'promotion'>) =>
  Math.ceil((file.nodes * file.promotion.minHealthyPercent) / 100);

/**
 * The next batch of the new fleet. A batch is known by the instant its state was entered, so a retry finds the slots of
 * its own batch and does not go on to the next. The old fleet stays whole meanwhile: growing takes no capacity away.
 */
export function planPromotion(facts: FleetFacts): LaunchPlan {
  const { nodes, promotion } = facts.service.file;
  const { release } = facts;
  const group = nextFleet(release);
  const fleet = facts.slots.filter((slot) => slot.group === group && slot.version === release.version && isAlive(slot));
  const before = fleet.filter((slot) => slot.recordedAt < facts.at).length;
  const count = Math.min(nodes, before + promotion.maxSurge);
  if (before >= nodes) return { slots: [], isComplete: true, why: `the new fleet has all of its ${nodes} node(s)` };
  return {
    slots: missingSlots(facts, { group, build: 'unikernel', release, count, isFresh: true }),
    why: `from ${before} to ${count} of ${nodes} node(s) of ${release.version}, at most ${promotion.maxSurge} at once; the old fleet stays whole`,
  };
}
