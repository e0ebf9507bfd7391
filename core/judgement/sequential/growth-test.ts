/**
 * Does a gauge (memory) grow faster on the watched nodes? In each window of a few intervals, counts in how many pairs the
 * watched node grew more than the reference node; while the release is fine, every labelling of the nodes is as likely.
 */
import type { NodeCounts } from './counts.ts';

export const GROWTH_RATES = [0.1, 0.25, 0.5, 1];

/** Growth of each node; a node that crashed has grown without bound. */
export type Growths = Readonly<Record<string, number>>;

export interface GrowthWindow {
  readonly intervals: number;
  readonly start: Readonly<Record<string, number>>;
  readonly crashed: readonly string[];
}

export const NO_WINDOW: GrowthWindow = { intervals: 0, start: {}, crashed: [] };

/**
 * What the running window gives at its last interval. A crash lets the memory go, in this window and at the start of the
 * next: a node that crashed counts as one that grew, or a crash would hide the leak it came from.
 */
export function watchGrowth(window: GrowthWindow, nodes: readonly NodeCounts[], length: number) {
  const memory = nodes.flatMap(({ id, memoryMb }) => (memoryMb === undefined ? [] : [[id, memoryMb] as const]));
  const fresh = nodes.filter(({ crashes }) => crashes > 0).map(({ id }) => id);
  const crashed = [...new Set([...window.crashed, ...fresh])];
  const isFirst = window.intervals === 0;
  const start = isFirst ? Object.fromEntries(memory) : window.start;
  if (window.intervals < length) return { window: { intervals: window.intervals + 1, start, crashed } };
  const growths = memory.flatMap(([id, now]) => {
    const before = start[id];
    return before === undefined ? [] : [[id, crashed.includes(id) ? Infinity : now - before] as const];
  });
  return { window: { intervals: 1, start: Object.fromEntries(memory), crashed: fresh }, growths: Object.fromEntries(growths) };
}

/** A tie is half a win, which varies less than the coin that would break it. */
export function growthGains(watched: readonly number[], reference: readonly number[], tolerance: number): readonly number[] {
  if (watched.length === 0 || reference.length === 0) return GROWTH_RATES.map(() => 0);
  let wins = 0;
  for (const one of watched) for (const other of reference) wins += winOf(one - tolerance, other);
  return GROWTH_RATES.map((rate) => rate * wins - logMean(rate, watched.length, reference.length));
}

const winOf = (one: number, other: number) => (one === other ? 0.5 : Number(one > other));

/**
 * Logarithm of the mean of exp(rate * wins) over all labellings: the Gaussian binomial coefficient at e^rate, by the
 * binomial one, is the mean of what Mann and Whitney count.
 */
function logMean(rate: number, watched: number, reference: number): number {
  let sum = 0;
  for (let i = 1; i <= watched; i++) {
    sum += Math.log(Math.expm1(rate * (reference + i))) - Math.log(Math.expm1(rate * i));
    sum -= Math.log(reference + i) - Math.log(i);
  }
  return sum;
}
