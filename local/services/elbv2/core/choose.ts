import type { Random } from '../../../kernel/world.ts';
import type { GroupWeight, Target } from './model.ts';

/**
 * A group by its weight. A weighted action does not fail over: a group without a usable target is chosen all the same.
 * With no weight at all there is none, and the request ends as one without targets.
 */
export function chooseGroup(groups: readonly GroupWeight[], random: Pick<Random, 'below'>): string | undefined {
  const total = groups.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return undefined;
  let left = random.below(total);
  for (const { groupArn, weight } of groups) {
    if (left < weight) return groupArn;
    left -= weight;
  }
  return undefined;
}

/**
 * Targets that may get a request: the healthy ones; if none is, all the unhealthy ones (ELB fails open); never one that
 * drains, or whose registration and first checks are still under way.
 */
export function usableTargets(targets: Iterable<Target>): readonly Target[] {
  const staying = [...targets].filter(({ drainsUntil }) => drainsUntil === undefined);
  const healthy = staying.filter(({ health }) => health.state === 'healthy');
  return healthy.length > 0 ? healthy : staying.filter(({ health }) => health.state === 'unhealthy');
}

/** A target in its slow start gets a share that grows from nothing to a full one over the time. */
export function slowStartShare(target: Target, slowStartMs: number, now: number): number {
  if (slowStartMs === 0 || target.healthySince === undefined) return 1;
  return Math.min(1, Math.max(0.05, (now - target.healthySince) / slowStartMs));
}

/** Turn by turn; one in slow start is passed over as often as its share says. */
export class RoundRobin {
  #turn = 0;

  next(targets: readonly Target[], shareOf: (target: Target) => number, random: Pick<Random, 'next'>): Target | undefined {
    for (let tries = 0; tries < targets.length; tries++) {
      const target = targets[this.#turn++ % targets.length];
      if (target && (shareOf(target) >= 1 || random.next() < shareOf(target))) return target;
    }
    return targets[this.#turn++ % Math.max(1, targets.length)];
  }
}

/** The same flow always meets the same target, as long as the set of targets is the same. */
export function flowTarget(targets: readonly Target[], flow: string): Target | undefined {
  let hash = 2166136261;
  for (let i = 0; i < flow.length; i++) hash = Math.imul(hash ^ flow.charCodeAt(i), 16777619) >>> 0;
  return targets[hash % Math.max(1, targets.length)];
}
