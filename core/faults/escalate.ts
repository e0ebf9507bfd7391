/**
 * The ladder of kill-and-replace. What is certain by counting comes before what is likely by statistics; another fault
 * never leads to less.
 *
 *   isolated                              replace, silently
 *   the same again                        the slot's next instance is the release's Linux twin
 *   again and again in one slot           page: it is that slot's own affair, but replacing it does not help
 *   clustered on the release              roll back and freeze
 *   clustered on what releases share      page: replacing goes on within the kill budget only, and may help nobody
 *
 * Of nodes that fail at once the first may be of one zone, or of several, by chance: until it is three minutes old, nothing
 * is decided on a cluster that may turn out otherwise. Meanwhile its nodes are replaced like any other.
 */
import type { Escalation, Fault } from './fault.ts';
import { accuse } from './ledger/accuse.ts';
import type { Cause } from './ledger/attribute.ts';
import { findCause, mayBeChance } from './ledger/attribute.ts';
import { isKnown } from './ledger/evidence.ts';
import { addFault, toMark } from './ledger/keep-ledger.ts';
import type { Ledger, Mark } from './ledger/ledger.ts';
import { hoursOf, marksOf, slotsOf, tallyOf } from './ledger/ledger.ts';

const MINUTE_MS = 60_000;
const WINDOW_MS = 30 * MINUTE_MS;
const CLUSTER = 3;
const HOLD_MS = 3 * MINUTE_MS;
const LOOP_MS = 15 * MINUTE_MS;
const LOOP = 3;
const LOOPS = 2;

/** `ledger` may have the fault in it already, or not. */
export function escalate(ledger: Ledger, fault: Fault, now: number): Escalation {
  if (fault.way === 'operator') return { kind: 'replace', why: 'an operator has ordered it' };
  const known = addFault(ledger, fault);
  const mark = known.marks.find(({ id }) => id === fault.id) ?? toMark(fault, 0);
  const recent = known.marks.filter(({ at, id }) => now - at < WINDOW_MS && at <= now && id !== fault.id);
  const facts: Facts = { ledger: known, mark, recent, cause: findCause(known, mark), isSuspect: fault.wasInFlight };
  const found = blameTheRest(facts) ?? blameRelease(facts) ?? callFor(facts) ?? blameNode(facts);
  const until = mayTurnOut(facts, found) ? endOfHold(facts) : now;
  return until <= now ? found : { kind: 'hold', until, why: `${found.why}; that may turn out otherwise within minutes` };
}

/**
 * What is said of a zone or of everything stays so; a stable release, and one thing or the other, may turn out to be
 * another. One in flight is not waited for, as to go back costs little and to go on may cost much; but where nodes say
 * nothing and many are its own, the first of what all lose may be all its own.
 */
function mayTurnOut({ ledger, mark, recent, cause, isSuspect }: Facts, { kind }: Escalation): boolean {
  if (isSuspect) return kind === 'roll-back' && !mark.isClear && mayBeChance(ledger, [...recent, mark], mark.version);
  return kind === 'roll-back' || (kind === 'page' && cause?.kind.includes('-or-') === true);
}

/** Where failures came suddenly; long ago where they did not. */
function endOfHold({ mark, recent }: Facts): number {
  const sudden = [...recent, mark].filter(({ at }) => mark.at - at < HOLD_MS);
  return slotsOf(sudden).size < CLUSTER ? 0 : Math.min(...sudden.map(({ at }) => at)) + HOLD_MS;
}

interface Facts {
  readonly ledger: Ledger;
  readonly mark: Mark;
  /** Of the last half hour, without the fault itself. */
  readonly recent: readonly Mark[];
  /** Of the cluster it belongs to. */
  readonly cause: Cause | undefined;
  /** Its release is new: of two explanations it is the likelier one. */
  readonly isSuspect: boolean;
}

const isSame = (mark: Mark) => (other: Mark) => other.version === mark.version && other.print === mark.print;

