/** QEMU's control channel: lines of JSON both ways (docs/interop/qmp-spec in QEMU's sources). */
import type { Duplex } from 'node:stream';

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export class QmpFailed extends Error {
  override readonly name = 'QmpFailed';
}

interface Waiting {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

export class Qmp {
  readonly #channel: Duplex;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: QmpEvent) => void>();
  #closed: (() => void)[] = [];
  #unfinished = '';
  #asked = 0;
  #isClosed = false;

  constructor(channel: Duplex) {
    this.#channel = channel;
    // Its end is told by the process; a write to a dead QEMU is a command that failed.
    channel.on('error', () => this.#close());
    channel.on('close', () => this.#close());
    channel.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
  }

  /** Returns what ends the subscription. */
  on(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Called when no answer comes any more; at once, if that is so already. */
  onClose(run: () => void): void {
    if (this.#isClosed) run();
    else this.#closed.push(run);
  }

  /** QEMU answers the first command, `qmp_capabilities`, when the whole machine was made. */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new QmpFailed(`${command}: the machine is off`));
    this.#asked += 1;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#asked, { command, resolve, reject });
    this.#channel.write(`${JSON.stringify({ execute: command, id: this.#asked, ...(args && { arguments: args }) })}\n`);
    return promise;
  }

  #hear(text: string): void {
    const lines = `${this.#unfinished}${text}`.split('\n');
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    const message = parse(line);
    if (message === undefined) return;
    if (typeof message['event'] === 'string') {
      const event = { event: message['event'], data: isRecord(message['data']) ? message['data'] : {} };
      for (const listener of this.#listeners) listener(event);
      return;
    }
    const id = message['id'];
    const waiting = typeof id === 'number' ? this.#waiting.get(id) : undefined;
    if (waiting === undefined || typeof id !== 'number') return;
    this.#waiting.delete(id);
    const { error } = message;
    if (error === undefined) waiting.resolve(message['return']);
    else waiting.reject(new QmpFailed(`${waiting.command}: ${isRecord(error) ? String(error['desc']) : 'failed'}`));
  }

  #close(): void {
    this.#isClosed = true;
    for (const { command, reject } of this.#waiting.values()) reject(new QmpFailed(`${command}: the machine went off`));
    this.#waiting.clear();
    for (const run of this.#closed.splice(0)) run();
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return isRecord(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
