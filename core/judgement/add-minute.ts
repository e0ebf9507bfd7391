/** Sums over the minutes of a watch, one minute more. Pure. */
import type { GaugeSums, MedianSums, OwnCounts } from './judgement.ts';
import type { MinuteCounts } from './ports.ts';
import { type GaugePair, type Interval, type NodeCounts, sumOf } from './sequential/counts.ts';
import { type Dispersion, learnDispersion, NO_DISPERSION } from './sequential/dispersion.ts';
import { latencyTest } from './sequential/learn.ts';
import type { Policy } from './sequential/policy.ts';

type Own = Readonly<Record<string, OwnCounts>>;
type Spreads = Readonly<Record<string, Dispersion>>;
export type Pairs = Readonly<Record<string, GaugePair>>;

/** As many as are asked, and those that were replaced. */
const MOST_NODES = 40;

export function addNodes(known: Own, fresh: MinuteCounts['nodes'] = {}): Own {
  const added = Object.entries(fresh).map(([id, { requests, errors }]) => {
    const before = known[id] ?? { requests: 0, errors: 0 };
    return [id, { requests: before.requests + requests, errors: before.errors + errors }] as const;
  });
  return Object.fromEntries(Object.entries({ ...known, ...Object.fromEntries(added) }).slice(-MOST_NODES));
}

/**
 * How much more the split of a test's events between both groups varies from minute to minute than chance has it. What both
 * share cancels, as it does in the judge's bets; so of a release that changed nothing it is just what these must bear.
 */
export function addSpreads(known: Spreads, { watched = [], reference = [] }: Interval, policy: Policy): Spreads {
  const spread = (test: string, events: (node: NodeCounts) => number) => {
    const [ours, theirs] = [sumOf(watched, events), sumOf(reference, events)];
    const fresh = { events: ours, exposure: ours + theirs };
    return [test, learnDispersion(known[test] ?? NO_DISPERSION, [fresh], Infinity)] as const;
  };
  const slow = policy.latency.map((one, index) => spread(latencyTest(one), ({ over }) => over[index] ?? 0));
  return Object.fromEntries([spread('errors', ({ errors }) => errors), ...slow]);
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
