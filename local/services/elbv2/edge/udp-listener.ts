import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { performance } from 'node:perf_hooks';
import type { Target } from '../core/model.ts';
import { explained, isNamed } from './bind.ts';
import type { FlowContext } from './tcp-listener.ts';

/** A UDP flow without packets for this long (real time) is forgotten ("Connection idle timeout", NLB user guide). */
const IDLE_MS = 120_000;
const SHIFT = 8_000;

interface Flow {
  readonly socket: Socket;
  readonly host: string;
  readonly target: Target;
  lastAt: number;
}

/** Packets of one source go to one target, from a socket of their own, so that answers find back. */
export class UdpListener {
  readonly #context: FlowContext;
  readonly #socket = createSocket('udp4');
  readonly #flows = new Map<string, Flow>();

  constructor(context: FlowContext) {
    this.#context = context;
    this.#socket.on('message', (message, from) => this.#receive(message, from));
  }

  async start(): Promise<number> {
    const { balancer, listener } = this.#context;
    try {
      return await this.#bind(balancer.address, listener.declaredPort);
    } catch (cause) {
      if (!isNamed(cause, 'EACCES')) throw explained(cause, balancer.address, listener.declaredPort);
      return await this.#bind(balancer.address, listener.declaredPort + SHIFT);
    }
  }

  drop(target: Target): void {
    for (const [key, flow] of this.#flows) if (flow.target === target) this.#close(key, flow);
  }

  /** Forgets idle flows. Asked from time to time. */
  sweep(): void {
    const oldest = performance.now() - IDLE_MS;
    for (const [key, flow] of this.#flows) if (flow.lastAt < oldest) this.#close(key, flow);
  }

  stop(): Promise<void> {
    for (const [key, flow] of this.#flows) this.#close(key, flow);
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #bind(address: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind({ address, port }, () => {
        this.#socket.removeListener('error', reject);
        this.#socket.on('error', () => undefined);
        resolve(this.#socket.address().port);
      });
    });
  }

  #receive(message: Buffer, from: { readonly address: string; readonly port: number }): void {
    const key = `${from.address}:${from.port}`;
    const flow = this.#flows.get(key) ?? this.#open(key, from);
    // No target: the packet is dropped, as there is nobody to tell.
    if (!flow) return;
    flow.lastAt = performance.now();
    this.#context.metrics.flow(this.#context.balancer, 'ProcessedBytes', message.length);
    flow.socket.send(message, flow.target.port, flow.host);
  }

  #open(key: string, from: { readonly address: string; readonly port: number }): Flow | undefined {
    const { balancer, metrics, routeFlow, addressOf } = this.#context;
    const routed = routeFlow(key);
    const host = routed && addressOf(routed.target);
    if (!routed || host === undefined) return undefined;
    metrics.flow(balancer, 'NewFlowCount');
    const socket = createSocket('udp4');
    const flow: Flow = { socket, host, target: routed.target, lastAt: performance.now() };
    this.#flows.set(key, flow);
    socket.on('error', () => this.#close(key, flow));
    socket.on('message', (answer) => {
      flow.lastAt = performance.now();
      metrics.flow(balancer, 'ProcessedBytes', answer.length);
      this.#socket.send(answer, from.port, from.address);
    });
    return flow;
  }

  #close(key: string, { socket }: Flow): void {
    if (this.#flows.delete(key)) socket.close();
  }
}
