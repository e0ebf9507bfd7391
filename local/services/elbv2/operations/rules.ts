import type {
  CreateRuleInput,
  CreateRuleOutput,
  DeleteRuleInput,
  DescribeRulesInput,
  DescribeRulesOutput,
  ModifyRuleInput,
  ModifyRuleOutput,
  Rule as SdkRule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { World } from '../../../kernel/world.ts';
import { formatAction, parseActions } from '../core/actions.ts';
import { formatCondition, parseConditions } from '../core/conditions.ts';
import { invalid, priorityInUse } from '../core/errors.ts';
import type { Listener, Rule } from '../core/model.ts';
import type { Routing } from '../core/routing.ts';
import type { ElbState } from '../core/state.ts';
import { page } from './page.ts';
import { toRecord } from './tags.ts';

const MAX_PRIORITY = 50_000;
const MAX_RULES = 100;

export interface RuleContext {
  readonly world: World;
  readonly state: ElbState;
  readonly routing: Routing;
  /** Of the rule's ARN; drawn unless given. */
  readonly newId?: () => string;
}

export function createRule(context: RuleContext, input: CreateRuleInput): CreateRuleOutput {
  const { world, state, routing, newId = () => world.random.hex(16) } = context;
  const listener = state.getListener(input.ListenerArn);
  const { kind } = state.getLoadBalancer(listener.loadBalancerArn);
  if (kind === 'network')
    throw invalid('Rules are not supported for network load balancers locally; change the listener instead');
  if (input.Transforms?.length) throw invalid('Rule transforms are not known locally');
  const priority = input.Priority ?? 0;
  if (!(Number.isInteger(priority) && priority >= 1 && priority <= MAX_PRIORITY)) {
    throw invalid(`Priority '${priority}' must be between 1 and ${MAX_PRIORITY}`);
  }
  const others = state.rulesOf(listener.arn);
  if (others.some((rule) => rule.priority === priority)) throw priorityInUse(priority);
  if (others.length >= MAX_RULES)
    throw new AwsError('TooManyRules', `Listener '${listener.arn}' can have no more than ${MAX_RULES} rules`);
  const rule: Rule = {
    arn: `${listener.arn.replace(':listener/', ':listener-rule/')}/${newId()}`,
    listenerArn: listener.arn,
    priority,
    conditions: parseConditions(input.Conditions),
    action: parseActions(input.Actions, state.actionContext(listener.loadBalancerArn)),
    tags: toRecord(input.Tags),
  };
  state.rules.set(rule.arn, rule);
  routing.propagate(listener.arn);
  return { Rules: [formatRule(rule)] };
}

/** Conditions and actions are each replaced as a whole, if given. */
export function modifyRule({ state, routing }: RuleContext, input: ModifyRuleInput): ModifyRuleOutput {
  const rule = state.rules.get(input.RuleArn ?? '') ?? refuseDefault(state, input.RuleArn);
  if (input.Transforms?.length) throw invalid('Rule transforms are not known locally');
  const listener = state.getListener(rule.listenerArn);
  const changed: Rule = {
    ...rule,
    ...(input.Conditions && { conditions: parseConditions(input.Conditions) }),
    ...(input.Actions && { action: parseActions(input.Actions, state.actionContext(listener.loadBalancerArn)) }),
  };
  state.rules.set(rule.arn, changed);
  routing.propagate(listener.arn);
  return { Rules: [formatRule(changed)] };
}

export function deleteRule({ state, routing }: RuleContext, input: DeleteRuleInput): Record<string, never> {
  const rule = state.rules.get(input.RuleArn ?? '') ?? refuseDefault(state, input.RuleArn);
  state.rules.delete(rule.arn);
  routing.propagate(rule.listenerArn);
  return {};
}

/** In order of priority, the default rule last. */
export function describeRules(state: ElbState, input: DescribeRulesInput): DescribeRulesOutput {
  if (Boolean(input.ListenerArn) === Boolean(input.RuleArns?.length)) throw invalid('Specify either a listener ARN or rule ARNs');
  const { things, NextMarker } = page(
    input.ListenerArn ? ofListener(state, input.ListenerArn) : byArn(state, input.RuleArns ?? []),
    input,
  );
  return { Rules: things, NextMarker };
}

function ofListener(state: ElbState, arn: string): readonly SdkRule[] {
  const listener = state.getListener(arn);
  return [...state.rulesOf(arn).map(formatRule), formatDefault(listener)];
}

function byArn(state: ElbState, arns: readonly string[]): readonly SdkRule[] {
  return arns.map((arn) => {
    const owner = [...state.listeners.values()].find((listener) => defaultRuleArn(listener) === arn);
    return owner ? formatDefault(owner) : formatRule(state.getRule(arn));
  });
}

function refuseDefault(state: ElbState, arn = ''): Rule {
  const isDefault = [...state.listeners.values()].some((listener) => defaultRuleArn(listener) === arn);
  if (isDefault) throw new AwsError('OperationNotPermitted', `Default rule '${arn}' cannot be changed here; modify the listener`);
  return state.getRule(arn);
}

export function formatRule({ arn, priority, conditions, action }: Rule): SdkRule {
  return {
    RuleArn: arn,
    Priority: String(priority),
    Conditions: conditions.map(formatCondition),
    Actions: [formatAction(action)],
    IsDefault: false,
  };
}

function formatDefault(listener: Listener): SdkRule {
  return {
    RuleArn: defaultRuleArn(listener),
    Priority: 'default',
    Conditions: [],
    Actions: [formatAction(listener.defaultAction)],
    IsDefault: true,
  };
}

/** Derived, as the default rule has no life of its own. */
const defaultRuleArn = ({ arn }: Listener): string => `${arn.replace(':listener/', ':listener-rule/')}/${arn.slice(-16)}`;
