/** Runs in a worker thread: one execution environment of one function, one invocation at a time. */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { format } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { toErrorDocument } from './failure.ts';
import { handlerOf, toContext } from './handler.ts';
import type { Handler } from './handler.ts';
import type { Level } from './log.ts';
import type { WorkerJob, WorkerMessage, WorkerStart } from './worker-protocol.ts';

const say = (message: WorkerMessage) => parentPort?.postMessage(message);

const LEVELS: readonly (readonly ['trace' | 'debug' | 'log' | 'info' | 'warn' | 'error', Level])[] = [
  ['trace', 'TRACE'],
  ['debug', 'DEBUG'],
  ['log', 'INFO'],
  ['info', 'INFO'],
  ['warn', 'WARN'],
  ['error', 'ERROR'],
];

function captureConsole(): void {
  for (const [name, level] of LEVELS) {
    console[name] = (...args: unknown[]) => say({ kind: 'said', level, message: format(...args) });
  }
}

function captureOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    // Through the same port as the answer, so that no line comes after it.
    stream.write = (chunk: Uint8Array | string) => {
      say({ kind: 'printed', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
      return true;
    };
  }
}

/** Account time, from what the last job said. Timers stay the machine's: running code takes real time. */
const account = { now: Date.now(), speed: 1, told: performance.now() };

function followAccountTime(): void {
  const RealDate = globalThis.Date;
  const now = () => Math.floor(account.now + (performance.now() - account.told) * account.speed);
  const AccountDate: DateConstructor = new Proxy(RealDate, {
    construct(target, args: readonly unknown[], caller): Date {
      const made: unknown = Reflect.construct(
        target,
        args.length === 0 ? [now()] : args,
        caller === AccountDate ? target : caller,
      );
      return made instanceof RealDate ? made : new RealDate(now());
    },
    apply: () => new RealDate(now()).toString(),
    get: (target, name): unknown => (name === 'now' ? now : Reflect.get(target, name)),
  });
  globalThis.Date = AccountDate;
}

let handler: Handler | undefined;

async function load({ url, handler: name, exported, compileCache }: WorkerStart): Promise<Handler> {
  if (compileCache !== undefined) enableCompileCache(compileCache);
  const module: unknown = await import(url);
  return handlerOf(module, name, exported);
}

async function run(start: WorkerStart, job: WorkerJob): Promise<void> {
  Object.assign(account, { now: job.now, speed: job.speed, told: performance.now() });
  const deadline = performance.now() + job.timeoutMs;
  const isFirst = handler === undefined;
  try {
    handler ??= await load(start);
    const context = toContext(job.facts, () => Math.max(0, Math.floor(deadline - performance.now())));
    const answer: unknown = await handler(job.payload, context);
    say({ kind: 'returned', text: answer === undefined ? 'null' : JSON.stringify(answer) });
  } catch (error) {
    say({ kind: 'failed', error: toErrorDocument(error), isInit: handler === undefined });
  }
  // After the first invocation, so that what it compiled is kept too: a terminated thread writes nothing at its end.
  if (isFirst) flushCompileCache();
}

function listen(start: WorkerStart): void {
  captureConsole();
  captureOutput();
  followAccountTime();
  process.on('uncaughtException', (error) => {
    // The Node.js runtime reports it for the running invocation and exits.
    say({ kind: 'failed', error: toErrorDocument(error), isInit: false });
    process.exit(129);
  });
  parentPort?.on('message', (job: WorkerJob) => void run(start, job));
}

const isStart = (data: unknown): data is WorkerStart => typeof data === 'object' && data !== null && 'exported' in data;
if (isStart(workerData)) listen(workerData);
