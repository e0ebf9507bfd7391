/** The ledger as time goes on: node-hours are added, releases come and go, faults are noted. */
import { crashesPerNodeHour } from '../../judgement/sequential/policy.ts';
import type { Build } from '../../service/service.ts';
import type { Fault } from '../fault.ts';
import { accuse } from './accuse.ts';
import { explain, marksAround } from './attribute.ts';
import type { Exposure } from './exposure.ts';
import { incidentsIn, inOrder } from './incidents.ts';
import type { Ledger, Mark, Past, Seen, Tally } from './ledger.ts';
import {
  hoursOf,
  marksOf,
  MOST_MARKS,
  MOST_OF_SLOT,
  MOST_PRINTS,
  MOST_RELEASES,
  MOST_STRATA,
  nodesIn,
  tallyOf,
} from './ledger.ts';

const HOUR_MS = 3_600_000;
/** No service is held to fewer faults than this, whatever its history says: one in 5000 node-hours. */
const LEAST_REFERENCE = 1 / 5000;
/** A release may have half as many again as those before it. */
const ALLOWANCE = 1.5;
/** What is older than this weighs less and less: a service changes. */
const MOST_PAST_HOURS = 200_000;

/** `exposure`: since the ledger's own time, until `now`. */
export function advance(ledger: Ledger, exposure: readonly Exposure[], now: number): Ledger {
  if (now <= ledger.at) return ledger;
  const known = ledger.releases.map((tally) => ({ ...tally, hours: withHours(tally.hours, exposure, tally.version) }));
  const grown = { ...ledger, at: now, releases: known };
  // Slots that are long gone are still in the table: of those nothing is new.
  const there = exposure.filter(({ nodes, hours }) => nodes > 0 || hours > 0);
  const news = [...new Set(there.map(({ version }) => version))].filter((one) => !tallyOf(ledger, one)).sort();
  const opened = news.map((version): Tally => {
    const hours = withHours({ linux: 0, unikernel: 0 }, exposure, version);
    return { version, openedAt: now, ...yardstickFrom(grown), hours, older: 0 };
  });
  const fleet = exposure
    .filter(({ nodes }) => nodes > 0)
    .sort((a, b) => b.nodes - a.nodes)
    .slice(0, MOST_STRATA)
    .map(({ version, build, zone, nodes }) => ({ version, build, zone, nodes }));
  return withoutOldReleases({ ...grown, releases: [...known, ...opened], fleet });
}

function withHours(hours: Tally['hours'], exposure: readonly Exposure[], version: string): Tally['hours'] {
  const more = (build: Build) =>
    exposure.reduce((sum, one) => sum + (one.version === version && one.build === build ? one.hours : 0), hours[build]);
  return { linux: more('linux'), unikernel: more('unikernel') };
}

/** Releases that were accused are no yardstick. */
export function yardstickFrom(ledger: Ledger): Required<Pick<Tally, 'reference' | 'usual'>> {
  const fine = ledger.releases.filter(({ accusedAt }) => accusedAt === undefined);
  const crashes = fine.reduce((sum, tally) => sum + countOf(ledger, tally), ledger.past.incidents);
  const nodeHours = fine.reduce((sum, tally) => sum + hoursOf(tally), ledger.past.hours);
  const seen = nodeHours === 0 ? 0 : (ALLOWANCE * crashes) / nodeHours;
  const usual = Math.max(LEAST_REFERENCE, crashesPerNodeHour({ crashes, nodeHours }));
  return { reference: Math.max(usual, Math.min(seen, 1)), usual };
}

export const countOf = (ledger: Ledger, { version, older }: Tally): number =>
  older + incidentsIn(marksOf(ledger, version)).length;

/** Once for each fault. What an operator orders is nobody's failure; what is older than all that is kept comes too late. */
export function addFault(ledger: Ledger, fault: Fault): Ledger {
  const { marks } = ledger;
  const [oldest] = marks;
  const isLate = marks.length >= MOST_MARKS && oldest !== undefined && fault.at < oldest.at;
  if (fault.way === 'operator' || isLate || marks.some(({ id }) => id === fault.id)) return ledger;
  const noted = inOrder([...marks, toMark(fault, hoursAt(ledger, fault))]);
  const ofSlot = noted.filter(({ slot, version }) => slot === fault.slot && version === fault.version);
  const surplus = ofSlot.slice(0, -MOST_OF_SLOT);
  return judge(withoutOldMarks({ ...ledger, marks: noted.filter((mark) => !surplus.includes(mark)) }), fault);
}

