/** Where slow begins: at the declared limits, or where there are none at quantiles of the reference's own past. Pure. */
import type { MinuteCounts } from './ports.ts';
import type { Policy } from './sequential/policy.ts';

/** Milliseconds, one for each latency test of the policy. */
export interface Edges {
  /** Of the watched group: `over` moved up by what does not fail a release, `far` by what still lets it pass. */
  readonly over: readonly number[];
  readonly far: readonly number[];
  readonly reference: readonly number[];
  /** Whether they are the declared limits. */
  readonly isDeclared: boolean;
}

/** How many minutes of the reference's past tell its quantiles. */
export const PAST_MINUTES = 5;

export const needsQuantiles = ({ latency }: Policy) => latency.some(({ limitMs }) => limitMs === undefined);

/** `quantiles`: of the reference; one that is not known makes all unknown, and there is no edge. */
export function edgesOf({ latency }: Policy, quantiles: readonly (number | undefined)[] = []): Edges {
  const isDeclared = latency.every(({ limitMs }) => limitMs !== undefined);
  const edges = latency.flatMap(({ limitMs }, index) => limitMs ?? quantiles[index] ?? []);
  if (edges.length < latency.length) return { over: [], far: [], reference: [], isDeclared };
  const moved = (factor: (index: number) => number) => edges.map((edge, index) => edge * factor(index));
  return {
    over: moved((index) => latency[index]?.failFactor ?? 1),
    far: moved((index) => latency[index]?.passFactor ?? 1),
    reference: edges,
    isDeclared,
  };
}

/** In what order the edges are asked for. Declared limits come first in every group. */
export const watchedEdges = ({ far, over }: Edges) => [...far, ...over];
export const otherEdges = ({ reference, isDeclared }: Edges) => (isDeclared ? reference : []);

export interface Slower {
  readonly timed: number;
  readonly over: readonly number[];
  readonly far: readonly number[];
}

const known = (counts: readonly (number | undefined)[]) => counts.map((count) => count ?? 0);

type Timed = Pick<MinuteCounts, 'timed' | 'slower'>;

export function slowerInWatched({ slower, timed = 0 }: Timed, { far }: Edges): Slower {
  const isKnown = far.length > 0;
  return { timed: isKnown ? timed : 0, far: known(slower.slice(0, far.length)), over: known(slower.slice(far.length)) };
}

export function slowerInReference({ slower, timed = 0 }: Timed, { reference }: Edges): Slower {
  const over = known(slower.slice(0, reference.length));
  return { timed: reference.length > 0 ? timed : 0, over, far: over };
}
