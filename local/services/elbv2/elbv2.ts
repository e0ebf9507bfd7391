import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Instances, MetricSink, ObjectStore, VirtualNetwork } from '../../kernel/ports.ts';
import type { LocalService, Operation } from '../../kernel/service.ts';
import type { Entry, World } from '../../kernel/world.ts';
import { ElbMetrics } from './core/metrics.ts';
import { PROPAGATION_MS, Routing } from './core/routing.ts';
import { ElbState } from './core/state.ts';
import { Targets } from './core/targets.ts';
import { probe } from './edge/probe.ts';
import { Sockets } from './edge/sockets.ts';
import { describeListeners, modifyListener } from './operations/listeners.ts';
import { describeLoadBalancers } from './operations/load-balancers.ts';
import { createRule, deleteRule, describeRules, modifyRule } from './operations/rules.ts';
import { describeTags } from './operations/tags.ts';
import { describeTargetGroups } from './operations/target-groups.ts';
import { describeTargetHealth } from './operations/target-health.ts';
import { declareListener, declareListenerRule } from './resources/listener.ts';
import { declareLoadBalancer } from './resources/load-balancer.ts';
import { declareTargetGroup } from './resources/target-group.ts';
import { loadElb, saveElb } from './saved.ts';
import { VirtualTraffic, virtualProbe } from './virtual.ts';

const GAPS = [
  'HTTP/1.1 without certificates only; no WebSockets; actions are forward and fixed-response; conditions are host-header, path-pattern and http-header with values',
  `changes of rules and weights reach requests ${PROPAGATION_MS.least / 1000} to ${PROPAGATION_MS.most / 1000} seconds after the call`,
  'health checks come as often as declared in account time, but a check times out after its declared time in real time, however fast account time runs',
  'a request under way is not cut off when the deregistration delay of its target ends',
  'an action whose groups all have weight 0 is answered as one without targets (503, or a reset connection); AWS does not document it',
  'a fixed response of 4XX or 5XX is counted among the answers made by the load balancer; AWS does not document it',
  'targets are instances; target stickiness, zones, and load balancing by outstanding requests are not kept; group stickiness is',
  'TargetResponseTime is kept to a tenth of a millisecond',
  'where ports below 1024 need root, a listener takes its port + 8000, which DescribeListeners then answers',
];

export interface Elbv2Ports {
  readonly world: World;
  readonly instances: Instances;
  readonly metrics: MetricSink;
  readonly objects: ObjectStore;
  /** Given: no sockets at all; instances are asked through it, and requests come through `traffic`. */
  readonly network?: VirtualNetwork;
}

export interface Elbv2 extends LocalService {
  /** Requests without sockets, for the in-process mode. */
  readonly traffic: VirtualTraffic;
}

export function createElbv2(ports: Elbv2Ports): Elbv2 {
  const { world, instances, network } = ports;
  const state = new ElbState();
  const routing = new Routing(world, state);
  const metrics = new ElbMetrics(ports.metrics);
  const targets = new Targets(world, state, { instances, probe: network ? virtualProbe(network) : probe });
  const sockets = new Sockets({ world, state, routing, metrics, instances, objects: ports.objects });
  const hosts = new HostCounts(world, state, metrics);
  targets.onRemoved = (group, target) => sockets.release(group, target);
  targets.onHealth = (group, target) => {
    hosts.put(group.arn);
    sockets.healthChanged(group, target);
  };
  const context = { world, state, routing, instances };
  return {
    name: 'elasticloadbalancing',
    gaps: GAPS,
    operations: operationsOf({ ...context, targets }),
    resources: {
      'AWS::ElasticLoadBalancingV2::LoadBalancer': (resource) => declareLoadBalancer(context, resource),
      'AWS::ElasticLoadBalancingV2::TargetGroup': (resource) => declareTargetGroup(context, resource),
      'AWS::ElasticLoadBalancingV2::Listener': (resource) => declareListener(context, resource),
      'AWS::ElasticLoadBalancingV2::ListenerRule': (resource) => declareListenerRule(context, resource),
    },
    traffic: new VirtualTraffic({ state, routing, metrics, instances, ...(network && { network }) }),
    save: () => saveElb(state),
    load: (saved) => loadElb({ ...context, targets }, saved),
    async start() {
      routing.settle();
      hosts.start();
      if (!network) await sockets.start();
    },
    async stop() {
      hosts.stop();
      targets.stop();
      await sockets.stop();
    },
  };
}

