import { isNamed, serviceUnknown } from '../errors.ts';
import type { Hashing } from '../image/ports.ts';
import type { Metrics } from '../judgement/ports.ts';
import type { Catalog, Clock } from '../release/ports.ts';
import type { Service } from '../service/service.ts';
import type { EvidenceIndex, PieceName, Seen, Witnessed } from './evidence.ts';
import { emptyIndex, isSettled } from './evidence.ts';
import { Patience } from './patience.ts';
import type { CaptureFacts, CapturePlan } from './plan-capture.ts';
import { planEarly, planLate } from './plan-capture.ts';
import type { AccessLog, DiskReader, EvidenceStore, Witness } from './ports.ts';
import { savePiece } from './save-piece.ts';
import { takePiece } from './take-piece.ts';
import type { Taken } from './take-piece.ts';

export interface CapturePorts {
  readonly catalog: Pick<Catalog, 'find'>;
  readonly witness: Witness;
  readonly disks: DiskReader;
  readonly evidence: EvidenceStore;
  readonly accessLog: AccessLog;
  readonly metrics: Pick<Metrics, 'read'>;
  readonly hashing: Pick<Hashing, 'sha256'>;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<void>;
}

export interface CaptureInput {
  readonly service: string;
  readonly node: Witnessed;
  readonly faultId: string;
  readonly until: 'early' | 'late';
  /** When the node failed. */
  readonly since: number;
  /** What has not come by then is listed as missed. */
  readonly deadline: number;
  readonly isHung: boolean;
  readonly isSampled: boolean;
}

/** The order, with the service as it is declared now. */
export interface Capture extends Omit<CaptureInput, 'service'> {
  readonly service: Service;
}

export type CaptureAnswer =
  | { readonly kind: 'captured'; readonly captured: number; readonly missed: number; readonly why: string }
  | { readonly kind: 'wait'; readonly seconds: number; readonly why: string };

/** A piece that failed, or is not there yet, is asked for again this often until the deadline. */
const AGAIN_MS = { early: 5_000, late: 60_000 } as const;

/**
 * Takes what there is, and says how long to wait for the rest. Each piece fails alone; what is in the index is not taken
 * again; the index is written last, so whoever is interrupted takes the same pieces to the same keys again.
 */
export async function captureEvidence(ports: CapturePorts, order: CaptureInput): Promise<CaptureAnswer> {
  try {
    return await takeAndKeep(ports, order);
  } catch (error) {
    // A node that hangs is not kept for a bucket that takes nothing; whoever comes late has no node to keep.
    const isOver = order.until === 'early' && ports.clock.now() >= order.deadline;
    if (!isOver || isNamed(error, 'ServiceUnknown')) throw error;
    return { kind: 'captured', captured: 0, missed: 0, why: `its time is over: ${sayError(error)}` };
  }
}

