import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Invocation, LogSink } from '../../kernel/ports.ts';
import type { World } from '../../kernel/world.ts';
import { exited, thrown, timedOut, toErrorDocument } from './failure.ts';
import type { Failed } from './failure.ts';
import { runtimeEnvironment } from './function.ts';
import type { Job } from './function.ts';
import { contextFacts, findHandler } from './handler.ts';
import { InvocationLog, logStreamName } from './log.ts';
import type { WorkerJob, WorkerMessage, WorkerStart } from './worker-protocol.ts';

export interface EnvironmentPorts {
  readonly world: World;
  readonly logs: LogSink;
  readonly speed: number;
}

/** A worker thread that holds one function's code: what Lambda calls an execution environment. */
export class ExecutionEnvironment {
  readonly #ports: EnvironmentPorts;
  readonly #worker: Worker;
  readonly #stream: string;
  #isOver = false;

  constructor(ports: EnvironmentPorts, job: Job) {
    this.#ports = ports;
    this.#stream = logStreamName(ports.world.time.now(), job.version, ports.world.random.hex(32));
    this.#worker = startWorker(ports, job, this.#stream);
    // An exit between invocations has no one to tell.
    this.#worker.on('error', () => (this.#isOver = true));
    this.#worker.on('exit', () => (this.#isOver = true));
    this.#worker.unref();
  }

  /** Whether it can take another invocation. */
  get isUsable(): boolean {
    return !this.#isOver;
  }

  async run(job: Job): Promise<Invocation> {
    const { world, logs } = this.#ports;
    const log = new InvocationLog(logs, job, { stream: this.#stream, now: () => world.time.now() });
    log.start();
    const outcome = await this.#outcome(job, log);
    if (this.#isOver || (outcome.kind === 'failed' && MUST_GO.has(outcome.errorType))) await this.stop();
    log.end(outcome);
    return outcome;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#worker.terminate();
  }

  #outcome(job: Job, log: InvocationLog): Promise<Invocation> {
    const { promise, resolve } = Promise.withResolvers<Invocation>();
    const onMessage = (message: WorkerMessage) => {
      if (message.kind === 'said') log.say(message.level, message.message);
      else if (message.kind === 'printed') log.print(message.text);
      else resolve(this.#take(message));
    };
    const onExit = (code: number) => resolve(exited(job.requestId, `exit status ${code}`));
    const onError = (error: unknown) => resolve(toExit(job, error));
    // Real time: running code takes real time, whatever the account's speed.
    const deadline = setTimeout(() => resolve(timedOut(job.requestId, job.fn.timeoutMs)), job.fn.timeoutMs);
    this.#worker.on('message', onMessage).once('exit', onExit).once('error', onError);
    this.#worker.postMessage(this.#toWorkerJob(job));
    return promise.finally(() => {
      clearTimeout(deadline);
      this.#worker.off('message', onMessage).off('exit', onExit).off('error', onError);
    });
  }

  #take(message: Exclude<WorkerMessage, { kind: 'said' | 'printed' }>): Invocation {
    if (message.kind === 'returned') return { kind: 'returned', payload: JSON.parse(message.text) };
    this.#isOver ||= message.isInit;
    return thrown(message.error);
  }

  #toWorkerJob(job: Job): WorkerJob {
    const { world, speed } = this.#ports;
    const facts = contextFacts(job, this.#stream);
    return { facts, payload: job.payload, timeoutMs: job.fn.timeoutMs, now: world.time.now(), speed };
  }
}

/** After these the environment is thrown away. */
const MUST_GO: ReadonlySet<string> = new Set([
  'Sandbox.Timedout',
  'Runtime.ExitError',
  'Runtime.OutOfMemory',
  'Runtime.ImportModuleError',
]);

function startWorker({ world }: EnvironmentPorts, job: Job, stream: string): Worker {
  const { handler, codeDirectory } = job.fn;
  const start: WorkerStart = { ...findHandler(codeDirectory, handler), handler, compileCache: getCompileCacheDir() };
  return new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: start,
    env: { ...runtimeEnvironment(job, world.account), AWS_LAMBDA_LOG_STREAM_NAME: stream },
    execArgv: [],
    // The rest of the declared memory is for code and buffers, as in Lambda, where the heap gets part of it.
    resourceLimits: { maxOldGenerationSizeMb: Math.max(64, Math.floor(job.fn.memoryMiB * 0.9)) },
    stdout: false,
    stderr: false,
  });
}

function toExit(job: Job, error: unknown): Failed {
  const isOutOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  if (!isOutOfMemory) return thrown(toErrorDocument(error));
  return thrown({
    errorType: 'Runtime.OutOfMemory',
    errorMessage: `RequestId: ${job.requestId} Error: Runtime exited with error: signal: killed`,
  });
}
