/** Do too many nodes fail at once? Windows of several lengths over all nodes, each release's and each zone's. */
import type { Ledger, Mark, Stratum } from './ledger.ts';
import { nodesIn, slotsOf, tallyOf } from './ledger.ts';
import { upperTail } from './upper-tail.ts';

const MINUTE_MS = 60_000;
const WINDOWS_MINUTES = [2, 10, 60, 360];
export const LONGEST_MS = 360 * MINUTE_MS;
/** Chance of a cluster by accident, a day: shared by all that is looked at. */
const ALPHA = 0.01;
const DAY_MINUTES = 1440;
/** Windows may begin at any time, not only at their multiples. */
const OVERLAP = 3;
/** Whatever numbers say: two nodes are no cluster. */
export const LEAST_SLOTS = 3;

export interface Cluster {
  readonly minutes: number;
  /** Everything that failed in the window. */
  readonly marks: readonly Mark[];
  readonly chance: number;
}

/** The least likely window, if it is unlikely enough. `marks` in order. */
export function findCluster(ledger: Ledger, marks: readonly Mark[], isIt: (marks: readonly Mark[]) => boolean = () => true) {
  let best: Cluster | undefined;
  let least = limitOf(ledger.fleet);
  for (const minutes of WINDOWS_MINUTES)
    for (const inside of windowsOf(marks, minutes * MINUTE_MS)) {
      if (slotsOf(inside).size < LEAST_SLOTS || !isIt(inside)) continue;
      const chance = leastChance(ledger, inside, minutes);
      if (chance >= least) continue;
      best = { minutes, marks: inside, chance };
      least = chance;
    }
  return best;
}

function limitOf(fleet: readonly Stratum[]): number {
  const strata = 1 + new Set(fleet.map(({ version }) => version)).size + new Set(fleet.map(({ zone }) => zone)).size;
  const windows = WINDOWS_MINUTES.reduce((sum, minutes) => sum + DAY_MINUTES / minutes, 0);
  return ALPHA / (strata * windows * OVERLAP);
}

/** A window begins at a fault. */
function windowsOf(marks: readonly Mark[], length: number): readonly (readonly Mark[])[] {
  const isFirst = (mark: Mark, index: number) => marks[index - 1]?.at !== mark.at;
  return marks.flatMap((first, index) =>
    isFirst(first, index) ? [marks.slice(index).filter(({ at }) => at - first.at <= length)] : [],
  );
}

/** Of all nodes, of each release's, of each zone's. */
function leastChance(ledger: Ledger, marks: readonly Mark[], minutes: number): number {
  const versions = [...new Set(marks.map(({ version }) => version))];
  const zones = [...new Set(marks.map(({ zone }) => zone))];
  const parts = [
    { marks, isIn: () => true },
    ...versions.map((name) => part(marks, ({ version }) => version === name)),
    ...zones.map((name) => part(marks, ({ zone }) => zone === name)),
  ];
  return Math.min(...parts.map((one) => (slotsOf(one.marks).size < LEAST_SLOTS ? 1 : chanceOf(ledger, one, minutes))));
}

export interface Part {
  readonly marks: readonly Mark[];
  readonly isIn: (one: Pick<Stratum, 'version' | 'zone'>) => boolean;
}

export const part = (marks: readonly Mark[], isIn: Part['isIn']): Part => ({ marks: marks.filter(isIn), isIn });

/** That so many of these nodes fail in so many minutes. */
export function chanceOf(ledger: Ledger, { marks, isIn }: Part, minutes: number): number {
  const failed = slotsOf(marks).size;
  const there = ledger.fleet.filter(isIn);
  const nodes = nodesIn(there);
  const perHour = there.reduce((sum, one) => sum + one.nodes * (tallyOf(ledger, one.version)?.reference ?? 0), 0);
  // A fleet that has shrunk meanwhile had at least those that failed.
  const grown = perHour * (nodes === 0 ? 1 : Math.max(1, failed / nodes));
  return upperTail(failed, (grown * minutes) / 60);
}
