/**
 * What a bundle meets when it runs inside this process: its own environment, the timetable's time, seeded chance, and
 * AWS calls that are function calls. Everything is looked up in the scope of the running invocation; code outside any
 * scope (the runtime itself, the test runner) meets Node's own.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Entry, Random, Timetable } from '../../kernel/world.ts';
import type { InvocationLog } from './log.ts';

export interface LoopbackRequest {
  readonly method: string;
  /** With its query string. */
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface LoopbackResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const never = <Result>() => new Promise<Result>(() => undefined);

export class Scope {
  readonly environment: Readonly<Record<string, string>>;
  readonly time: Timetable;
  readonly random: Random;
  readonly log: Pick<InvocationLog, 'say' | 'print'>;
  readonly #request: (request: LoopbackRequest) => Promise<LoopbackResponse>;
  readonly #timers = new Map<number, Entry>();
  #timersMade = 0;
  #isOver = false;

  constructor(parts: {
    readonly environment: Readonly<Record<string, string>>;
    readonly time: Timetable;
    readonly random: Random;
    readonly log: Pick<InvocationLog, 'say' | 'print'>;
    readonly request: (request: LoopbackRequest) => Promise<LoopbackResponse>;
  }) {
    this.environment = parts.environment;
    this.time = parts.time;
    this.random = parts.random;
    this.log = parts.log;
    this.#request = parts.request;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What an ended invocation asks for never happens and is never answered: its process is frozen or gone. */
  async request(request: LoopbackRequest): Promise<LoopbackResponse> {
    const answer = this.#isOver ? await never<LoopbackResponse>() : await runOutside(() => this.#request(request));
    return this.#isOver ? never() : answer;
  }

  setTimer(ms: number, run: () => void): number {
    this.#timersMade += 1;
    const id = this.#timersMade;
    if (this.#isOver) return id;
    const due = () => {
      this.#timers.delete(id);
      scopes.run(this, run);
    };
    this.#timers.set(id, this.time.after(ms, 'timer of a function', due));
    return id;
  }

  clearTimer(id: number): void {
    this.#timers.get(id)?.cancel();
    this.#timers.delete(id);
  }

  end(): void {
    this.#isOver = true;
    for (const entry of this.#timers.values()) entry.cancel();
    this.#timers.clear();
  }
}

const scopes = new AsyncLocalStorage<Scope | undefined>();

export const currentScope = (): Scope | undefined => scopes.getStore();

/** Also for imports: a module's top level runs in the context of who imports it. */
export const runInScope = <Result>(scope: Scope, run: () => Result): Result => scopes.run(scope, run);

/** For what the runtime does on behalf of a function: its own timers and files are the real ones. */
const runOutside = <Result>(run: () => Result): Result => scopes.run(undefined, run);
