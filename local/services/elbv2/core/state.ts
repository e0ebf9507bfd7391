import { groupsOf } from './actions.ts';
import type { ActionContext } from './actions.ts';
import { groupNotFound, listenerNotFound, loadBalancerNotFound, ruleNotFound } from './errors.ts';
import type { Action, Listener, LoadBalancer, Rule, TargetGroup } from './model.ts';

/** Everything ELB keeps, and the questions asked across it. */
export class ElbState {
  readonly loadBalancers = new Map<string, LoadBalancer>();
  readonly listeners = new Map<string, Listener>();
  readonly rules = new Map<string, Rule>();
  readonly groups = new Map<string, TargetGroup>();

  getLoadBalancer(arn = ''): LoadBalancer {
    return found(this.loadBalancers.get(arn), () => loadBalancerNotFound(arn));
  }

  getListener(arn = ''): Listener {
    return found(this.listeners.get(arn), () => listenerNotFound(arn));
  }

  getRule(arn = ''): Rule {
    return found(this.rules.get(arn), () => ruleNotFound(arn));
  }

  getGroup(arn = ''): TargetGroup {
    return found(this.groups.get(arn), () => groupNotFound(arn));
  }

  listenersOf(loadBalancerArn: string): readonly Listener[] {
    return [...this.listeners.values()].filter((listener) => listener.loadBalancerArn === loadBalancerArn);
  }

  /** Ascending by priority, the default one not among them. */
  rulesOf(listenerArn: string): readonly Rule[] {
    return [...this.rules.values()].filter((rule) => rule.listenerArn === listenerArn).sort((a, b) => a.priority - b.priority);
  }

  /** The load balancer that a group is used by: one that an action names it in, with whatever weight. */
  ownerOf(groupArn: string): string | undefined {
    for (const [arn, action] of this.#actions()) {
      if (groupsOf(action).some((group) => group.groupArn === groupArn)) return arn;
    }
    return undefined;
  }

  actionContext(loadBalancerArn: string): ActionContext {
    return {
      kind: this.getLoadBalancer(loadBalancerArn).kind,
      loadBalancerArn,
      findGroup: (arn) => this.groups.get(arn),
      ownerOf: (arn) => this.ownerOf(arn),
    };
  }

  *#actions(): Generator<readonly [string, Action]> {
    for (const listener of this.listeners.values()) yield [listener.loadBalancerArn, listener.defaultAction];
    for (const rule of this.rules.values()) yield [this.getListener(rule.listenerArn).loadBalancerArn, rule.action];
  }
}

function found<Thing>(thing: Thing | undefined, error: () => Error): Thing {
  if (thing === undefined) throw error();
  return thing;
}
