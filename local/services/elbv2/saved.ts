/**
 * What was done to the load balancers through their API, as a state file keeps it, in the words of the API: taken back, it
 * goes through the same checks. What templates declare is declared again, and so are the rules among it.
 */
import * as z from 'zod';
import { formatAction } from './core/actions.ts';
import type { ElbState } from './core/state.ts';
import type { Targets } from './core/targets.ts';
import { modifyListener } from './operations/listeners.ts';
import { createRule, formatRule } from './operations/rules.ts';
import type { RuleContext } from './operations/rules.ts';

const values = z.object({ Values: z.array(z.string()) });

const condition = z.object({
  Field: z.string(),
  Values: z.array(z.string()).exactOptional(),
  HostHeaderConfig: values.exactOptional(),
  PathPatternConfig: values.exactOptional(),
  HttpHeaderConfig: z.object({ HttpHeaderName: z.string(), Values: z.array(z.string()) }).exactOptional(),
});

const action = z.object({
  Type: z.enum(['forward', 'fixed-response']),
  FixedResponseConfig: z
    .object({ StatusCode: z.string(), ContentType: z.string().exactOptional(), MessageBody: z.string() })
    .exactOptional(),
  ForwardConfig: z
    .object({
      TargetGroups: z.array(z.object({ TargetGroupArn: z.string(), Weight: z.number() })),
      TargetGroupStickinessConfig: z.object({ Enabled: z.boolean(), DurationSeconds: z.number().exactOptional() }),
    })
    .exactOptional(),
});

const rule = z.object({
  arn: z.string(),
  listenerArn: z.string(),
  priority: z.number(),
  conditions: z.array(condition),
  action,
  tags: z.record(z.string(), z.string()),
});

const failure = z.object({
  reason: z.enum(['Target.ResponseCodeMismatch', 'Target.Timeout', 'Target.FailedHealthChecks']),
  description: z.string(),
});

const target = z.object({
  instanceId: z.string(),
  port: z.number(),
  registeredAt: z.number(),
  health: z.object({
    state: z.enum(['registering', 'checking', 'healthy', 'unhealthy']),
    streak: z.number(),
    failure: failure.exactOptional(),
  }),
  drainsUntil: z.number().exactOptional(),
  healthySince: z.number().exactOptional(),
});

const savedElb = z.object({
  listeners: z.array(z.object({ arn: z.string(), defaultAction: action })),
  rules: z.array(rule),
  groups: z.array(z.object({ arn: z.string(), targets: z.array(target) })),
});

export const saveElb = (state: ElbState) => ({
  listeners: [...state.listeners.values()].map(({ arn, defaultAction }) => ({ arn, defaultAction: formatAction(defaultAction) })),
  rules: [...state.rules.values()].map((one) => ({
    ...one,
    conditions: formatRule(one).Conditions ?? [],
    action: formatAction(one.action),
  })),
  groups: [...state.groups.values()].map(({ arn, targets }) => ({ arn, targets: [...targets.values()] })),
});

export function loadElb(context: RuleContext & { readonly targets: Targets }, saved: unknown): readonly string[] {
  const { state, targets } = context;
  const { listeners, rules, groups } = savedElb.parse(saved);
  for (const { arn, defaultAction } of listeners)
    if (state.listeners.has(arn)) modifyListener(context, { ListenerArn: arn, DefaultActions: [defaultAction] });
  for (const one of rules) if (state.listeners.has(one.listenerArn) && !state.rules.has(one.arn)) restoreRule(context, one);
  for (const { arn, targets: members } of groups) {
    const group = state.groups.get(arn);
    if (group) for (const one of members) targets.restore(group, { ...one, health: { ...one.health, streak: 0 } });
  }
  return [];
}

function restoreRule(context: RuleContext, { arn, listenerArn, priority, ...one }: z.infer<typeof rule>): void {
  createRule(
    { ...context, newId: () => arn.slice(arn.lastIndexOf('/') + 1) },
    {
      ListenerArn: listenerArn,
      Priority: priority,
      Conditions: one.conditions,
      Actions: [one.action],
      Tags: Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value })),
    },
  );
}