const sayError = (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

async function takeAndKeep(ports: CapturePorts, order: CaptureInput): Promise<CaptureAnswer> {
  const { service: name, faultId, node } = order;
  const service = await ports.catalog.find(name);
  if (!service) throw serviceUnknown(name);
  const input: Capture = { ...order, service };
  const before = (await ports.evidence.findIndex(name, faultId)) ?? emptyIndex(name, faultId, node.instanceId);
  const patience = new Patience(ports, input);
  const seen = before.seen ?? (await look(ports, input, patience));
  const facts = toFacts(before, input, seen);
  const plan = input.until === 'early' ? planEarly(facts) : planLate(facts);
  const taken = await takeAll(ports, { input, index: facts.index, plan, patience });

  const index = settleAll(facts.index, plan, taken, ports.clock.now() >= input.deadline);
  await ports.evidence.putIndex(index);
  return say(input, index, waitingFor(plan, index, taken), ports.clock.now());
}

/** What is asked once: a node that is terminated meanwhile is told of as it was. */
async function look({ witness }: CapturePorts, { node }: Capture, patience: Patience): Promise<Seen | 'gone' | 'unanswered'> {
  try {
    const found = await patience.for(() => witness.describe(node.instanceId));
    if (found.kind === 'late') return 'unanswered';
    if (found.value === undefined) return 'gone';
    const { state, stateReason, launchedAt, address, rootVolume } = found.value;
    return {
      state,
      launchedAt,
      ...(stateReason && { stateReason }),
      ...(address && { address }),
      ...(rootVolume && { rootVolume }),
    };
  } catch {
    // Told in the index by the piece that asks the same; the others must not wait for this answer.
    return 'unanswered';
  }
}

function toFacts(before: EvidenceIndex, input: Capture, seen: Seen | 'gone' | 'unanswered'): CaptureFacts {
  const isKnown = typeof seen === 'object';
  return {
    index: isKnown ? { ...before, seen } : before,
    // Where EC2 does not answer, everything is tried, and what it refuses is listed.
    state: isKnown ? seen.state : seen === 'unanswered' ? 'running' : undefined,
    isHung: input.isHung,
    isSampled: input.isSampled,
    hasAccessLog: input.service.file.protocol === 'http',
    isLinux: input.node.build === 'linux',
  };
}

interface Taking {
  readonly input: Capture;
  readonly index: EvidenceIndex;
  readonly plan: CapturePlan;
  readonly patience: Patience;
}

/** The screen and the console come before the interrupt, which may change both. */
async function takeAll(ports: CapturePorts, taking: Taking): Promise<ReadonlyMap<PieceName, Taken>> {
  const isAfter = (name: PieceName) => name === 'interrupt.json' || name === 'console-after-interrupt.txt';
  const first = taking.plan.take.filter((name) => !isAfter(name));
  const taken = new Map<PieceName, Taken>();
  const takeOne = async (name: PieceName) => taken.set(name, await attempt(ports, taking, name));
  await Promise.all(first.map(takeOne));
  for (const name of taking.plan.take.filter(isAfter)) await takeOne(name);
  return taken;
}

async function attempt(ports: CapturePorts, { input, index, patience }: Taking, name: PieceName): Promise<Taken> {
  try {
    const answer = await patience.for((signal) => takePiece({ ports, input, index, name, signal }));
    if (answer.kind === 'late') return { kind: 'not-yet', why: answer.why };
    const taken = answer.value;
    if (taken.kind !== 'bytes') return taken;
    // Waited for to its end: what were stored after its piece has been taken again would not be what the index says.
    const piece = await savePiece(ports, input, name, taken.bytes);
    return { kind: 'piece', piece, ...(taken.volumes && { volumes: taken.volumes }) };
  } catch (error) {
    if (isNamed(error, 'EvidenceUnavailable')) return { kind: 'never', why: error.message };
    return { kind: 'not-yet', why: sayError(error) };
  }
}

function settleAll(
  index: EvidenceIndex,
  plan: CapturePlan,
  taken: ReadonlyMap<PieceName, Taken>,
  isOver: boolean,
): EvidenceIndex {
  const pieces = [...taken.values()].flatMap((one) => (one.kind === 'piece' ? one.piece : []));
  const volumes =
    index.volumes ?? [...taken.values()].flatMap((one) => (one.kind === 'piece' && one.volumes ? [one.volumes] : []))[0];
  const given = [...taken].flatMap(([name, one]) =>
    one.kind === 'never' || (isOver && one.kind === 'not-yet') ? { name, why: one.why } : [],
  );
  return {
    ...index,
    ...(volumes && { volumes }),
    pieces: [...index.pieces, ...pieces],
    missed: [...index.missed, ...plan.skip, ...given],
  };
}

interface Open {
  readonly name: PieceName;
  readonly due: number | undefined;
}

const waitingFor = (plan: CapturePlan, index: EvidenceIndex, taken: ReadonlyMap<PieceName, Taken>): readonly Open[] =>
  plan.take.filter((name) => !isSettled(index, name)).map((name) => ({ name, due: dueOf(taken.get(name)) }));

const dueOf = (one: Taken | undefined) => (one?.kind === 'not-yet' ? one.due : undefined);

function say(input: Capture, index: EvidenceIndex, open: readonly Open[], now: number): CaptureAnswer {
  if (open.length === 0) {
    const [captured, missed] = [index.pieces.length, index.missed.length];
    return { kind: 'captured', captured, missed, why: `${captured} piece(s) are kept, ${missed} are listed as missed` };
  }
  const soonest = Math.min(...open.map(({ due }) => due ?? now + AGAIN_MS[input.until]));
  const seconds = Math.max(1, Math.ceil((Math.min(input.deadline, soonest) - now) / 1000));
  return { kind: 'wait', seconds, why: `waits for ${open.map(({ name }) => name).join(', ')}` };
}
