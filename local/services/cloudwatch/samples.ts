/**
 * Values of one metric in one minute, exactly: each distinct value with its count. Nothing is sampled away, because a
 * trimmed count at a declared edge must be the number of requests beyond it.
 */
export class Samples {
  #sorted: SortedSamples = EMPTY;
  #pending = new Map<number, number>();

  add(value: number, count: number): void {
    this.#pending.set(value, (this.#pending.get(value) ?? 0) + count);
  }

  /** Ascending by value. Asking also makes it compact. */
  sorted(): SortedSamples {
    if (this.#pending.size > 0) {
      const fresh = toSorted([...this.#pending]);
      this.#sorted = mergeSamples([this.#sorted, fresh]);
      this.#pending = new Map();
    }
    return this.#sorted;
  }
}

export interface SortedSamples {
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

export const EMPTY: SortedSamples = { values: new Float64Array(0), counts: new Float64Array(0) };

/** One list with the counts of equal values added up. */
export function mergeSamples(parts: readonly SortedSamples[]): SortedSamples {
  const filled = parts.filter((part) => part.values.length > 0);
  const [only] = filled;
  if (only === undefined) return EMPTY;
  if (filled.length === 1) return only;
  const sums = new Map<number, number>();
  for (const part of filled) part.values.forEach((value, i) => sums.set(value, (sums.get(value) ?? 0) + (part.counts[i] ?? 0)));
  return toSorted([...sums]);
}

function toSorted(pairs: [number, number][]): SortedSamples {
  pairs.sort(([a], [b]) => a - b);
  return { values: Float64Array.from(pairs, ([value]) => value), counts: Float64Array.from(pairs, ([, count]) => count) };
}
