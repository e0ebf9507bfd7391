import type { World } from '../../../kernel/world.ts';
import type { Listener, Target, TargetGroup } from './model.ts';
import { chooseGroup, flowTarget, RoundRobin, slowStartShare, usableTargets } from './choose.ts';
import { findAction } from './match-rule.ts';
import type { Match, RequestFacts } from './match-rule.ts';
import type { ElbState } from './state.ts';

/** A change of rules or weights reaches the load balancer's nodes this long after the call was answered. */
export const PROPAGATION_MS = { least: 1_000, most: 5_000 } as const;

export type Decision =
  | {
      readonly kind: 'fixed';
      readonly priority: number;
      readonly status: number;
      readonly contentType?: string;
      readonly body: string;
    }
  /** No target could be chosen: 503. */
  | { readonly kind: 'none'; readonly priority: number; readonly group?: TargetGroup }
  | {
      readonly kind: 'target';
      readonly priority: number;
      readonly group: TargetGroup;
      readonly target: Target;
      readonly stickySeconds?: number;
    };

/** Who gets a request. Routes follow the configuration after a delay, as on AWS. */
export class Routing {
  readonly #world: World;
  readonly #state: ElbState;
  readonly #turns = new Map<string, RoundRobin>();
  #changes = 0;

  constructor(world: World, state: ElbState) {
    this.#world = world;
    this.#state = state;
  }

  /** `group`: the one a sticky client was sent to before. */
  route(listener: Listener, request: RequestFacts, stuckTo?: string): Decision {
    const match = findAction(listener.routes, request);
    const { action, priority } = match;
    if (action.kind === 'fixed')
      return { kind: 'fixed', priority, status: action.status, contentType: action.contentType, body: action.body };
    const group = this.#group(match, stuckTo);
    const target = group && this.#nextTarget(group);
    if (!group || !target) return { kind: 'none', priority, ...(group && { group }) };
    return {
      kind: 'target',
      priority,
      group,
      target,
      ...(action.stickySeconds !== undefined && { stickySeconds: action.stickySeconds }),
    };
  }

  /** For a new connection or flow of a network load balancer. */
  routeFlow(listener: Listener, flow: string): { readonly group: TargetGroup; readonly target: Target } | undefined {
    const group = this.#group({ action: listener.routes.defaultAction, priority: 0 });
    const target = group && flowTarget(usableTargets(group.targets.values()), flow);
    return group && target && { group, target };
  }

  /** The listener's rules or default action have changed. */
  propagate(listenerArn: string): void {
    const listener = this.#state.getListener(listenerArn);
    const change = ++this.#changes;
    const routes = { change, rules: this.#state.rulesOf(listenerArn), defaultAction: listener.defaultAction };
    const delay = PROPAGATION_MS.least + this.#world.random.below(PROPAGATION_MS.most - PROPAGATION_MS.least);
    this.#world.time.after(delay, `elbv2 routes ${listenerArn} anew`, () => {
      if (change < listener.routes.change) return;
      listener.routes = routes;
      this.#world.trace.add('elbv2', 'routes', { listener: listenerArn, rules: routes.rules.map(({ priority }) => priority) });
    });
  }

  /** What the template declares holds from the first request. */
  settle(): void {
    for (const listener of this.#state.listeners.values()) {
      listener.routes = {
        change: ++this.#changes,
        rules: this.#state.rulesOf(listener.arn),
        defaultAction: listener.defaultAction,
      };
    }
  }

  #group({ action }: Match, stuckTo?: string): TargetGroup | undefined {
    if (action.kind === 'fixed') return undefined;
    const stuck =
      action.stickySeconds !== undefined && action.groups.some(({ groupArn }) => groupArn === stuckTo) ? stuckTo : undefined;
    const arn = stuck ?? chooseGroup(action.groups, this.#world.random);
    return arn === undefined ? undefined : this.#state.groups.get(arn);
  }

  #nextTarget(group: TargetGroup): Target | undefined {
    const turn = this.#turns.get(group.arn) ?? new RoundRobin();
    this.#turns.set(group.arn, turn);
    const slowStartMs = Number(group.attributes['slow_start.duration_seconds'] ?? 0) * 1000;
    const now = this.#world.time.now();
    return turn.next(
      usableTargets(group.targets.values()),
      (target) => slowStartShare(target, slowStartMs, now),
      this.#world.random,
    );
  }
}
