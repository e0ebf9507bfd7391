/** Sums over the minutes of a watch, one minute more. Pure. */
import type { GaugeSums, MedianSums, OwnCounts } from './judgement.ts';
import type { MinuteCounts } from './ports.ts';
import type { GaugePair } from './sequential/counts.ts';

type Own = Readonly<Record<string, OwnCounts>>;
export type Pairs = Readonly<Record<string, GaugePair>>;

/** As many as a group has, and those that were replaced. */
const MOST_NODES = 100;

export function addNodes(known: Own, fresh: MinuteCounts['nodes'] = {}): Own {
  const added = Object.entries(fresh).map(([id, { requests, errors }]) => {
    const before = known[id] ?? { requests: 0, errors: 0 };
    return [id, { requests: before.requests + requests, errors: before.errors + errors }] as const;
  });
  return Object.fromEntries(Object.entries({ ...known, ...Object.fromEntries(added) }).slice(-MOST_NODES));
}

export function addMedian(known: MedianSums, { medianMs: ours }: MinuteCounts, { medianMs: theirs }: MinuteCounts): MedianSums {
  if (!ours || !theirs) return known;
  const log = Math.log(ours / theirs);
  return { samples: known.samples + 1, sum: known.sum + log, squares: known.squares + log ** 2 };
}

export function addGauges(known: Readonly<Record<string, GaugeSums>>, fresh: Pairs): Readonly<Record<string, GaugeSums>> {
  const added = Object.entries(fresh).map(([key, pair]) => {
    const { samples, watched, reference } = known[key] ?? { samples: 0, watched: 0, reference: 0 };
    return [key, { samples: samples + 1, watched: watched + pair.watched, reference: reference + pair.reference }] as const;
  });
  return { ...known, ...Object.fromEntries(added) };
}
