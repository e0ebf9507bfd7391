/** Runs functions in worker threads: an environment an invocation at a time, idle ones used again, a few a function. */
import type { Invocation } from '../../kernel/ports.ts';
import { thrown, toErrorDocument } from './failure.ts';
import type { Executor, Job } from './function.ts';
import { ExecutionEnvironment } from './environment.ts';
import type { EnvironmentPorts } from './environment.ts';

/** A machine is not a region: more at once wait their turn. */
const MOST_PER_FUNCTION = 8;

interface Pool {
  readonly idle: ExecutionEnvironment[];
  readonly waiting: (() => void)[];
  busy: number;
}

export class LiveExecutor implements Executor {
  readonly #ports: EnvironmentPorts;
  readonly #pools = new Map<string, Pool>();
  readonly #environments = new Set<ExecutionEnvironment>();
  #isStopped = false;

  constructor(ports: EnvironmentPorts) {
    this.#ports = ports;
  }

  async run(job: Job): Promise<Invocation> {
    const pool = this.#poolOf(job);
    while (pool.busy >= MOST_PER_FUNCTION) await new Promise<void>((go) => pool.waiting.push(go));
    pool.busy += 1;
    try {
      return await this.#runIn(pool, job);
    } catch (error) {
      // The environment could not be started: Lambda reports that as the function's failure.
      return thrown(toErrorDocument(error));
    } finally {
      pool.busy -= 1;
      pool.waiting.shift()?.();
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#environments].map((environment) => environment.stop()));
  }

  async #runIn(pool: Pool, job: Job): Promise<Invocation> {
    const environment = this.#take(pool, job);
    const outcome = await environment.run(job);
    if (environment.isUsable && !this.#isStopped) pool.idle.push(environment);
    else this.#environments.delete(environment);
    return outcome;
  }

  #take(pool: Pool, job: Job): ExecutionEnvironment {
    for (let idle = pool.idle.pop(); idle !== undefined; idle = pool.idle.pop()) {
      if (idle.isUsable) return idle;
      this.#environments.delete(idle);
    }
    if (this.#isStopped) throw new Error('the runtime is stopping');
    const made = new ExecutionEnvironment(this.#ports, job);
    this.#environments.add(made);
    return made;
  }

  #poolOf({ fn, version }: Job): Pool {
    const key = `${fn.arn}:${version}`;
    const pool = this.#pools.get(key) ?? { idle: [], waiting: [], busy: 0 };
    this.#pools.set(key, pool);
    return pool;
  }
}
