/**
 * The ladder of kill-and-replace. What is certain by counting comes before what is likely by statistics; another fault
 * never leads to less.
 *
 *   isolated                              replace, silently
 *   the same again in another place       the slot's next instance is the release's Linux twin
 *   clustered on the release              roll back and freeze
 *   clustered on what releases share      page: replacing goes on within the kill budget only, and may help nobody
 */
import type { Escalation, Fault } from './fault.ts';
import { accuse } from './ledger/accuse.ts';
import type { Cause } from './ledger/attribute.ts';
import { findCause } from './ledger/attribute.ts';
import { addFault, toMark } from './ledger/keep-ledger.ts';
import type { Ledger, Mark } from './ledger/ledger.ts';
import { hoursOf, marksOf, slotsOf, tallyOf } from './ledger/ledger.ts';

const MINUTE_MS = 60_000;
const WINDOW_MS = 30 * MINUTE_MS;
const CLUSTER = 3;
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
  return blameTheRest(facts) ?? blameRelease(facts) ?? callFor(facts) ?? blameNode(facts);
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

function blameNode({ ledger, mark, recent }: Facts): Escalation {
  if (mark.build === 'unikernel' && recent.some(isSame(mark)))
    return { kind: 'replace-with-twin', why: `fingerprint ${mark.print} has come again` };
  const loops = marksOf(ledger, mark.version).filter(({ slot, at }) => slot === mark.slot && Math.abs(mark.at - at) < LOOP_MS);
  if (loops.length >= LOOP)
    return {
      kind: 'replace',
      why: `${loops.length} nodes in a row failed in slot ${mark.slot}: each waits longer than the one before`,
    };
  return { kind: 'replace', why: `nothing like it has come lately${sayCount(ledger, mark)}` };
}

function sayCount(ledger: Ledger, { version }: Mark): string {
  const tally = tallyOf(ledger, version);
  if (!tally) return '';
  return `; ${version} has had ${marksOf(ledger, version).length + tally.older} fault(s) in ${Math.round(hoursOf(tally))} node-hours`;
}
