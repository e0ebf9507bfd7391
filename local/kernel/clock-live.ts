import { Agenda } from './timetable.ts';
import type { Due } from './timetable.ts';
import type { Entry, Timetable } from './world.ts';

export interface LiveClockOptions {
  /** Account seconds a wall-clock second. */
  readonly speed?: number;
  /** Instant of account time to begin with; the wall clock's unless given. */
  readonly start?: number;
  /** Told of every entry that fails; nothing else sees it. */
  readonly onError: (label: string, error: unknown) => void;
}

/** setTimeout fires at once for delays above 2^31-1 ms (24.8 days), so longer ones are slept in parts. */
const LONGEST_SLEEP_MS = 2 ** 30;

/** Account time that follows the wall clock, faster by `speed`. The one place in `local/` that reads it or sets a timer. */
export class LiveClock implements Timetable {
  readonly speed: number;
  readonly #agenda = new Agenda();
  readonly #onError: (label: string, error: unknown) => void;
  readonly #start: number;
  // Monotonic, so that a corrected wall clock does not move account time back.
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Infinity;
  #isStopped = false;

  constructor(options: LiveClockOptions) {
    this.speed = options.speed ?? 1;
    if (!(this.speed > 0)) throw new TypeError(`speed must be above 0, is ${this.speed}`);
    this.#start = options.start ?? Date.now();
    this.#onError = options.onError;
  }

  now(): number {
    return Math.floor(this.#start + (performance.now() - this.#startedAt) * this.speed);
  }

  at(instant: number, label: string, run: () => void | Promise<void>): Entry {
    const entry = this.#agenda.add(instant, label, run);
    if (instant < this.#wakesAt) this.#sleep();
    return entry;
  }

  after(ms: number, label: string, run: () => void | Promise<void>): Entry {
    return this.at(this.now() + Math.max(0, ms), label, run);
  }

  /** Nothing runs afterwards; entries to come are kept, unrun. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    const next = this.#agenda.next();
    this.#wakesAt = next ?? Infinity;
    if (next === undefined || this.#isStopped) return;
    const ms = Math.min(LONGEST_SLEEP_MS, Math.max(0, Math.ceil((next - this.now()) / this.speed)));
    this.#timer = setTimeout(() => this.#wake(), ms);
    this.#timer.unref();
  }

  #wake(): void {
    // Only what was due at waking: entries that add others at once must not starve the event loop.
    const now = this.now();
    for (let due = this.#agenda.take(now); due !== undefined && !this.#isStopped; due = this.#agenda.take(now))
      void this.#run(due);
    this.#sleep();
  }

  async #run(due: Due): Promise<void> {
    try {
      await due.run();
    } catch (error) {
      this.#onError(due.label, error);
    }
  }
}
