/** Do too many nodes fail at once? Windows of several lengths over all nodes, each release's and each zone's. */
import { poissonTail } from '../../judgement/sequential/distributions.ts';
import type { Ledger, Mark, Stratum } from './ledger.ts';
import { nodesIn, slotsOf, tallyOf } from './ledger.ts';

const MINUTE_MS = 60_000;
const WINDOWS_MINUTES = [2, 10, 60, 360];
/** Chance of a cluster by accident, a day: shared by all that is looked at. */
const ALPHA = 0.01;
const DAY_MINUTES = 1440;
/** Windows may begin at any time, not only at their multiples. */
const OVERLAP = 3;
const LEAST_SLOTS = 3;

export interface Cluster {
  readonly minutes: number;
  /** Everything that failed in the window, of releases that still have nodes. */
  readonly marks: readonly Mark[];
}

/** What has been explained is no part of what comes later. */
const OVER_MS = 10 * MINUTE_MS;

/** The least likely of the windows that hold this fault, if it is unlikely enough. `isLeft`: explained otherwise. */
export function findCluster(ledger: Ledger, fault: Mark, isLeft: (mark: Mark) => boolean = () => false): Cluster | undefined {
  const versions = new Set(ledger.fleet.map(({ version }) => version));
  const isOver = ({ isShared, at }: Mark) => isShared === true && Math.abs(fault.at - at) > OVER_MS;
  const marks = ledger.marks.filter((mark) => versions.has(mark.version) && !isLeft(mark) && !isOver(mark));
  let best: (Cluster & { readonly chance: number }) | undefined;
  for (const minutes of WINDOWS_MINUTES)
    for (const inside of windowsWith(marks, fault, minutes * MINUTE_MS)) {
      const chance = leastChance(ledger, fault, { minutes, marks: inside });
      if (chance < (best?.chance ?? limitOf(ledger.fleet))) best = { minutes, marks: inside, chance };
    }
  return best && { minutes: best.minutes, marks: best.marks };
}

function limitOf(fleet: readonly Stratum[]): number {
  const strata = 1 + new Set(fleet.map(({ version }) => version)).size + new Set(fleet.map(({ zone }) => zone)).size;
  const windows = WINDOWS_MINUTES.reduce((sum, minutes) => sum + DAY_MINUTES / minutes, 0);
  return ALPHA / (strata * windows * OVERLAP);
}

/** A window begins at a fault. */
function windowsWith(marks: readonly Mark[], fault: Mark, length: number): readonly (readonly Mark[])[] {
  const starts = marks.filter(({ at }) => at <= fault.at && fault.at - at <= length).map(({ at }) => at);
  return [...new Set(starts)].map((start) => marks.filter(({ at }) => at >= start && at - start <= length));
}

/** Of all nodes, those of the fault's release, those in its zone. */
function leastChance(ledger: Ledger, { version, zone }: Mark, cluster: Cluster): number {
  const strata = [
    { marks: cluster.marks, isIn: () => true },
    { marks: cluster.marks.filter((one) => one.version === version), isIn: (one: Stratum) => one.version === version },
    { marks: cluster.marks.filter((one) => one.zone === zone), isIn: (one: Stratum) => one.zone === zone },
  ];
  return Math.min(
    ...strata.map(({ marks, isIn }) =>
      slotsOf(marks).size < LEAST_SLOTS ? 1 : chanceOf(ledger, { marks, isIn }, cluster.minutes),
    ),
  );
}

interface Part {
  readonly marks: readonly Mark[];
  readonly isIn: (one: Stratum) => boolean;
}

/** That so many of these nodes fail in so many minutes. */
export function chanceOf(ledger: Ledger, { marks, isIn }: Part, minutes: number): number {
  const failed = slotsOf(marks).size;
  const part = ledger.fleet.filter(isIn);
  const nodes = nodesIn(part);
  const perHour = part.reduce((sum, one) => sum + one.nodes * (tallyOf(ledger, one.version)?.reference ?? 0), 0);
  // A fleet that has shrunk meanwhile had at least those that failed.
  const grown = perHour * (nodes === 0 ? 1 : Math.max(1, failed / nodes));
  return poissonTail(failed, (grown * minutes) / 60);
}
