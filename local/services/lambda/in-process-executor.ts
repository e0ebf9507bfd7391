/**
 * Runs bundles inside this process, on the timetable's time: for tests and campaigns. A module instance serves one
 * invocation at a time, as an execution environment does; one whose invocation was killed is not used again.
 */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Invocation, LogSink } from '../../kernel/ports.ts';
import { createRandom } from '../../kernel/random.ts';
import type { World } from '../../kernel/world.ts';
import { exited, thrown, timedOut, toErrorDocument } from './failure.ts';
import type { Failed } from './failure.ts';
import { runtimeEnvironment } from './function.ts';
import type { Executor, Job } from './function.ts';
import { contextFacts, findHandler, handlerOf, toContext } from './handler.ts';
import type { Handler } from './handler.ts';
import { InvocationLog, logStreamName } from './log.ts';
import { installSandbox } from './sandbox.ts';
import { Scope, runInScope } from './scope.ts';
import type { LoopbackRequest, LoopbackResponse } from './scope.ts';

export interface InProcessOptions {
  readonly world: World;
  readonly logs: LogSink;
  /** Answers what a function asks over HTTP: the gateway and the nodes, without sockets. */
  readonly dispatch: (request: LoopbackRequest, invocation: string) => Promise<LoopbackResponse>;
}

/** An execution environment: its module's state lives on from invocation to invocation. */
interface Instance {
  readonly stream: string;
  handler?: Handler;
}

interface Run {
  readonly job: Job;
  readonly instance: Instance;
  readonly scope: Scope;
  readonly killed: Promise<Failed>;
  kill(failure: Failed): void;
}

export class InProcessExecutor implements Executor {
  readonly #options: InProcessOptions;
  readonly #idle = new Map<string, Instance[]>();
  readonly #runs = new Map<string, Run>();
  #importsLeft = 0;

  constructor(options: InProcessOptions) {
    this.#options = options;
    installSandbox();
  }

  /** Ends an invocation where it stands, as if its process were gone; to be called while one of its requests is answered. */
  kill(requestId: string): void {
    this.#runs.get(requestId)?.kill(exited(requestId, 'signal: killed'));
  }

  /** Reading a module is work that Node's own list of pending work does not show. */
  get isImporting(): boolean {
    return this.#importsLeft > 0;
  }

  async run(job: Job): Promise<Invocation> {
    const { time } = this.#options.world;
    const instance = this.#idle.get(job.fn.arn)?.pop() ?? this.#newInstance(job);
    const log = new InvocationLog(this.#options.logs, job, { stream: instance.stream, now: () => time.now() });
    const run = this.#open(job, instance, log);
    const { requestId, fn } = job;
    const deadline = time.after(fn.timeoutMs, `timeout of ${fn.name}`, () => run.kill(timedOut(requestId, fn.timeoutMs)));
    this.#runs.set(requestId, run);
    log.start();
    const outcome = await Promise.race([run.killed, this.#work(run, deadline.at)]);
    if (!run.scope.isOver) this.#idle.set(fn.arn, [...(this.#idle.get(fn.arn) ?? []), instance]);
    this.#runs.delete(requestId);
    deadline.cancel();
    run.scope.end();
    log.end(outcome);
    return outcome;
  }

  stop(): Promise<void> {
    this.#idle.clear();
    return Promise.resolve();
  }

  #newInstance(job: Job): Instance {
    const { time, random } = this.#options.world;
    return { stream: logStreamName(time.now(), job.version, random.hex(32)) };
  }

  #open(job: Job, instance: Instance, log: InvocationLog): Run {
    const { world } = this.#options;
    const { promise: killed, resolve: kill } = Promise.withResolvers<Failed>();
    const scope: Scope = new Scope({
      environment: { ...runtimeEnvironment(job, world.account), AWS_LAMBDA_LOG_STREAM_NAME: instance.stream },
      time: world.time,
      random: createRandom(world.random.below(2 ** 32)),
      log,
      request: (request) => this.#options.dispatch(request, job.requestId),
    });
    const run: Run = {
      job,
      instance,
      scope,
      killed,
      kill: (failure) => {
        scope.end();
        kill(failure);
      },
    };
    return run;
  }

  async #work(run: Run, deadline: number): Promise<Invocation> {
    const { job, instance, scope } = run;
    try {
      instance.handler ??= await this.#import(job, scope);
      const context = toContext(contextFacts(job, instance.stream), () => deadline - this.#options.world.time.now());
      // Through JSON, because that is all that crosses Lambda's border in either direction.
      const answer: unknown = await runInScope(scope, () => instance.handler?.(viaJson(job.payload), context));
      return { kind: 'returned', payload: viaJson(answer) };
    } catch (error) {
      const document = toErrorDocument(error);
      return thrown({ ...document, trace: document.trace?.map(withoutInstance) });
    }
  }

  /** The query makes each import an instance of its own, also beside those of an earlier runtime in this process. */
  async #import(job: Job, scope: Scope): Promise<Handler> {
    const { url, exported } = findHandler(job.fn.codeDirectory, job.fn.handler);
    this.#importsLeft += 1;
    try {
      const instance = `${url}?instance=${randomUUID()}`;
      const module = await runInScope(scope, () => importNatively(instance));
      return handlerOf(module, job.fn.handler, exported);
    } finally {
      this.#importsLeft -= 1;
    }
  }
}

const native: unknown = createRequire(import.meta.url)('./native-import.cjs');

async function importNatively(url: string): Promise<unknown> {
  const nativeImport: unknown =
    typeof native === 'object' && native !== null && 'nativeImport' in native ? native.nativeImport : undefined;
  if (typeof nativeImport !== 'function') throw new TypeError('native-import.cjs exports nativeImport');
  const module: unknown = await Reflect.apply(nativeImport, undefined, [url]);
  return module;
}

const viaJson = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

/** Which instance it was is nobody's business: the same failure reads the same in every run. */
const withoutInstance = (line: string) => line.replace(/\?instance=[\da-f-]+/g, '');
