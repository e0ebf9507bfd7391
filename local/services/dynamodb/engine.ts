/** dynalite, asked without HTTP: a request and a response of its own kind go straight to its listener. */
import dynalite from 'dynalite';
import type { Server } from 'node:http';
import { Readable } from 'node:stream';
import { readWhole } from '../../protocols/limits.ts';
import type { WireRequest, WireResponse } from '../../protocols/wire.ts';

export class Engine {
  readonly #server: Server;
  readonly #isKept: boolean;

  /** Tables are in LevelDB under `path`, or in memory. They become active at once: dynalite would wait by the wall clock. */
  constructor(path: string | undefined) {
    this.#isKept = path !== undefined;
    this.#server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, ...(path !== undefined && { path }) });
  }

  async respond(request: WireRequest): Promise<WireResponse> {
    const body = await readWhole(request.body);
    const headers = { ...request.headers, ...signed(request) };
    const incoming = Object.assign(Readable.from([body]), { method: request.method, url: request.path, headers });
    return new Promise((resolve) => this.#server.emit('request', incoming, new Collected(resolve)));
  }

  /** One operation from inside; `status` is 200 or the error's. */
  async ask(operation: string, input: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDB_20120810.${operation}` };
    const body = Readable.from([Buffer.from(JSON.stringify(input))]);
    const response = await this.respond({ method: 'POST', path: '/', query: new URLSearchParams(), headers, body });
    return { status: response.status, body: JSON.parse(typeof response.body === 'string' ? response.body : '{}') };
  }

  async stop(): Promise<void> {
    if (!this.#isKept) return;
    // dynalite closes its store only after its server, and a server can be closed only once it listens.
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** dynalite wants a signature, though it does not verify it; callers may have none, or one in the query. */
const signed = (request: WireRequest) => ({
  authorization: request.headers['authorization'] ?? 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=none',
  'x-amz-date': request.headers['x-amz-date'] ?? '20300101T000000Z',
});

/** As much of a ServerResponse as dynalite uses. */
class Collected {
  statusCode = 200;
  contentType = '';
  readonly #headers: Record<string, string> = {};
  readonly #resolve: (response: WireResponse) => void;

  constructor(resolve: (response: WireResponse) => void) {
    this.#resolve = resolve;
  }

  setHeader(name: string, value: unknown): void {
    this.#headers[name.toLowerCase()] = String(value);
  }

  end(body = ''): void {
    this.#resolve({ status: this.statusCode, headers: this.#headers, body });
  }
}
