/** The metadata service of one instance on a socket, which opens when its machine asks where it is. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { MetadataDoor } from '../drivers/driver.ts';
import type { MetadataAnswer, MetadataRequest } from './metadata.ts';

const HOST = '127.0.0.1';

export class MetadataSocket implements MetadataDoor {
  readonly #answer: (request: MetadataRequest) => MetadataAnswer;
  #server: Promise<Server> | undefined;

  constructor(answer: (request: MetadataRequest) => MetadataAnswer) {
    this.#answer = answer;
  }

  async endpoint(): Promise<{ readonly host: string; readonly port: number }> {
    this.#server ??= listen((request, response) => this.#serve(request, response));
    const address = (await this.#server).address();
    if (address === null || typeof address === 'string') throw new TypeError('a server that listens has a port');
    return { host: HOST, port: address.port };
  }

  async close(): Promise<void> {
    const server = await this.#server;
    server?.close();
    server?.closeAllConnections();
  }

  /** QEMU starts a process a connection, so each has one request and its end. */
  #serve(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]));
    const { status, body, headers: more } = this.#answer({ method: request.method ?? '', path: request.url ?? '', headers });
    const bytes = Buffer.from(body);
    response.writeHead(status, { 'content-type': 'text/plain', 'content-length': bytes.length, connection: 'close', ...more });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }
}

function listen(serve: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(serve);
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, HOST, () => resolve(server));
  });
}
