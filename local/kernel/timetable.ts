import type { Entry } from './world.ts';

/** An entry that is due: taken off the agenda, not yet run. */
export interface Due {
  readonly at: number;
  readonly label: string;
  readonly run: () => void | Promise<void>;
}

interface Slot extends Due {
  readonly order: number;
  cancelled: boolean;
}

const sooner = (a: Slot, b: Slot): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/**
 * What is to happen when: a binary heap ordered by instant, then by order of entry. It knows no clock; the drivers
 * (`clock-virtual.ts`, `clock-live.ts`) ask what is due. Cancelled entries stay until they surface or outnumber the rest.
 */
export class Agenda {
  #heap: Slot[] = [];
  #entered = 0;
  #cancelled = 0;

  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  add(at: number, label: string, run: () => void | Promise<void>): Entry {
    if (!Number.isFinite(at)) throw new TypeError(`'${label}' cannot be scheduled at ${at}: not an instant`);
    const slot: Slot = { at, label, run, order: this.#entered++, cancelled: false };
    this.#heap.push(slot);
    this.#rise(this.#heap.length - 1);
    return { at, label, cancel: () => this.#cancel(slot) };
  }

  /** Instant of the next entry. */
  next(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.at;
  }

  /** Takes the next entry if it is due by `now`. */
  take(now: number): Due | undefined {
    this.#dropCancelled();
    const top = this.#heap[0];
    if (top === undefined || top.at > now) return undefined;
    this.#pop();
    // A taken entry can no longer be cancelled, so cancelling it must not count.
    top.cancelled = true;
    return top;
  }

  #cancel(slot: Slot): void {
    if (slot.cancelled) return;
    slot.cancelled = true;
    this.#cancelled += 1;
    if (this.#cancelled > 64 && this.#cancelled * 2 > this.#heap.length) this.#compact();
  }

  #compact(): void {
    const alive = this.#heap.filter((slot) => !slot.cancelled);
    this.#cancelled = 0;
    // A sorted array is a heap.
    this.#heap = alive.sort((a, b) => (sooner(a, b) ? -1 : 1));
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled === true) {
      this.#pop();
      this.#cancelled -= 1;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(index: number): void {
    let child = index;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfSooner(child, parent)) return;
      child = parent;
    }
  }

  #sink(index: number): void {
    let parent = index;
    for (;;) {
      const left = 2 * parent + 1;
      const [a, b] = [this.#heap[left], this.#heap[left + 1]];
      if (a === undefined) return;
      const child = b !== undefined && sooner(b, a) ? left + 1 : left;
      if (!this.#swapIfSooner(child, parent)) return;
      parent = child;
    }
  }

  #swapIfSooner(child: number, parent: number): boolean {
    const [a, b] = [this.#heap[child], this.#heap[parent]];
    if (a === undefined || b === undefined || !sooner(a, b)) return false;
    this.#heap[parent] = a;
    this.#heap[child] = b;
    return true;
  }
}
