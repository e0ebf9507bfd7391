import { quiet } from './quiet.ts';
import { Agenda } from './timetable.ts';
import type { Due } from './timetable.ts';
import type { Entry, Timetable } from './world.ts';

export interface VirtualClockOptions {
  /** First instant; a fixed one unless given, so that two runs are alike. */
  readonly start?: number;
  /** Resolves when work in flight has finished or waits for time. */
  readonly settle?: () => Promise<void>;
}

const START = Date.UTC(2030, 0, 1);

/** Time that moves only when told, from entry to entry. An entry that throws fails the call that moved time over it. */
export class VirtualClock implements Timetable {
  readonly #agenda = new Agenda();
  readonly #settle: () => Promise<void>;
  readonly #failures: Error[] = [];
  #now: number;

  constructor(options: VirtualClockOptions = {}) {
    this.#now = options.start ?? START;
    this.#settle = options.settle ?? (() => quiet());
  }

  now(): number {
    return this.#now;
  }

  at(instant: number, label: string, run: () => void | Promise<void>): Entry {
    return this.#agenda.add(Math.max(instant, this.#now), label, run);
  }

  after(ms: number, label: string, run: () => void | Promise<void>): Entry {
    return this.#agenda.add(this.#now + Math.max(0, ms), label, run);
  }

  /** How many entries are to come, for assertions that nothing is left. */
  get entries(): number {
    return this.#agenda.size;
  }

  async advanceBy(ms: number): Promise<void> {
    await this.advanceTo(this.#now + ms);
  }

  /** Runs every entry due up to and including `instant`, also those entered on the way. */
  async advanceTo(instant: number): Promise<void> {
    await this.#calm();
    while (await this.#step(instant));
    this.#now = Math.max(this.#now, instant);
  }

  /**
   * Runs entries until `holds` does; resolves with the instant. Throws after `limitMs` of account time, or when
   * nothing is scheduled any more, so that a test that waits in vain says so at once.
   */
  async runUntil(holds: () => boolean, limitMs = 86_400_000): Promise<number> {
    const limit = this.#now + limitMs;
    await this.#calm();
    while (!holds()) {
      if (await this.#step(limit)) continue;
      const why = this.#agenda.size === 0 ? 'nothing is scheduled any more' : `${limitMs} ms have passed`;
      throw new Error(`what was waited for did not come: ${why}`);
    }
    return this.#now;
  }

  async #step(limit: number): Promise<boolean> {
    const due = this.#agenda.take(limit);
    if (due === undefined) return false;
    this.#now = due.at;
    // Not awaited: an entry may itself wait for a later one. Settling is what waits, for it and for all it set off.
    void this.#run(due);
    await this.#calm();
    return true;
  }

  async #run(due: Due): Promise<void> {
    try {
      await due.run();
    } catch (cause) {
      this.#failures.push(new Error(`timetable entry '${due.label}' failed`, { cause }));
    }
  }

  async #calm(): Promise<void> {
    await this.#settle();
    const failure = this.#failures.shift();
    if (failure !== undefined) throw failure;
  }
}
