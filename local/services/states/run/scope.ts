/** What ends everything under a scope before its time: a sibling branch failed, or (`Ended`) the whole execution is over. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** The execution was stopped or timed out. AWS writes no aborted states then, only the execution's own end. */
export class Ended extends Cancelled {}

/** Whether a state was given up for a sibling's failure, which the history says. */
export function isAborted(error: unknown): boolean {
  return error instanceof Cancelled && !(error instanceof Ended);
}

/**
 * A part of an execution that can be given up as a whole. Whatever waits, waits through its scope; cancelling ends the waits
 * of the scope and of all scopes under it, in the order they began.
 */
export class Scope {
  readonly #hooks = new Set<(reason: Error) => void>();
  #reason: Error | undefined;
  #leave: () => void = () => undefined;

  cancel(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const hooks = [...this.#hooks];
    this.#hooks.clear();
    for (const hook of hooks) hook(reason);
  }

  /** Throws if the scope was given up. */
  check(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }

  fork(): Scope {
    const inner = new Scope();
    if (this.#reason !== undefined) inner.cancel(this.#reason);
    else inner.#leave = this.#onCancel((reason) => inner.cancel(reason));
    return inner;
  }

  /** The work is over: the parent need not reach it any more. */
  close(): void {
    this.#leave();
  }

  /** Waits for what `begin` starts. `begin` returns how to give it up. */
  async wait<T>(begin: (done: (value: T) => void, failed: (error: Error) => void) => () => void): Promise<T> {
    this.check();
    return new Promise<T>((resolve, reject) => {
      let giveUp: () => void = () => undefined;
      const off = this.#onCancel((reason) => {
        giveUp();
        reject(reason);
      });
      giveUp = begin(
        (value) => {
          off();
          resolve(value);
        },
        (error) => {
          off();
          reject(error);
        },
      );
    });
  }

  /** Waits for somebody else's work. It cannot be stopped; once the scope is given up its outcome is ignored. */
  async outside<T>(work: Promise<T>): Promise<T> {
    return this.wait<T>((done, failed) => {
      work.then(done, (cause: unknown) => failed(cause instanceof Error ? cause : new Error(String(cause))));
      return () => undefined;
    });
  }

  #onCancel(hook: (reason: Error) => void): () => void {
    this.#hooks.add(hook);
    return () => void this.#hooks.delete(hook);
  }
}

/**
 * Runs jobs, at most `concurrency` at a time, started in order. The first to fail cancels the others; its error is thrown when
 * all have ended.
 */
export async function gather<T>(
  outer: Scope,
  jobs: readonly ((scope: Scope) => Promise<T>)[],
  concurrency: number,
): Promise<T[]> {
  const scope = outer.fork();
  const results: T[] = [];
  const failures: unknown[] = [];
  const waiting = [...jobs.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && failures.length === 0; next = waiting.shift()) {
      const [index, job] = next;
      try {
        results[index] = await job(scope);
      } catch (error) {
        failures.push(error);
        scope.cancel(new Cancelled('a sibling branch failed'));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, jobs.length) }, worker));
  scope.close();
  if (failures.length > 0) throw failures[0];
  return results;
}
