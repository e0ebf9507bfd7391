import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { AccessLogEntry } from '../core/access-log.ts';
import type { HttpOutcome } from '../core/metrics.ts';
import type { Listener, LoadBalancer, Target } from '../core/model.ts';
import type { Decision } from '../core/routing.ts';
import { statusPage } from './status-page.ts';
import { toClient, toTarget, traceIdFor } from './headers.ts';
import { hostOf, requestFacts, stickyGroup, stickyHeaders } from './request-facts.ts';
import type { Upstreams } from './upstreams.ts';

export interface ExchangeContext {
  readonly balancer: LoadBalancer;
  readonly listener: Listener;
  readonly upstreams: Upstreams;
  route(request: ReturnType<typeof requestFacts>, stuckTo: string | undefined): Decision;
  addressOf(target: Target): string | undefined;
  /** Account time. */
  readonly now: () => number;
  newTraceId(): string;
  /** The entry is made only if somebody asks: not every load balancer keeps an access log. */
  done(outcome: HttpOutcome, entry: () => AccessLogEntry): void;
}

/** ELB's status for a client that went away before it was answered. */
const CLIENT_CLOSED = 460;

const NO_CONNECTION = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EADDRNOTAVAIL']);

/**
 * One request on its way through the load balancer. Bodies stream both ways; nothing is sent twice. Times are real:
 * user traffic is not scaled.
 *
 *   502  the target refused or closed the connection, or answered what is not HTTP
 *   503  there is no target to choose
 *   504  the target did not answer within the idle timeout
 *   460  the client went away first
 */
export class Exchange {
  readonly #context: ExchangeContext;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #decision: Decision;
  readonly #traceId: string;
  readonly #createdAt: number;
  readonly #began = performance.now();
  #sentToTarget: number | undefined;
  #firstByte: number | undefined;
  #targetStatus: number | undefined;
  #couldNotConnect = false;
  #elbStatus: number | undefined;
  #upstream: ClientRequest | undefined;
  #address = '';

  constructor(context: ExchangeContext, req: IncomingMessage, res: ServerResponse) {
    this.#context = context;
    this.#req = req;
    this.#res = res;
    this.#createdAt = context.now();
    const given = req.headers['x-amzn-trace-id'];
    this.#traceId = traceIdFor(typeof given === 'string' ? given : undefined, context.newTraceId());
    this.#decision = context.route(requestFacts(req), stickyGroup(req, context.listener));
  }

  run(): void {
    this.#res.once('close', () => this.#close());
    const decision = this.#decision;
    if (decision.kind === 'fixed') {
      this.#answer(decision.status, decision.contentType ?? 'text/plain', decision.body);
      return;
    }
    const address = decision.kind === 'target' ? this.#context.addressOf(decision.target) : undefined;
    if (decision.kind === 'none' || address === undefined) {
      this.#fail(503);
      return;
    }
    this.#address = address;
    this.#forward(decision.target, address);
  }

