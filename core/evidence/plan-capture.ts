/** Which pieces are to be taken now. Pure: what the node is, what was taken, and the instant. */
import type { EvidenceIndex, EarlyPiece, LatePiece, PieceName } from './evidence.ts';
import { isSettled } from './evidence.ts';

export interface CaptureFacts {
  readonly index: EvidenceIndex;
  /** EC2's state; undefined where it knows the instance no more. */
  readonly state: string | undefined;
  readonly isHung: boolean;
  /** False: many nodes die alike, and of this one only the console and the description are kept. */
  readonly isSampled: boolean;
  readonly hasAccessLog: boolean;
  readonly isLinux: boolean;
}

export interface Task<Name extends PieceName> {
  readonly name: Name;
  readonly why: string;
}

export interface Skip {
  readonly name: PieceName;
  readonly why: string;
}

export interface CapturePlan {
  readonly take: readonly PieceName[];
  /** Pieces that this fault will not have, with the reason. */
  readonly skip: readonly Skip[];
}

const ALWAYS: readonly EarlyPiece[] = ['console-latest.txt', 'console-posted.txt', 'instance.json'];
const WITH_SAMPLE: readonly EarlyPiece[] = ['status.json', 'target-health.json', 'metrics.json', 'volumes.json'];
const WHILE_RUNNING: readonly EarlyPiece[] = ['screenshot.jpg'];
const WHEN_HUNG: readonly EarlyPiece[] = ['interrupt.json', 'console-after-interrupt.txt'];

/** Everything that can be had while the node is there. */
export function planEarly(facts: CaptureFacts): CapturePlan {
  const { isSampled, isHung, state } = facts;
  const skip: Skip[] = [];
  const without = (names: readonly PieceName[], why: string) => skip.push(...names.map((name) => ({ name, why })));
  const take: PieceName[] = [...ALWAYS];
  if (isSampled) take.push(...WITH_SAMPLE);
  else without([...WITH_SAMPLE, ...WHILE_RUNNING, ...WHEN_HUNG], 'many nodes die alike: of this one only the console is kept');
  if (isSampled) {
    if (state === 'running') take.push(...WHILE_RUNNING);
    else without(WHILE_RUNNING, `only a running instance has a screen; it is ${state ?? 'gone'}`);
    if (isHung && state === 'running') take.push(...WHEN_HUNG);
    else without(WHEN_HUNG, isHung ? `it is ${state ?? 'gone'}` : 'it does not hang');
  }
  return unsettled(facts.index, { take, skip });
}

const LATE_ALWAYS: readonly LatePiece[] = ['console-end.txt'];
const LATE_WITH_SAMPLE: readonly LatePiece[] = ['metrics-after.json', 'disk-record.txt'];

/** What AWS has only after the end. */
export function planLate(facts: CaptureFacts): CapturePlan {
  const take: PieceName[] = [...LATE_ALWAYS];
  const skip: Skip[] = [];
  if (facts.isSampled) take.push(...LATE_WITH_SAMPLE);
  else
    for (const name of LATE_WITH_SAMPLE) skip.push({ name, why: 'many nodes die alike: of this one only the console is kept' });
  if (facts.isSampled && facts.isLinux) take.push('node-report.json');
  else skip.push({ name: 'node-report.json', why: facts.isLinux ? 'not sampled' : 'a unikernel leaves no report' });
  if (facts.isSampled && facts.hasAccessLog) take.push('access-log.txt');
  else
    skip.push({
      name: 'access-log.txt',
      why: facts.hasAccessLog ? 'not sampled' : 'a network load balancer logs no plain TCP or UDP',
    });
  return unsettled(facts.index, { take, skip });
}

const unsettled = (index: EvidenceIndex, { take, skip }: CapturePlan): CapturePlan => ({
  take: take.filter((name) => !isSettled(index, name)),
  skip: skip.filter(({ name }) => !isSettled(index, name)),
});
