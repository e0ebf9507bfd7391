/** The gateway on HTTP: real sockets, or any duplex given to `server.emit('connection', duplex)`. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { WireBody, WireRequest, WireResponse } from '../protocols/wire.ts';
import type { Gateway } from './gateway.ts';
import { invocationOf } from './invocations.ts';

export function createGatewayServer(gateway: Gateway, now: () => number): Server {
  // Without Node's own time limits: they are wall-clock, and a call may wait for account time.
  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 }, (request, response) => {
    void serve(gateway, now, request, response);
  });
  return server.on('clientError', (_error, socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
}

async function serve(gateway: Gateway, now: () => number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await send(await gateway.respond(toWire(request), request.socket.remoteAddress), now, request, response);
  } catch {
    // Cut on purpose, by a failing body, or by the client: there is nobody to tell.
    request.socket.destroy();
  }
}

export function toWire(request: IncomingMessage): WireRequest {
  // Node joins repeated headers in `headers`, save set-cookie, which no AWS request has.
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value ?? '')] as const);
  const invocation = invocationOf(request.socket);
  const [path = '/', ...query] = (request.url ?? '/').split('?');
  return {
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(query.join('?')),
    headers: { ...Object.fromEntries(headers), ...(invocation !== undefined && { 'x-local-invocation': invocation }) },
    body: request,
  };
}

async function send(answer: WireResponse, now: () => number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.sendDate = false;
  // SDKs correct their clock by this header, so it must be account time.
  response.setHeaders(new Map(Object.entries({ date: new Date(now()).toUTCString(), ...answer.headers })));
  response.statusCode = answer.status;
  const hasNoBody = request.method === 'HEAD' || answer.status === 204 || answer.status === 304;
  if (hasNoBody) return void response.end();
  await sendBody(answer.body ?? '', response);
}

async function sendBody(body: WireBody, response: ServerResponse): Promise<void> {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = Buffer.from(body);
    response.setHeader('content-length', bytes.length);
    response.end(bytes);
    return;
  }
  for await (const chunk of body) {
    if (response.destroyed) return;
    await sendPart(chunk, response);
  }
  response.end();
}

/** Until it is with the system, or the client is gone: the part's place is then used for the next. */
function sendPart(part: Uint8Array, response: ServerResponse): Promise<void> {
  return new Promise((sent) => {
    const end = () => {
      response.off('close', end);
      sent();
    };
    response.on('close', end).write(part, end);
  });
}