  #forward(target: Target, host: string): void {
    const { balancer, listener, upstreams } = this.#context;
    const req = this.#req;
    const headers = toTarget(req.rawHeaders, {
      clientIp: req.socket.remoteAddress ?? '',
      port: listener.declaredPort,
      traceId: this.#traceId,
      dropsInvalid: balancer.dropsInvalidHeaders,
    });
    this.#sentToTarget = performance.now();
    const upstream = httpRequest({
      host,
      port: target.port,
      method: req.method,
      path: req.url,
      headers,
      agent: upstreams.agentFor(target),
      timeout: balancer.idleTimeoutSeconds * 1000,
    });
    this.#upstream = upstream;
    upstream.on('response', (response) => this.#respond(response));
    upstream.on('timeout', () => {
      this.#fail(504);
      upstream.destroy();
    });
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      this.#couldNotConnect = NO_CONNECTION.has(error.code ?? '');
      this.#fail(502);
    });
    if (hasBody(req)) req.pipe(upstream);
    else upstream.end();
  }

  #respond(response: IncomingMessage): void {
    this.#firstByte = performance.now();
    const status = response.statusCode ?? 502;
    this.#targetStatus = status;
    this.#elbStatus = status;
    const sticky = this.#decision.kind === 'target' ? stickyHeaders(this.#decision, this.#context.listener) : [];
    // The client's framing of a body of unknown length is the server's business, so the length must survive.
    this.#res.writeHead(status, response.statusMessage, toClient(response.rawHeaders, sticky));
    // A target that breaks off in the middle breaks the client's connection: the status has already gone out.
    response.on('error', () => this.#res.destroy());
    response.pipe(this.#res);
  }

  #fail(status: number): void {
    if (this.#elbStatus !== undefined) return;
    if (this.#res.destroyed) return;
    const { contentType, body } = statusPage(status);
    this.#answer(status, contentType, body);
  }

  #answer(status: number, contentType: string, body: string): void {
    this.#elbStatus = status;
    this.#res.writeHead(status, { Server: 'awselb/2.0', 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) });
    this.#res.end(this.#req.method === 'HEAD' ? undefined : body);
    // What is left of the request is read and dropped, so that the connection can be used again.
    this.#req.unpipe();
    this.#req.resume();
  }

  #close(): void {
    if (!this.#res.writableFinished) this.#upstream?.destroy();
    const ended = performance.now();
    const elbStatus = this.#elbStatus ?? CLIENT_CLOSED;
    this.#context.done(this.#outcome(elbStatus), () => this.#entry(elbStatus, ended));
  }

  #outcome(elbStatus: number): HttpOutcome {
    const decision = this.#decision;
    return {
      ...(decision.kind !== 'fixed' && decision.group && { group: decision.group }),
      isRouted: decision.kind === 'target',
      isFixed: decision.kind === 'fixed',
      elbStatus,
      couldNotConnect: this.#couldNotConnect,
      ...(this.#targetStatus !== undefined && { targetStatus: this.#targetStatus, targetSeconds: this.#targetSeconds() }),
    };
  }

  #entry(elbStatus: number, ended: number): AccessLogEntry {
    const { balancer, listener, now } = this.#context;
    const [req, decision] = [this.#req, this.#decision];
    return {
      type: 'http',
      at: now(),
      createdAt: this.#createdAt,
      loadBalancer: balancer.fullName,
      client: `${req.socket.remoteAddress ?? '-'}:${req.socket.remotePort ?? 0}`,
      ...(decision.kind === 'target' && { target: `${this.#address}:${decision.target.port}` }),
      ...(this.#sentToTarget !== undefined &&
        !this.#couldNotConnect && { requestSeconds: (this.#sentToTarget - this.#began) / 1000 }),
      ...(this.#firstByte !== undefined && {
        targetSeconds: this.#targetSeconds(),
        responseSeconds: (ended - this.#firstByte) / 1000,
      }),
      elbStatus,
      ...(this.#targetStatus !== undefined && { targetStatus: this.#targetStatus }),
      ...bytesSince(req.socket),
      method: req.method ?? '-',
      url: `http://${hostOf(req) || balancer.address}:${listener.declaredPort}${req.url ?? '/'}`,
      httpVersion: req.httpVersion,
      userAgent: req.headers['user-agent'] ?? '',
      ...(decision.kind !== 'fixed' && decision.group && { groupArn: decision.group.arn }),
      traceId: this.#traceId,
      priority: decision.priority,
      action: decision.kind === 'fixed' ? 'fixed-response' : 'forward',
    };
  }

  #targetSeconds(): number {
    return ((this.#firstByte ?? 0) - (this.#sentToTarget ?? 0)) / 1000;
  }
}

const counted = new WeakMap<Socket, { readonly read: number; readonly written: number }>();

/** Of a kept connection, what has gone over it since it was last asked. */
function bytesSince(socket: Socket): { readonly receivedBytes: number; readonly sentBytes: number } {
  const before = counted.get(socket) ?? { read: 0, written: 0 };
  const now = { read: socket.bytesRead, written: socket.bytesWritten };
  counted.set(socket, now);
  return { receivedBytes: now.read - before.read, sentBytes: now.written - before.written };
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] !== undefined && headers['content-length'] !== '0');
