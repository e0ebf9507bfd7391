import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { bindTcp } from './bind.ts';
import type { ExchangeContext } from './exchange.ts';
import { Exchange } from './exchange.ts';

/** The socket of an application load balancer's listener. */
export class HttpListener {
  readonly #context: ExchangeContext;
  readonly #server: Server;

  constructor(context: ExchangeContext) {
    this.#context = context;
    this.#server = createServer(
      {
        // ALB keeps a client's connection for the idle timeout, and has no limit of its own for a whole request.
        keepAliveTimeout: context.balancer.idleTimeoutSeconds * 1000,
        requestTimeout: 0,
        maxHeaderSize: 65_536,
        noDelay: true,
      },
      (req, res) => new Exchange(context, req, res).run(),
    );
  }

  async start(): Promise<number> {
    const { balancer, listener } = this.#context;
    return bindTcp(this.#server, balancer.address, listener.declaredPort);
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}
