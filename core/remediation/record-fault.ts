/** Looks at the evidence and says what the failure was; the first time also what is done about it, to whom it is told. */
import type { EvidenceStore } from '../evidence/ports.ts';
import { escalate } from '../faults/escalate.ts';
import type { Crash, Escalation, Fault } from '../faults/fault.ts';
import type { Ledger } from '../faults/ledger/ledger.ts';
import { foretell } from '../faults/foretell.ts';
import { outlookOf } from '../faults/outlook.ts';
import { isNamed } from '../errors.ts';
import type { Slot } from '../fleet/fleet.ts';
import { buildIn } from '../fleet/fleet.ts';
import { isAlive } from '../fleet/phase.ts';
import type { Slots } from '../fleet/ports.ts';
import type { Clock, Executions, Records } from '../release/ports.ts';
import type { Case, RemediationStep } from './case.ts';
import { findCase, withEntry, withoutEntry } from './case.ts';
import { explain } from './explain.ts';
import { goBack } from './go-back.ts';
import { toFault } from './foresee.ts';
import type { NoteFaultPorts } from './note-fault.ts';
import { noteFault } from './note-fault.ts';
import type { PagePorts } from './page.ts';
import { page } from './page.ts';
import type { FaultRecord, Faults } from './ports.ts';
import { tellFault } from './tell-fault.ts';

export interface RecordFaultPorts extends PagePorts, NoteFaultPorts {
  readonly records: Records;
  readonly slots: Slots;
  readonly faults: Faults;
  readonly evidence: EvidenceStore;
  readonly executions: Pick<Executions, 'startRollback'>;
  readonly clock: Clock;
}

export interface RecordFaultInput extends RemediationStep {
  /** All evidence there will be is in, and the node is gone. */
  readonly isFinal: boolean;
}

/** wait: what is done about it is decided then. */
export type RecordFaultAnswer =
  | { readonly kind: 'recorded' | 'over'; readonly why: string }
  | { readonly kind: 'wait'; readonly seconds: number; readonly why: string };

/** The fault is recorded first, then acted on, then told, then its slot is marked: whoever is interrupted does it again. */
export async function recordFault(ports: RecordFaultPorts, input: RecordFaultInput): Promise<RecordFaultAnswer> {
  const found = await findCase(ports.slots, input);
  if (!found) return { kind: 'over', why: `${input.faultId} is done with` };
  const { crash, index } = await explain(ports.evidence, input.service, found.condemned);
  const evidence = { captured: index?.pieces.length ?? 0, missed: index?.missed.length ?? 0 };
  const fault = await write(ports, found, { crash, evidence, isFinal: input.isFinal });
  const { kind, until = 0 } = fault.escalation;
  const isHeld = kind === 'hold';
  if (!isHeld) {
    await act(ports, fault);
    await tellFault(ports, fault);
  }
  await mark(ports, input, await findTwinNext(ports, found, fault));
  const { crashClass, summary, fingerprint } = fault.crash;
  const why = `${crashClass} (${fingerprint}): ${summary}; ${kind}: ${fault.escalation.why}`;
  if (!isHeld) return { kind: 'recorded', why };
  return { kind: 'wait', seconds: Math.max(1, Math.ceil((until - ports.clock.now()) / 1000)), why };
}

interface Findings extends Pick<FaultRecord, 'evidence' | 'isFinal'> {
  readonly crash: Crash;
}

async function write(ports: RecordFaultPorts, one: Case, findings: Findings): Promise<FaultRecord> {
  const { faults } = ports;
  const { slot } = one;
  const replacement = toReplacement(one, findings.isFinal);
  const known = await faults.find(slot.service, { at: one.condemned.at, id: one.condemned.faultId });
  if (known?.isFinal === true) return known;
  if (known) {
    const found = { ...known, ...findings, crash: better(known.crash, findings.crash), replacement };
    const isHeld = known.escalation.kind === 'hold';
    return faults.put(isHeld ? { ...found, ...decide(ports, await noteFault(ports, known), found) } : found);
  }
  const fault = toFault(slot, one.condemned, findings.crash);
  const ledger = await noteFault(ports, fault);
  const decided = decide(ports, ledger, { ...fault, isFinal: findings.isFinal });
  const outlook = outlookOf(ledger, fault);
  const told = { ...decided, ...(outlook !== undefined && { outlook }), replacement, notified: false };
  return faults.put({ ...fault, ...findings, ...told, revision: 0 });
}

