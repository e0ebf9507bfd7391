import type { Invocation, LogSink } from '../../kernel/ports.ts';
import type { Job } from './function.ts';

export type Level = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

/** The lines Lambda writes around an invocation, and what the function says, in the Node.js runtime's text or JSON format. */
export class InvocationLog {
  readonly #sink: LogSink;
  readonly #job: Job;
  readonly #stream: string;
  readonly #now: () => number;
  readonly #startedAt: number;

  constructor(sink: LogSink, job: Job, options: { readonly stream: string; readonly now: () => number }) {
    this.#sink = sink;
    this.#job = job;
    this.#stream = options.stream;
    this.#now = options.now;
    this.#startedAt = options.now();
  }

  start(): void {
    const { requestId, version } = this.#job;
    this.#write(`START RequestId: ${requestId} Version: ${version}`, { type: 'platform.start', record: { requestId, version } });
  }

  say(level: Level, message: string): void {
    const { fn, requestId } = this.#job;
    const timestamp = new Date(this.#now()).toISOString();
    const line =
      fn.logFormat === 'JSON'
        ? JSON.stringify({ timestamp, level, requestId, message })
        : // The runtime writes a carriage return for each line break inside one message.
          `${timestamp}\t${requestId}\t${level}\t${message.replaceAll('\n', '\r')}`;
    this.#sink.write(fn.logGroup, this.#stream, line);
  }

  /** What the function writes to its standard output itself: each line as it is. */
  print(text: string): void {
    for (const line of text.split('\n')) if (line !== '') this.#sink.write(this.#job.fn.logGroup, this.#stream, line);
  }

  end(outcome: Invocation): void {
    const { fn, requestId } = this.#job;
    if (outcome.kind === 'failed') this.say('ERROR', `Invoke Error\t${JSON.stringify(outcome.payload)}`);
    const durationMs = this.#now() - this.#startedAt;
    const status = outcome.kind === 'returned' ? 'success' : outcome.errorType === 'Sandbox.Timedout' ? 'timeout' : 'error';
    if (fn.logFormat === 'Text') this.#write(`END RequestId: ${requestId}`, {});
    this.#write(
      `REPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${Math.ceil(durationMs)} ms\t` +
        `Memory Size: ${fn.memoryMiB} MB${status === 'success' ? '' : `\tStatus: ${status}`}`,
      { type: 'platform.report', record: { requestId, status, metrics: { durationMs, memorySizeMB: fn.memoryMiB } } },
    );
  }

  #write(text: string, json: Readonly<Record<string, unknown>>): void {
    const { fn } = this.#job;
    const time = new Date(this.#now()).toISOString();
    this.#sink.write(fn.logGroup, this.#stream, fn.logFormat === 'JSON' ? JSON.stringify({ time, ...json }) : text);
  }
}

/** `2026/11/24/[$LATEST]8d1c…`, one an execution environment. */
export function logStreamName(at: number, version: string, id: string): string {
  return `${new Date(at).toISOString().slice(0, 10).replaceAll('-', '/')}/[${version}]${id}`;
}
