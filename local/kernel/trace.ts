import type { Trace, TraceEntry } from './world.ts';

export type Listener = (entry: TraceEntry) => void;

/** Keeps the last entries and passes each on. Older ones are dropped and counted, so a long run stays bounded. */
export class MemoryTrace implements Trace {
  readonly #now: () => number;
  readonly #limit: number;
  readonly #listeners = new Set<Listener>();
  #entries: TraceEntry[] = [];
  #dropped = 0;

  constructor(now: () => number, limit = 50_000) {
    this.#now = now;
    this.#limit = limit;
  }

  add(path: string, kind: string, data?: Readonly<Record<string, unknown>>): void {
    const entry: TraceEntry = { at: this.#now(), path, kind, ...(data && { data }) };
    this.#entries.push(entry);
    // Cut at twice the limit: one copy per `limit` entries instead of a shift per entry.
    if (this.#entries.length >= 2 * this.#limit) this.#cut();
    for (const listener of this.#listeners) listener(entry);
  }

  entries(): readonly TraceEntry[] {
    return this.#entries.slice(-this.#limit);
  }

  /** How many entries are no longer kept. */
  get dropped(): number {
    return this.#dropped + Math.max(0, this.#entries.length - this.#limit);
  }

  /** Returns what ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #cut(): void {
    this.#dropped += this.#entries.length - this.#limit;
    this.#entries = this.#entries.slice(-this.#limit);
  }
}

/** One line of JSON, ended. */
export function toJsonLine(entry: TraceEntry): string {
  return `${JSON.stringify(entry)}\n`;
}