interface OperationContext {
  readonly world: World;
  readonly state: ElbState;
  readonly routing: Routing;
  readonly instances: Instances;
  readonly targets: Targets;
}

function operationsOf(context: OperationContext): Readonly<Record<string, Operation>> {
  const { state, targets, world } = context;
  return {
    DescribeLoadBalancers: {
      schema: sdk.DescribeLoadBalancers$,
      run: (input: sdk.DescribeLoadBalancersInput) => describeLoadBalancers(state, input, world.account.zones),
    },
    DescribeTargetGroups: {
      schema: sdk.DescribeTargetGroups$,
      run: (input: sdk.DescribeTargetGroupsInput) => describeTargetGroups(state, input),
    },
    DescribeListeners: {
      schema: sdk.DescribeListeners$,
      run: (input: sdk.DescribeListenersInput) => describeListeners(state, input),
    },
    ModifyListener: { schema: sdk.ModifyListener$, run: (input: sdk.ModifyListenerInput) => modifyListener(context, input) },
    DescribeRules: { schema: sdk.DescribeRules$, run: (input: sdk.DescribeRulesInput) => describeRules(state, input) },
    CreateRule: { schema: sdk.CreateRule$, run: (input: sdk.CreateRuleInput) => createRule(context, input) },
    ModifyRule: { schema: sdk.ModifyRule$, run: (input: sdk.ModifyRuleInput) => modifyRule(context, input) },
    DeleteRule: { schema: sdk.DeleteRule$, run: (input: sdk.DeleteRuleInput) => deleteRule(context, input) },
    RegisterTargets: {
      schema: sdk.RegisterTargets$,
      run: (input: sdk.RegisterTargetsInput) => (targets.register(state.getGroup(input.TargetGroupArn), input.Targets ?? []), {}),
    },
    DeregisterTargets: {
      schema: sdk.DeregisterTargets$,
      run: (input: sdk.DeregisterTargetsInput) => (
        targets.deregister(state.getGroup(input.TargetGroupArn), input.Targets ?? []),
        {}
      ),
    },
    DescribeTargetHealth: {
      schema: sdk.DescribeTargetHealth$,
      run: (input: sdk.DescribeTargetHealthInput) => describeTargetHealth(context, input),
    },
    DescribeTags: { schema: sdk.DescribeTags$, run: (input: sdk.DescribeTagsInput) => describeTags(state, input) },
  };
}

const MINUTE_MS = 60_000;

/** HealthyHostCount and UnHealthyHostCount of the groups in use, every minute and when they change. */
class HostCounts {
  readonly #world: World;
  readonly #state: ElbState;
  readonly #metrics: ElbMetrics;
  #entry: Entry | undefined;

  constructor(world: World, state: ElbState, metrics: ElbMetrics) {
    this.#world = world;
    this.#state = state;
    this.#metrics = metrics;
  }

  start(): void {
    for (const arn of this.#state.groups.keys()) this.put(arn);
    this.#entry = this.#world.time.after(MINUTE_MS, 'elbv2 counts hosts', () => this.start());
  }

  stop(): void {
    this.#entry?.cancel();
  }

  put(groupArn: string): void {
    const group = this.#state.getGroup(groupArn);
    const owner = this.#state.ownerOf(groupArn);
    if (owner !== undefined && group.check.enabled) this.#metrics.hosts(this.#state.getLoadBalancer(owner), group);
  }
}
