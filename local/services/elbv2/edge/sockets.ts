import type { Instances, ObjectStore } from '../../../kernel/ports.ts';
import type { Entry, World } from '../../../kernel/world.ts';
import type { ElbMetrics } from '../core/metrics.ts';
import type { Listener, LoadBalancer, Target, TargetGroup } from '../core/model.ts';
import type { Routing } from '../core/routing.ts';
import type { ElbState } from '../core/state.ts';
import { AccessLogWriter } from './access-log-writer.ts';
import type { ExchangeContext } from './exchange.ts';
import { HttpListener } from './http-listener.ts';
import type { FlowContext } from './tcp-listener.ts';
import { TcpListener } from './tcp-listener.ts';
import { UdpListener } from './udp-listener.ts';
import { Upstreams } from './upstreams.ts';

export interface SocketsPorts {
  readonly world: World;
  readonly state: ElbState;
  readonly routing: Routing;
  readonly metrics: ElbMetrics;
  readonly instances: Instances;
  readonly objects: ObjectStore;
}

const SWEEP_MS = 60_000;

/** All that listens and connects: opened when everything is declared, closed to the last socket at the end. */
export class Sockets {
  readonly #ports: SocketsPorts;
  readonly #upstreams = new Upstreams();
  readonly #logs = new Map<string, AccessLogWriter>();
  readonly #open: (HttpListener | TcpListener | UdpListener)[] = [];
  #sweeping: Entry | undefined;
  #traces = 0;
  readonly #tracePrefix: string;

  constructor(ports: SocketsPorts) {
    this.#ports = ports;
    this.#tracePrefix = ports.world.random.hex(14);
  }

  async start(): Promise<void> {
    const { state, world } = this.#ports;
    for (const balancer of state.loadBalancers.values()) {
      const log = new AccessLogWriter(world, this.#ports.objects, balancer);
      this.#logs.set(balancer.arn, log);
      if (balancer.accessLog) log.start();
      for (const listener of state.listenersOf(balancer.arn)) await this.#listen(balancer, listener);
    }
    this.#sweep();
  }

  async stop(): Promise<void> {
    this.#sweeping?.cancel();
    await Promise.all(this.#open.map((listener) => listener.stop()));
    this.#upstreams.stop();
    for (const log of this.#logs.values()) await log.stop();
  }

  release(group: TargetGroup, target: Target): void {
    this.#upstreams.release(target);
    if (group.attributes['deregistration_delay.connection_termination.enabled'] === 'true') this.#drop(target);
  }

  /** An unhealthy target of a network load balancer loses its connections, unless its group says otherwise. */
  healthChanged(group: TargetGroup, target: Target): void {
    const ends = group.attributes['target_health_state.unhealthy.connection_termination.enabled'] === 'true';
    if (target.health.state === 'unhealthy' && ends && group.protocol !== 'HTTP') this.#drop(target);
  }

  #drop(target: Target): void {
    for (const listener of this.#open) if (!(listener instanceof HttpListener)) listener.drop(target);
  }

  async #listen(balancer: LoadBalancer, listener: Listener): Promise<void> {
    const opened = this.#make(balancer, listener);
    listener.port = await opened.start();
    this.#open.push(opened);
    const moved =
      listener.port === listener.declaredPort ? {} : { declared: listener.declaredPort, why: 'ports below 1024 need root' };
    const { address } = balancer;
    this.#ports.world.trace.add('elbv2', 'listens', { address, port: listener.port, protocol: listener.protocol, ...moved });
  }

  #make(balancer: LoadBalancer, listener: Listener): HttpListener | TcpListener | UdpListener {
    if (listener.protocol === 'HTTP') return new HttpListener(this.#exchanges(balancer, listener));
    const { metrics, routing } = this.#ports;
    const flows: FlowContext = {
      balancer,
      listener,
      metrics,
      routeFlow: (flow) => routing.routeFlow(listener, flow),
      addressOf: (target) => this.#addressOf(target),
    };
    return listener.protocol === 'TCP' ? new TcpListener(flows) : new UdpListener(flows);
  }

  #exchanges(balancer: LoadBalancer, listener: Listener): ExchangeContext {
    const { metrics, routing, world } = this.#ports;
    const log = this.#logs.get(balancer.arn);
    return {
      balancer,
      listener,
      upstreams: this.#upstreams,
      route: (request, stuckTo) => routing.route(listener, request, stuckTo),
      addressOf: (target) => this.#addressOf(target),
      now: () => world.time.now(),
      newTraceId: () => this.#traceId(),
      done: (outcome, entry) => {
        metrics.http(balancer, outcome);
        if (balancer.accessLog) log?.add(entry());
      },
    };
  }

  #addressOf({ instanceId }: Target): string | undefined {
    const address = this.#ports.instances.find(instanceId)?.privateIpAddress;
    return address === '' ? undefined : address;
  }

  /** `1-67a92466-4b6aa15a05ffcd7c510de968`: the time in seconds, and 24 digits of its own, counted from a drawn beginning. */
  #traceId(): string {
    const seconds = Math.floor(this.#ports.world.time.now() / 1000).toString(16);
    return `1-${seconds}-${this.#tracePrefix}${(++this.#traces).toString(16).padStart(10, '0')}`;
  }

  #sweep(): void {
    for (const listener of this.#open) if (listener instanceof UdpListener) listener.sweep();
    this.#sweeping = this.#ports.world.time.after(SWEEP_MS, 'elbv2 forgets idle flows', () => this.#sweep());
  }
}
