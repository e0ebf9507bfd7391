/** The weighted rules of an ALB, or the default action of an NLB, which has no rules. */
import {
  type Action,
  CreateRuleCommand,
  DeleteRuleCommand,
  type ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyRuleCommand,
  PriorityInUseException,
  type Rule,
  type RuleCondition,
  RuleNotFoundException,
  paginateDescribeListeners,
  paginateDescribeRules,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Weights } from '../core/release/release.ts';
import { GROUPS, type Group, type Service } from '../core/service/service.ts';
import type { Traffic } from '../core/traffic/ports.ts';
import { SERVICE, STACK, toTags } from './tags.ts';

type RuleWeights = Weights['main'];
type Beta = NonNullable<Service['file']['beta']>;

/** Lower is asked first: beta users are picked out before the rule that takes everybody. */
const MAIN_PRIORITY = 100;
const BETA_PRIORITY = 50;
/** ALB's largest weight. It stands for all requests, 1000 thousandths, which only a group alone in its rule can have. */
const MAX_WEIGHT = 999;

export class ElbTraffic implements Traffic {
  private readonly client: ElasticLoadBalancingV2Client;
  private readonly stack: string;

  constructor(client: ElasticLoadBalancingV2Client, stack: string) {
    this.client = client;
    this.stack = stack;
  }

  async read(service: Service): Promise<Weights> {
    if (service.file.protocol !== 'http') return { main: toWeights(service, await this.defaultActions(service)), beta: {} };
    const rules = await this.rules(service);
    const weights = (priority: number) => toWeights(service, atPriority(rules, priority)?.Actions ?? []);
    return { main: weights(MAIN_PRIORITY), beta: weights(BETA_PRIORITY) };
  }

  async write(service: Service, weights: Weights): Promise<void> {
    if (service.file.protocol !== 'http') return this.writeDefaultAction(service, weights.main);
    const rules = await this.rules(service);
    const { beta } = service.file;
    if (beta)
      await this.writeRule(service, rules, { priority: BETA_PRIORITY, conditions: toCondition(beta), weights: weights.beta });
    const everything: RuleCondition[] = [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }];
    await this.writeRule(service, rules, { priority: MAIN_PRIORITY, conditions: everything, weights: weights.main });
  }

  private async writeRule(
    service: Service,
    rules: readonly Rule[],
    wanted: { readonly priority: number; readonly conditions: RuleCondition[]; readonly weights: RuleWeights },
  ): Promise<void> {
    const RuleArn = atPriority(rules, wanted.priority)?.RuleArn;
    if (hasNoWeight(wanted.weights)) return RuleArn ? this.removeRule(RuleArn) : undefined;
    const content = { Conditions: wanted.conditions, Actions: toActions(service, wanted.weights) };
    if (RuleArn) {
      await this.client.send(new ModifyRuleCommand({ RuleArn, ...content }));
      return;
    }
    // Rules do not inherit the listener's tags, and the right to change one goes by its tag.
    const Tags = toTags({ [STACK]: this.stack, [SERVICE]: service.file.name });
    const created = { ListenerArn: service.resources.listener, Priority: wanted.priority, Tags, ...content };
    try {
      await this.client.send(new CreateRuleCommand(created));
    } catch (cause) {
      // Made a moment ago by a call whose answer was lost: then it is there, and takes the weights like any other.
      const made = cause instanceof PriorityInUseException && atPriority(await this.rules(service), wanted.priority);
      if (!made) throw cause;
      await this.client.send(new ModifyRuleCommand({ RuleArn: made.RuleArn, ...content }));
    }
  }

  private async removeRule(RuleArn: string): Promise<void> {
    try {
      await this.client.send(new DeleteRuleCommand({ RuleArn }));
    } catch (cause) {
      if (!(cause instanceof RuleNotFoundException)) throw cause;
    }
  }

  private async writeDefaultAction(service: Service, weights: RuleWeights): Promise<void> {
    const DefaultActions = toActions(service, weights);
    await this.client.send(new ModifyListenerCommand({ ListenerArn: service.resources.listener, DefaultActions }));
  }

  private async rules(service: Service): Promise<readonly Rule[]> {
    const rules: Rule[] = [];
    const pages = paginateDescribeRules({ client: this.client }, { ListenerArn: service.resources.listener });
    for await (const page of pages) rules.push(...(page.Rules ?? []));
    return rules;
  }

  private async defaultActions(service: Service): Promise<readonly Action[]> {
    const actions: Action[] = [];
    const pages = paginateDescribeListeners({ client: this.client }, { ListenerArns: [service.resources.listener] });
    for await (const page of pages) actions.push(...(page.Listeners ?? []).flatMap((l) => l.DefaultActions ?? []));
    return actions;
  }
}

const atPriority = (rules: readonly Rule[], priority: number) => rules.find((rule) => rule.Priority === String(priority));

const hasNoWeight = (weights: RuleWeights) => Object.values(weights).every((weight) => weight === 0);

/** All five groups are listed, so that each stays in use. Group stickiness overrides weights: it is off in the same call. */
export function toActions(service: Service, weights: RuleWeights): Action[] {
  const TargetGroups = GROUPS.map((group) => ({
    TargetGroupArn: service.resources.targetGroups[group],
    Weight: Math.min(MAX_WEIGHT, weights[group] ?? 0),
  }));
  return [{ Type: 'forward', ForwardConfig: { TargetGroups, TargetGroupStickinessConfig: { Enabled: false } } }];
}

export function toWeights(service: Service, actions: readonly Action[]): RuleWeights {
  const listed = actions.flatMap((action) => action.ForwardConfig?.TargetGroups ?? []);
  const weightOf = (group: Group) =>
    listed.find((tuple) => tuple.TargetGroupArn === service.resources.targetGroups[group])?.Weight ?? 0;
  const weighted = GROUPS.map((group) => ({ group, weight: weightOf(group) })).filter(({ weight }) => weight > 0);
  const isAlone = weighted.length === 1;
  return Object.fromEntries(
    weighted.map(({ group, weight }) => [group, isAlone && weight === MAX_WEIGHT ? MAX_WEIGHT + 1 : weight]),
  );
}

/**
 * ALB has no condition for cookies: the header is matched as a whole. The four patterns are the cookie alone, first,
 * last and between others, so that `xbeta=1` or `beta=10` is not taken for `beta=1`. (A rule takes five values.)
 */
export function toCondition({ header, cookie, host }: Beta): RuleCondition[] {
  if (header) return [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: header.name, Values: [header.value] } }];
  if (host) return [{ Field: 'host-header', HostHeaderConfig: { Values: [host] } }];
  const pair = cookie ? `${cookie.name}=${cookie.value}` : '';
  const Values = [pair, `${pair};*`, `*; ${pair}`, `*; ${pair};*`];
  return [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Cookie', Values } }];
}
