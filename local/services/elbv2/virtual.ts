/** The load balancer without sockets: the same routing, health and metrics, with instances that are asked directly. */
import type { Instances, VirtualNetwork } from '../../kernel/ports.ts';
import { loadBalancerNotFound } from './core/errors.ts';
import type { ElbMetrics } from './core/metrics.ts';
import type { Routing } from './core/routing.ts';
import type { ElbState } from './core/state.ts';
import type { Probe } from './core/targets.ts';
import { judgeStatus, NO_CONNECTION, TIMED_OUT } from './edge/probe.ts';

export interface VirtualRequest {
  /** DNSName and port of the load balancer's listener. */
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the client sees: nothing of who answered. */
export interface VirtualResponse {
  readonly status: number;
  readonly latencyMs: number;
}

interface TrafficPorts {
  readonly state: ElbState;
  readonly routing: Routing;
  readonly metrics: ElbMetrics;
  readonly instances: Instances;
  readonly network?: VirtualNetwork;
}

export class VirtualTraffic {
  readonly #ports: TrafficPorts;

  constructor(ports: TrafficPorts) {
    this.#ports = ports;
  }

  request({ address, port, path, headers = {} }: VirtualRequest): VirtualResponse {
    const { state, routing, metrics } = this.#ports;
    const balancer = [...state.loadBalancers.values()].find((candidate) => candidate.address === address);
    const listener = balancer && state.listenersOf(balancer.arn).find((candidate) => candidate.port === port);
    if (!balancer || !listener) throw loadBalancerNotFound(`${address}:${port}`);
    const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]]));
    const facts = {
      host: headers['host'] ?? address,
      path: path.split('?')[0] ?? '/',
      header: (name: string) => byName.get(name) ?? [],
    };
    const decision = routing.route(listener, facts);
    const base = { isRouted: decision.kind === 'target', isFixed: decision.kind === 'fixed', couldNotConnect: false };
    if (decision.kind === 'fixed') {
      metrics.http(balancer, { ...base, elbStatus: decision.status });
      return { status: decision.status, latencyMs: 0 };
    }
    const answer = decision.kind === 'target' ? this.#ask(decision.target.instanceId, path) : undefined;
    const group = decision.group && { group: decision.group };
    if (answer?.kind !== 'answered') {
      const elbStatus = decision.kind === 'target' ? 502 : 503;
      metrics.http(balancer, { ...base, ...group, elbStatus, couldNotConnect: elbStatus === 502 });
      return { status: elbStatus, latencyMs: 0 };
    }
    const { status, latencyMs } = answer;
    metrics.http(balancer, { ...base, ...group, elbStatus: status, targetStatus: status, targetSeconds: latencyMs / 1000 });
    return { status, latencyMs };
  }

  #ask(instanceId: string, path: string) {
    const address = this.#ports.instances.find(instanceId)?.privateIpAddress;
    return address === undefined ? undefined : this.#ports.network?.request(address, path);
  }
}

export function virtualProbe(network: VirtualNetwork): Probe {
  return (address, _port, check) => {
    const answer = network.request(address, check.path);
    if (answer.kind === 'refused') return Promise.resolve(NO_CONNECTION);
    if (answer.latencyMs > check.timeoutSeconds * 1000) return Promise.resolve(TIMED_OUT);
    return Promise.resolve(check.protocol === 'TCP' ? { kind: 'passed' } : judgeStatus(check.matcher, answer.status));
  };
}
