/** What the judge keeps of a release between two looks. Of bounded size: one item of the table. */
import type { Build, Group } from '../service/service.ts';
import type { Tally } from './sequential/counts.ts';
import type { Dispersion } from './sequential/dispersion.ts';
import { type JudgeState, NEW_STATE } from './sequential/state.ts';
import { NO_SPLIT, type SplitState } from './split.ts';

export type GroupWatch = 'canary' | 'debut' | 'promotion';

/** {old, new} × {Linux, unikernel} */
export type Cell = 'newLinux' | 'oldLinux' | 'newUnikernel' | 'oldUnikernel';

export const CELLS: readonly Cell[] = ['newLinux', 'oldLinux', 'newUnikernel', 'oldUnikernel'];

export interface CellGroup {
  readonly cell: Cell;
  readonly group: Group;
  readonly version: string;
  readonly build: Build;
}

/** What is held against the declared limits. */
export interface LimitCounts {
  readonly requests: number;
  readonly errors: number;
  /** Requests slower than each declared limit, in the order of `limits.slow`. */
  readonly slow: readonly number[];
}

export interface GaugeSums {
  readonly samples: number;
  readonly watched: number;
  readonly reference: number;
}

export interface OwnCounts {
  readonly requests: number;
  readonly errors: number;
}

/** What a node tells of itself in one minute. */
export interface OwnMinute extends OwnCounts {
  /** Requests whose time is known, and those slower than each edge its group is asked for. */
  readonly timed?: number;
  readonly slower?: readonly number[];
  readonly memoryMb?: number;
}

/** Of the logarithms of how much slower the new release's median is, minute by minute. */
export interface MedianSums {
  readonly samples: number;
  readonly sum: number;
  readonly squares: number;
}

export interface JudgementRecord {
  readonly service: string;
  readonly version: string;
  readonly fence: number;
  readonly watch: GroupWatch;
  readonly since: number;
  /** Minutes before it are judged: each is, once. */
  readonly judgedTo: number;
  readonly state: JudgeState;
  readonly cells: Readonly<Partial<Record<Cell, LimitCounts>>>;
  /** Of the watched cell, in minutes of which nothing is told of the one it is compared with: an outage may be of both. */
  readonly alone?: LimitCounts;
  /** Of watched nodes that publish their own counts, in those of the cells' minutes of which they told. */
  readonly nodes: Readonly<Record<string, OwnCounts>>;
  /** And of those they are compared with. */
  readonly besideNodes: Readonly<Record<string, OwnCounts>>;
  readonly medians: MedianSums;
  /** Of each test: how the split of its events between both groups varies. */
  readonly spreads: Readonly<Record<string, Dispersion>>;
  readonly split: SplitState;
  readonly gauges: Readonly<Record<string, GaugeSums>>;
  /** Failures of nodes that were counted; with a `!`, their fingerprints. */
  readonly counted: readonly string[];
  readonly unhealthyNodes?: number;
  /** What ails old and new alike, as the newest minute shows it. */
  readonly trouble?: string;
  /** Minutes in which the environment was to blame: in this watch, and in all of the release. */
  readonly heldMinutes: number;
  readonly heldInAll: number;
  /** Looks at the end of the watch: each has half of the risk of the one before. */
  readonly lastLooks: number;
  /** Intervals known at the newest of these. */
  readonly lastLookAt: number;
  readonly revision: number;
}

export interface Watch {
  readonly service: string;
  readonly version: string;
  readonly fence: number;
  readonly watch: GroupWatch;
  readonly since: number;
}

export const MINUTE_MS = 60_000;
/** The minute in which a watch begins has requests of before, and cold nodes. */
export const firstWhole = (since: number) => (Math.floor(since / MINUTE_MS) + 1) * MINUTE_MS;

/**
 * The record as this watch begins. Batches of a promotion are one comparison that goes on: what was bet on the first is
 * not bet again on the next, however many there are.
 */
export function beginWatch(known: JudgementRecord | undefined, watch: Watch): JudgementRecord {
  const isSame = known?.fence === watch.fence && known.watch === watch.watch;
  if (isSame && known.since === watch.since) return known;
  const { service, version, fence, since } = watch;
  const goesOn = isSame && watch.watch === 'promotion' ? known : undefined;
  return {
    ...{ service, version, fence, since, watch: watch.watch, judgedTo: firstWhole(since) },
    state: goesOn?.state ?? NEW_STATE,
    cells: {},
    nodes: {},
    besideNodes: {},
    medians: { samples: 0, sum: 0, squares: 0 },
    spreads: {},
    split: NO_SPLIT,
    gauges: goesOn?.gauges ?? {},
    counted: goesOn?.counted ?? [],
    heldMinutes: 0,
    heldInAll: known?.fence === fence ? known.heldInAll : 0,
    lastLooks: goesOn?.lastLooks ?? 0,
    lastLookAt: goesOn?.lastLookAt ?? 0,
    revision: known?.revision ?? 0,
  };
}

const NO_COUNTS: LimitCounts = { requests: 0, errors: 0, slow: [] };

export function addCounts(known: LimitCounts = NO_COUNTS, fresh: LimitCounts): LimitCounts {
  return {
    requests: known.requests + fresh.requests,
    errors: known.errors + fresh.errors,
    slow: fresh.slow.map((count, index) => count + (known.slow[index] ?? 0)),
  };
}

/** What of a cell's requests was bad: failed, or slower than the nth limit. */
export type Ailment = { readonly kind: 'errors' } | { readonly kind: 'slow'; readonly limit: number };

export const tallyOf = ({ requests, errors, slow }: LimitCounts, ailment: Ailment): Tally => ({
  events: ailment.kind === 'errors' ? errors : (slow[ailment.limit] ?? 0),
  exposure: requests,
});
