/** What the judge keeps between two looks: sums and wealths, of bounded size, plain JSON. */
import type { NodeCounts, Tally } from './counts.ts';
import { type Dispersion, NO_DISPERSION } from './dispersion.ts';
import { type GrowthWindow, NO_WINDOW } from './growth-test.ts';
import type { Panel } from './wealth.ts';

/** Sums of one node over all compared intervals. */
export interface NodeTotals {
  readonly requests: number;
  readonly errors: number;
  readonly timed: number;
  readonly over: readonly number[];
  readonly far: readonly number[];
  readonly crashes: number;
  readonly hours: number;
}

export interface JudgeState {
  readonly intervals: number;
  /** Intervals in which both groups had data, warm-up aside. */
  readonly compared: number;
  readonly missing: number;
  readonly bets: Readonly<Record<string, number>>;
  readonly panels: Readonly<Record<string, Panel>>;
  readonly dispersion: Readonly<Record<string, Dispersion>>;
  readonly watched: Readonly<Record<string, NodeTotals>>;
  readonly reference: Readonly<Record<string, NodeTotals>>;
  /** Crashes of the watched nodes by fingerprint and node. */
  readonly fingerprints: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Interval and node of the newest crashes. */
  readonly recentCrashes: readonly { readonly interval: number; readonly node: string }[];
  readonly growth: GrowthWindow;
  readonly quarantined: readonly string[];
  readonly failed?: string;
}

export const NEW_STATE: JudgeState = {
  intervals: 0,
  compared: 0,
  missing: 0,
  bets: {},
  panels: {},
  dispersion: {},
  watched: {},
  reference: {},
  fingerprints: {},
  recentCrashes: [],
  growth: NO_WINDOW,
  quarantined: [],
};

const NO_TOTALS: NodeTotals = { requests: 0, errors: 0, timed: 0, over: [], far: [], crashes: 0, hours: 0 };

export type Totals = Readonly<Record<string, NodeTotals>>;

export function addTotals(
  totals: Totals,
  nodes: readonly NodeCounts[],
  what: { readonly hours: number; readonly isCold: boolean },
): Totals {
  const fresh = nodes.map((node) => {
    const known = totals[node.id] ?? NO_TOTALS;
    const lasting = { crashes: known.crashes + node.crashes, hours: round(known.hours + what.hours * (node.nodes ?? 1)) };
    if (what.isCold) return [node.id, { ...known, ...lasting }] as const;
    const sums = {
      requests: known.requests + node.requests,
      errors: known.errors + node.errors,
      timed: known.timed + node.timed,
      over: addEach(known.over, node.over),
      far: addEach(known.far, node.far),
    };
    return [node.id, { ...sums, ...lasting }] as const;
  });
  return { ...totals, ...Object.fromEntries(fresh) };
}

const addEach = (known: readonly number[], fresh: readonly number[]) => fresh.map((count, index) => count + (known[index] ?? 0));
const round = (hours: number) => Math.round(hours * 1e6) / 1e6;

export const dispersionFor = (state: JudgeState, test: string): Dispersion => state.dispersion[test] ?? NO_DISPERSION;

/** Sum over a group's nodes, one left out. */
export function tally(totals: Totals, pick: (node: NodeTotals) => Tally, left?: string): Tally {
  let events = 0;
  let exposure = 0;
  for (const [id, node] of Object.entries(totals)) {
    if (id === left) continue;
    const one = pick(node);
    events += one.events;
    exposure += one.exposure;
  }
  return { events, exposure };
}
