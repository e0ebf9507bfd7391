import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import type { RequestOptions } from 'node:http';
import type { LoopbackRequest, LoopbackResponse, Scope } from './scope.ts';

/** The little of a socket that HTTP clients touch. */
class QuietSocket extends EventEmitter {
  readonly connecting = false;
  setKeepAlive(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
}

/** Stands where Node's ClientRequest would: collects the body, asks the scope, emits the response. */
export class LoopbackClientRequest extends Writable {
  readonly reusedSocket = true;
  readonly #scope: Scope;
  readonly #head: Omit<LoopbackRequest, 'body'>;
  readonly #chunks: Uint8Array[] = [];

  constructor(scope: Scope, options: RequestOptions) {
    // A request lives on when its body has ended, until it is answered.
    super({ autoDestroy: false });
    this.#scope = scope;
    this.#head = toHead(options);
    process.nextTick(() => {
      this.emit('socket', new QuietSocket());
      if ('expect' in this.#head.headers) this.emit('continue');
    });
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): void {}

  setSocketKeepAlive(): void {}

  flushHeaders(): void {}

  abort(): void {
    this.destroy();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    void this.#send();
    done();
  }

  async #send(): Promise<void> {
    try {
      const answer = await this.#scope.request({ ...this.#head, body: Buffer.concat(this.#chunks) });
      if (this.destroyed) return;
      const incoming = toIncoming(answer).once('close', () => this.destroy());
      this.emit('response', incoming);
    } catch (error) {
      this.emit('error', error);
    }
  }
}

function toHead(options: RequestOptions): Omit<LoopbackRequest, 'body'> {
  const headers = Object.entries(options.headers ?? {}).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : String(value)]],
  );
  const host = `${options.hostname ?? options.host ?? 'localhost'}:${options.port ?? 80}`;
  return { method: options.method ?? 'GET', path: options.path ?? '/', host, headers: Object.fromEntries(headers) };
}

function toIncoming(answer: LoopbackResponse): Readable {
  const body = answer.body.length === 0 ? [] : [Buffer.from(answer.body)];
  return Object.assign(Readable.from(body, { objectMode: false }), {
    statusCode: answer.status,
    statusMessage: '',
    headers: answer.headers,
    rawHeaders: Object.entries(answer.headers).flat(),
    httpVersion: '1.1',
    httpVersionMajor: 1,
    httpVersionMinor: 1,
  });
}
