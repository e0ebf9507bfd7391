/** Which weighted groups have nobody left who serves, and what the load balancer is to show then. Pure. */
import type { NodeHealth } from '../fleet/fleet.ts';
import type { ServiceRecord, Weights } from '../release/release.ts';
import type { Group } from '../service/service.ts';
import { GROUPS } from '../service/service.ts';

/** The most a group can be given, and so what one that is alone is given (ELB API reference, TargetGroupTuple). */
const LONE = 999;

type Rule = Weights['main'];
const weighted = (rule: Rule) => GROUPS.filter((group) => (rule[group] ?? 0) > 0);

export const weightedGroups = ({ main, beta }: Weights): readonly Group[] =>
  GROUPS.filter((group) => (main[group] ?? 0) > 0 || (beta[group] ?? 0) > 0);

/** Groups with weight and without a healthy node. Groups nothing is known of are not dark. */
export function darkGroups(weights: Weights, health: ReadonlyMap<Group, readonly NodeHealth[]>): readonly Group[] {
  return weightedGroups(weights).filter((group) => health.get(group)?.every(({ state }) => state !== 'healthy') ?? false);
}

/**
 * Where a dark group meets users beside one that is not, it gets nothing. Where all of a rule's groups are dark, the rule
 * stays as it is: its load balancer then tries all targets, which is better than nobody.
 */
export function effectiveWeights({ weights, dark = [] }: Pick<ServiceRecord, 'weights' | 'dark'>): Weights {
  return { main: lit(weights.main, dark), beta: lit(weights.beta, dark) };
}

function lit(rule: Rule, dark: readonly Group[]): Rule {
  const left = weighted(rule).filter((group) => !dark.includes(group));
  if (left.length === 0 || left.length === weighted(rule).length) return rule;
  const [only] = left;
  if (only !== undefined && left.length === 1) return { [only]: LONE };
  return Object.fromEntries(left.map((group) => [group, rule[group] ?? 0]));
}