function toReplacement({ slot, condemned }: Case, isFinal: boolean): FaultRecord['replacement'] {
  const { launchedAt, healthyAt } = condemned;
  const isRetired = isFinal && launchedAt === undefined && !isAlive(slot);
  return {
    build: buildIn(slot),
    ...(launchedAt !== undefined && { launchedAt }),
    ...(healthyAt !== undefined && { healthyAt }),
    ...(isRetired && { none: `slot ${slot.id} was retired: ${slot.version} had no more use for it` }),
  };
}

/** When all evidence is in, nothing is held any more. */
function decide(
  { clock }: RecordFaultPorts,
  ledger: Ledger,
  fault: Fault & Pick<FaultRecord, 'isFinal'>,
): Pick<FaultRecord, 'escalation' | 'decidedAt' | 'next'> {
  const now = clock.now();
  const found = escalate(ledger, fault, now);
  const escalation = found.kind === 'hold' && fault.isFinal ? escalate(ledger, fault, found.until ?? now) : found;
  return { escalation, decidedAt: now, next: foretell(ledger, fault, now) };
}

/** Later evidence explains what was not known; it does not rename what was told. */
const better = (known: Crash, found: Crash): Crash =>
  known.crashClass === 'unknown' || known.crashClass === 'hang' ? found : known;

async function act(ports: RecordFaultPorts, fault: FaultRecord): Promise<void> {
  if (fault.notified) return;
  const { service, escalation } = fault;
  const { about: ongoing } = escalation;
  const call = (about: string, { why }: Pick<Escalation, 'why'>, everyHours = 0) =>
    page(ports, { service, about, why: `${why} (${fault.crash.summary})`, now: ports.clock.now(), everyHours });
  if (ongoing !== undefined) await call(ongoing, escalation, 24);
  else if (escalation.kind === 'page') await call('ladder', escalation);
  if (escalation.kind !== 'roll-back') return;
  const back = await goBack(ports, fault, escalation.why);
  // It goes on until somebody ends it: a call a day.
  if (!back.isGoing) await call(`release ${fault.version}`, { why: `${escalation.why}; ${back.why}` }, 24);
}

/** Its successor was launched before it could be known that the failure has come before. */
async function findTwinNext(
  { records }: RecordFaultPorts,
  { slot }: Case,
  { escalation, decidedAt: at = 0 }: FaultRecord,
): Promise<Slot['twinNext']> {
  if (escalation.kind !== 'replace-with-twin' || buildIn(slot) === 'linux') return undefined;
  const imageId = (await records.findRelease(slot.service, slot.version))?.images.linux?.imageId;
  return imageId === undefined ? undefined : { imageId, at, why: escalation.why };
}

const ATTEMPTS = 5;

/** The slot is written by its replacement's steps at the same time. */
async function mark({ slots, clock }: RecordFaultPorts, input: RecordFaultInput, twinNext: Slot['twinNext']): Promise<void> {
  for (let attempts = 1; ; attempts++) {
    const found = await findCase(slots, input);
    if (!found || (!input.isFinal && found.condemned.recordedAt !== undefined)) return;
    const { condemned, isCurrent } = found;
    const slot = isCurrent && twinNext ? { ...found.slot, twinNext } : found.slot;
    try {
      const recorded = withEntry(slot, condemned.faultId, { recordedAt: clock.now() });
      await slots.put(input.isFinal ? withoutEntry(slot, condemned.faultId) : recorded);
      return;
    } catch (error) {
      if (!isNamed(error, 'RecordConflict') || attempts === ATTEMPTS) throw error;
    }
  }
}
