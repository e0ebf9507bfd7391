/** Faults that have one cause are one incident: what dies in one zone at about the same time, most likely died of the zone. */
import type { Mark } from './ledger.ts';
import { slotsOf } from './ledger.ts';

const TOGETHER_MS = 2 * 60_000;

/**
 * The faults that begin an incident: in each zone, whatever comes within two minutes of one belongs to it. From the left,
 * that is the fewest windows that hold all, so another fault never makes it fewer. `marks` in order.
 */
export function incidentsIn(marks: readonly Mark[]): readonly Mark[] {
  const since = new Map<string, number>();
  return marks.filter(({ zone, at }) => {
    const begun = since.get(zone);
    if (begun !== undefined && at - begun <= TOGETHER_MS) return false;
    since.set(zone, at);
    return true;
  });
}

/** In how many places it came up on its own: slots, save those that failed together. */
export const placesIn = (marks: readonly Mark[]): number => Math.min(slotsOf(marks).size, incidentsIn(marks).length);

export const inOrder = (marks: readonly Mark[]): readonly Mark[] =>
  [...marks].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
