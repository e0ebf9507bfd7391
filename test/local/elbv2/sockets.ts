/** Real targets on loopback, and a client that tells all it saw. */
import { createServer, request } from 'node:http';
import type { Agent, IncomingHttpHeaders, RequestListener, Server } from 'node:http';
import { createServer as createTcp } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export async function freePort(address = '127.0.0.1'): Promise<number> {
  const server = createTcp().listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function serve(address: string, port: number, answer: RequestListener): Promise<Server> {
  const server = createServer(answer).listen(port, address);
  await once(server, 'listening');
  return server;
}

export interface Asked {
  readonly port: number;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly agent?: Agent;
}

export function ask({ port, path = '/', method = 'GET', headers, body, agent }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sending = request({ host: '127.0.1.1', port, path, method, headers, agent: agent ?? false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString() }),
      );
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