/** For so long it may still turn out what a fault came of: another zone fails as well, or none does. */
const SETTLED_MS = 5 * HOUR_MS;

/** With the new fault the cause of those before it may show, and whether their release is at fault. */
function judge(ledger: Ledger, { at, version }: Fault): Ledger {
  const explained = explain(ledger, marksAround(ledger, { at }));
  const marks = ledger.marks.map((mark): Mark => {
    if (Math.abs(mark.at - at) > SETTLED_MS) return mark;
    const { isShared: _, ...rest } = mark;
    return explained.has(mark.id) ? { ...rest, isShared: true } : rest;
  });
  const settled = { ...ledger, marks };
  const isAccused = (tally: Tally) =>
    tally.version === version && tally.accusedAt === undefined && accuse(settled, tally) !== undefined;
  return { ...settled, releases: ledger.releases.map((tally) => (isAccused(tally) ? { ...tally, accusedAt: at } : tally)) };
}

/** It is told some time after it failed, in which its release has run on. */
function hoursAt({ releases, fleet, at }: Ledger, fault: Fault): number {
  const tally = releases.find(({ version }) => version === fault.version);
  const late = Math.max(0, at - fault.at) / HOUR_MS;
  return Math.max(0, (tally ? hoursOf(tally) : 0) - late * nodesIn(fleet, ({ version }) => version === fault.version));
}

export function toMark({ id, at, version, build, slot, zone, crash }: Fault, hours: number): Mark {
  return { id, at, version, build, slot, zone, print: crash.fingerprint, isClear: crash.evidence !== '', hours };
}

function withoutOldMarks(ledger: Ledger): Ledger {
  const dropped = ledger.marks.slice(0, -MOST_MARKS);
  if (dropped.length === 0) return ledger;
  const shorter = { ...ledger, marks: ledger.marks.slice(-MOST_MARKS) };
  const releases = ledger.releases.map((tally) => {
    const fewer = countOf(ledger, tally) - countOf(shorter, tally);
    return fewer === 0 ? tally : { ...tally, older: tally.older + fewer };
  });
  const fine = dropped.filter(({ version }) => tallyOf(ledger, version)?.accusedAt === undefined);
  return { ...shorter, releases, past: { ...ledger.past, prints: withPrints(ledger.past.prints, fine) } };
}

/** Those without nodes go first, and of these the oldest. */
function withoutOldReleases(ledger: Ledger): Ledger {
  const { releases, fleet } = ledger;
  const isEmpty = ({ version }: Tally) => !fleet.some((one) => one.version === version);
  const leaving = [...releases.filter(isEmpty), ...releases.filter((one) => !isEmpty(one))].slice(
    0,
    Math.max(0, releases.length - MOST_RELEASES),
  );
  if (leaving.length === 0) return ledger;
  return {
    ...ledger,
    releases: releases.filter((one) => !leaving.includes(one)),
    marks: ledger.marks.filter(({ version }) => !leaving.some((one) => one.version === version)),
    past: leaving.filter(({ accusedAt }) => accusedAt === undefined).reduce((past, one) => bury(ledger, past, one), ledger.past),
  };
}

function bury(ledger: Ledger, past: Past, tally: Tally): Past {
  const hours = past.hours + hoursOf(tally);
  const kept = Math.min(1, MOST_PAST_HOURS / Math.max(hours, 1));
  const incidents = (past.incidents + countOf(ledger, tally)) * kept;
  return { incidents, hours: hours * kept, prints: withPrints(past.prints, marksOf(ledger, tally.version)) };
}

function withPrints(known: readonly Seen[], marks: readonly Mark[]): readonly Seen[] {
  const all = [...known];
  for (const { print, at, isClear } of marks) if (isClear && !all.some((one) => one.print === print)) all.push({ print, at });
  return all.slice(-MOST_PRINTS);
}
