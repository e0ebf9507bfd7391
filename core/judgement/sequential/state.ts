/** What the judge keeps between two looks: sums and wealths, of bounded size, plain JSON. */
import { isNode, type NodeCounts, standsFor, type Tally, WHOLE_GROUP } from './counts.ts';
import { type Dispersion, dispersionOf, NO_DISPERSION } from './dispersion.ts';
import { type GrowthWindow, NO_WINDOW } from './growth-test.ts';
import type { Policy } from './policy.ts';
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

export type Totals = Readonly<Record<string, NodeTotals>>;

export interface JudgeState {
  readonly intervals: number;
  /** Intervals in which both groups had data, warm-up aside. */
  readonly compared: number;
  readonly missing: number;
  readonly bets: Readonly<Record<string, number>>;
  readonly panels: Readonly<Record<string, Panel>>;
  readonly dispersion: Readonly<Record<string, Dispersion>>;
  /** By node; those that are gone for long are in `WHOLE_GROUP`. */
  readonly watched: Totals;
  readonly reference: Totals;
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

/** So many nodes have sums and leave-one-outs of their own: those that are there, */
const MOST_NODES = 32;
/** and up to so many with the last of those that are gone. */
const MOST_WITH_THE_GONE = 24;

export function keptNodes({ watched }: JudgeState, nodes: readonly NodeCounts[]): readonly string[] {
  const there = new Set(nodes.map(({ id }) => id).filter(isNode));
  const ids = new Set([...there, ...Object.keys(watched).filter(isNode)]);
  return [...ids].slice(0, Math.min(MOST_NODES, Math.max(there.size, MOST_WITH_THE_GONE)));
}

interface Added {
  readonly hours: number;
  /** Only crashes and hours count: the node is cold, or there is nothing to compare it with. */
  readonly isAlone: boolean;
  /** Nodes with sums of their own. */
  readonly kept: readonly string[];
}

export function addTotals(totals: Totals, nodes: readonly NodeCounts[], { hours, isAlone, kept }: Added): Totals {
  const sums = new Map<string, NodeTotals>();
  const add = (id: string, fresh: NodeTotals) => {
    const key = kept.includes(id) ? id : WHOLE_GROUP;
    sums.set(key, plus(sums.get(key) ?? NO_TOTALS, fresh));
  };
  for (const node of nodes) {
    const lasting = { crashes: node.crashes, hours: hours * standsFor(nodes, node) };
    add(node.id, isAlone ? { ...NO_TOTALS, ...lasting } : { ...node, ...lasting });
  }
  for (const [id, known] of Object.entries(totals)) add(id, known);
  return Object.fromEntries(sums);
}

const plus = (one: NodeTotals, other: NodeTotals): NodeTotals => ({
  requests: one.requests + other.requests,
  errors: one.errors + other.errors,
  timed: one.timed + other.timed,
  over: addEach(one.over, other.over),
  far: addEach(one.far, other.far),
  crashes: one.crashes + other.crashes,
  hours: round(one.hours + other.hours),
});

const addEach = (one: readonly number[], other: readonly number[]) =>
  Array.from({ length: Math.max(one.length, other.length) }, (_, index) => (one[index] ?? 0) + (other[index] ?? 0));
const round = (hours: number) => Math.round(hours * 1e6) / 1e6;

export const dispersionFor = (state: JudgeState, test: string): Dispersion => state.dispersion[test] ?? NO_DISPERSION;

/** As this watch shows it, and no less than it is known to be. */
export const dispersionIn = (state: JudgeState, { dispersion = {} }: Pick<Policy, 'dispersion'>, test: string): number =>
  Math.max(dispersion[test] ?? 1, dispersionOf(dispersionFor(state, test)));

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