function blameTheRest({ mark, recent, cause, isSuspect }: Facts): Escalation | undefined {
  const isOther = ({ version }: Mark) => version !== mark.version;
  const isAlone = isSuspect && !recent.some((one) => isOther(one) && one.print === mark.print);
  const mayBeRelease = cause?.kind === 'release' || (cause?.kind === 'release-or-everything' && isAlone);
  if (cause !== undefined && !mayBeRelease) return { kind: 'page', why: cause.why };
  if (slotsOf(recent.filter(isOther)).size >= CLUSTER && recent.some(isSame(mark)))
    return { kind: 'page', why: 'nodes of more than one release fail at once' };
  const alike = [...recent.filter(({ print }) => print === mark.print), mark];
  const others = slotsOf(alike.filter(isOther)).size;
  // Nodes that say nothing are alike soon.
  if (slotsOf(alike).size < CLUSTER || others < (mark.isClear ? 1 : 2)) return undefined;
  const versions = [...new Set(alike.map(({ version }) => version))].sort();
  return { kind: 'page', why: `nodes of ${versions.join(' and ')} fail alike` };
}

function blameRelease({ ledger, mark, recent, cause }: Facts): Escalation | undefined {
  const { version } = mark;
  const back = (why: string): Escalation => ({ kind: 'roll-back', why });
  const alike = [...recent.filter(isSame(mark)), mark].filter(({ isShared }) => isShared !== true);
  const failed = slotsOf(alike).size;
  if (failed >= CLUSTER) return back(`${failed} nodes of ${version} failed alike`);
  const loops = loopsOf(marksOf(ledger, version), mark.at);
  if (loops >= LOOPS) return back(`nodes of ${version} fail again and again in ${loops} places`);
  if (cause?.kind === 'release') return back(cause.why);
  const tally = tallyOf(ledger, version);
  const why = tally && accuse(ledger, tally);
  return why === undefined ? undefined : back(why);
}

/** Slots that have lost three nodes in a quarter of an hour. */
function loopsOf(marks: readonly Mark[], until: number): number {
  const recent = marks.filter(({ at }) => at <= until && until - at < LOOP_MS);
  return [...slotsOf(recent)].filter((slot) => recent.filter((one) => one.slot === slot).length >= LOOP).length;
}

/** Nothing that is certain speaks against the suspect. */
const callFor = ({ cause }: Facts): Escalation | undefined => cause && { kind: 'page', why: cause.why };

function blameNode(facts: Facts): Escalation {
  const { ledger, mark, recent } = facts;
  const loop = callForLoop(facts);
  if (mark.build === 'unikernel' && (recent.some(isSame(mark)) || hasComeBefore(ledger, mark))) {
    const why = `fingerprint ${mark.print} has come again`;
    return { kind: 'replace-with-twin', ...(loop ? { about: loop.about, why: `${why}; ${loop.why}` } : { why }) };
  }
  return loop ?? { kind: 'replace', why: `nothing like it has come lately${sayCount(ledger, mark)}` };
}

function callForLoop({ ledger, mark: { version, slot: own, at: last } }: Facts) {
  const loop = marksOf(ledger, version).filter(({ slot, at }) => slot === own && Math.abs(last - at) < LOOP_MS);
  if (loop.length < LOOP) return undefined;
  const why = `${loop.length} nodes in a row failed in slot ${own} within ${LOOP_MS / MINUTE_MS} minutes`;
  return { kind: 'page', about: `slot ${own}`, why } as const;
}

/** A fingerprint that is new with the release, as long as that lives. One that was always there comes again by itself. */
function hasComeBefore(ledger: Ledger, mark: Mark): boolean {
  const tally = tallyOf(ledger, mark.version);
  if (!mark.isClear || !tally || isKnown(ledger, tally, mark.print)) return false;
  return marksOf(ledger, mark.version).some((one) => one.id !== mark.id && one.at <= mark.at && one.print === mark.print);
}

function sayCount(ledger: Ledger, { version }: Mark): string {
  const tally = tallyOf(ledger, version);
  if (!tally) return '';
  return `; ${version} has had ${marksOf(ledger, version).length + tally.older} fault(s) in ${Math.round(hoursOf(tally))} node-hours`;
}
