/**
 *   registering ──► checking ──pass──► healthy ◄──┐
 *                       │                 │       │ healthyThreshold passes in a row
 *                       │ unhealthyThreshold failures in a row
 *                       └───────────────► unhealthy ┘
 *
 * A new target is healthy after one passed check ("Health checks for your target groups", ELB user guides).
 */
import type { Health, HealthCheck, ProbeResult } from './model.ts';

export const REGISTERING: Health = { state: 'registering', streak: 0 };
export const CHECKING: Health = { state: 'checking', streak: 0 };

export function afterProbe(health: Health, result: ProbeResult, check: HealthCheck): Health {
  if (result.kind === 'passed') return afterPass(health, check);
  const failure = { reason: result.reason, description: result.description };
  if (health.state === 'unhealthy') return { state: 'unhealthy', streak: 0, failure };
  const streak = failureStreak(health) + 1;
  return streak >= check.unhealthyThreshold ? { state: 'unhealthy', streak: 0, failure } : { ...health, streak };
}

function afterPass(health: Health, check: HealthCheck): Health {
  if (health.state !== 'unhealthy') return { state: 'healthy', streak: 0 };
  const streak = health.streak + 1;
  return streak >= check.healthyThreshold ? { state: 'healthy', streak: 0 } : { ...health, streak };
}

const failureStreak = (health: Health): number => (health.state === 'unhealthy' ? 0 : health.streak);

/** `200`, `200-299`, `200,202` and mixtures, as in a target group's Matcher. */
export function matchesCode(matcher: string, status: number): boolean {
  return matcher.split(',').some((part) => {
    const [from = NaN, to = from] = part.split('-').map(Number);
    return status >= from && status <= to;
  });
}
