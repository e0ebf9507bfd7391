import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { ElbMetrics } from '../core/metrics.ts';
import type { Listener, LoadBalancer, Target, TargetGroup } from '../core/model.ts';
import { bindTcp } from './bind.ts';

export interface FlowContext {
  readonly balancer: LoadBalancer;
  readonly listener: Listener;
  readonly metrics: ElbMetrics;
  readonly routeFlow: (flow: string) => { readonly group: TargetGroup; readonly target: Target } | undefined;
  readonly addressOf: (target: Target) => string | undefined;
}

/** A network load balancer's TCP listener: a connection stays with the target it was opened to, whatever the weights become. */
export class TcpListener {
  readonly #context: FlowContext;
  readonly #server: Server;
  readonly #flows = new Map<Socket, Target>();

  constructor(context: FlowContext) {
    this.#context = context;
    // Half-open: a client that has sent all may still be answered.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#open(client));
  }

  async start(): Promise<number> {
    return bindTcp(this.#server, this.#context.balancer.address, this.#context.listener.declaredPort);
  }

  /** Ends the flows of a target that became unhealthy, or has drained where the group says so. */
  drop(target: Target): void {
    for (const [client, served] of this.#flows) if (served === target) client.resetAndDestroy();
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const client of this.#flows.keys()) client.destroy();
    await closed;
  }

  #open(client: Socket): void {
    const { balancer, metrics, routeFlow, addressOf } = this.#context;
    const routed = routeFlow(`${client.remoteAddress ?? ''}:${client.remotePort ?? 0}`);
    const host = routed && addressOf(routed.target);
    client.on('error', () => client.destroy());
    if (!routed || host === undefined) {
      metrics.flow(balancer, 'TCP_ELB_Reset_Count');
      client.resetAndDestroy();
      return;
    }
    metrics.flow(balancer, 'NewFlowCount');
    this.#flows.set(client, routed.target);
    this.#join(client, connect({ host, port: routed.target.port, allowHalfOpen: true, noDelay: true }));
  }

  #join(client: Socket, upstream: Socket): void {
    const { balancer, metrics } = this.#context;
    client.pipe(upstream);
    upstream.pipe(client);
    upstream.on('error', () => {
      metrics.flow(balancer, 'TCP_Target_Reset_Count');
      client.resetAndDestroy();
    });
    client.once('close', () => {
      this.#flows.delete(client);
      upstream.destroy();
      metrics.flow(balancer, 'ProcessedBytes', client.bytesRead + client.bytesWritten);
    });
  }
}
