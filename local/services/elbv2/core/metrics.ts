/** What ELB publishes to CloudWatch ("CloudWatch metrics for your Application / Network Load Balancer", ELB user guides). */
import type { Dimensions, MetricSink } from '../../../kernel/ports.ts';
import { usableTargets } from './choose.ts';
import type { LoadBalancer, TargetGroup } from './model.ts';

/** Seconds are kept to a tenth of a millisecond, so that a minute of them stays small. */
const GRAIN = 10_000;

export interface HttpOutcome {
  readonly group?: TargetGroup;
  /** A target was chosen: such requests count as requests. */
  readonly isRouted: boolean;
  readonly isFixed: boolean;
  readonly elbStatus: number;
  readonly targetStatus?: number;
  /** From sending the request to the first byte of the answer. */
  readonly targetSeconds?: number;
  readonly couldNotConnect: boolean;
}

export class ElbMetrics {
  readonly #sink: MetricSink;
  readonly #dimensions = new Map<string, Dimensions>();

  constructor(sink: MetricSink) {
    this.#sink = sink;
  }

  /** Counts that are 0 are not published at all: their metrics have no data then. */
  http(balancer: LoadBalancer, outcome: HttpOutcome): void {
    const put = (metric: string, value = 1): void => this.#put(balancer, outcome.group, metric, value);
    if (outcome.isRouted) put('RequestCount');
    if (outcome.couldNotConnect) put('TargetConnectionErrorCount');
    if (outcome.isFixed) put('HTTP_Fixed_Response_Count');
    if (outcome.targetStatus === undefined) {
      this.#elbStatus(balancer, outcome.elbStatus);
      return;
    }
    put(`HTTPCode_Target_${Math.floor(outcome.targetStatus / 100)}XX_Count`);
    if (outcome.targetSeconds !== undefined) put('TargetResponseTime', Math.round(outcome.targetSeconds * GRAIN) / GRAIN);
  }

  flow(
    balancer: LoadBalancer,
    metric: 'NewFlowCount' | 'ProcessedBytes' | 'TCP_Target_Reset_Count' | 'TCP_ELB_Reset_Count',
    value = 1,
  ): void {
    if (value > 0) this.#put(balancer, undefined, metric, value);
  }

  /** Once a minute, and when it changes. A network load balancer says nothing of a group without targets. */
  hosts(balancer: LoadBalancer, group: TargetGroup): void {
    const staying = [...group.targets.values()].filter(({ drainsUntil }) => drainsUntil === undefined);
    if (balancer.kind === 'network' && staying.length === 0) return;
    const of = this.#of(balancer, group);
    const count = (state: string): number => staying.filter(({ health }) => health.state === state).length;
    this.#sink.put(namespaceOf(balancer), 'HealthyHostCount', of, count('healthy'));
    this.#sink.put(namespaceOf(balancer), 'UnHealthyHostCount', of, count('unhealthy'));
  }

  /** Sent to unhealthy targets because there are no others. */
  failedOpen(balancer: LoadBalancer, group: TargetGroup): void {
    if (usableTargets(group.targets.values())[0]?.health.state === 'unhealthy')
      this.#put(balancer, group, 'UnhealthyRoutingRequestCount', 1);
  }

  /** Answers the load balancer made itself are known by load balancer only, not by group. */
  #elbStatus(balancer: LoadBalancer, status: number): void {
    const family = Math.floor(status / 100);
    if (family !== 4 && family !== 5) return;
    this.#put(balancer, undefined, `HTTPCode_ELB_${family}XX_Count`, 1);
    if (status === 500 || (status >= 502 && status <= 504)) this.#put(balancer, undefined, `HTTPCode_ELB_${status}_Count`, 1);
  }

  /** By load balancer, and by load balancer and group. */
  #put(balancer: LoadBalancer, group: TargetGroup | undefined, metric: string, value: number): void {
    const namespace = namespaceOf(balancer);
    this.#sink.put(namespace, metric, this.#of(balancer), value);
    if (group) this.#sink.put(namespace, metric, this.#of(balancer, group), value);
  }

  /** One object for each pair, for its whole life: the sink finds its series by it. */
  #of(balancer: LoadBalancer, group?: TargetGroup): Dimensions {
    const key = group ? `${balancer.arn}\n${group.arn}` : balancer.arn;
    const known = this.#dimensions.get(key);
    if (known) return known;
    const made: Dimensions = group
      ? { TargetGroup: group.fullName, LoadBalancer: balancer.fullName }
      : { LoadBalancer: balancer.fullName };
    this.#dimensions.set(key, made);
    return made;
  }
}

const namespaceOf = ({ kind }: LoadBalancer): string => (kind === 'application' ? 'AWS/ApplicationELB' : 'AWS/NetworkELB');
