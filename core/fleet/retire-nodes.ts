import { releaseAborted, retirementHeld } from '../errors.ts';
import type { Held } from '../release/hold-release.ts';
import { holdRelease } from '../release/hold-release.ts';
import { SAMPLED, toLast } from '../remediation/plan-door.ts';
import type { Remediations } from '../remediation/ports.ts';
import type { Catalog, Records } from '../release/ports.ts';
import type { StepInput } from '../release/release.ts';
import { changeRelease } from '../release/change-record.ts';
import type { ReleaseRecord } from '../release/release.ts';
import { releaseName, withTransition } from '../release/release.ts';
import { drainSlots } from './drain-slots.ts';
import type { DrainPorts } from './drain-slots.ts';
import type { Condemned, Slot } from './fleet.ts';
import type { LateSlot, ReapFacts, RetirePhase } from './plan-reap.ts';
import { lateSlots, planReap } from './plan-reap.ts';
import { healthySlots } from './serving.ts';

export interface RetireNodesPorts extends DrainPorts {
  readonly records: Records;
  readonly catalog: Pick<Catalog, 'find'>;
  readonly remediations: Pick<Remediations, 'start'>;
}

export interface RetireNodesInput extends StepInput {
  readonly phase: RetirePhase;
}

export type RetireNodesAnswer =
  { readonly kind: 'done'; readonly why: string } | { readonly kind: 'wait'; readonly seconds: number; readonly why: string };

/** Every ten seconds at first. A rollback may be held for its two days: asked ever less often, its history never fills. */
const secondsToHold = (waited: number) => Math.min(300, Math.max(10, Math.ceil(waited / 10)));

/**
 * Asked until it is done: marks the slots, takes their nodes out of the groups, terminates each after its drain. Where
 * P1 holds them back it waits, and a release not for ever: it fails, and is rolled back.
 */
export async function retireNodes(ports: RetireNodesPorts, input: RetireNodesInput): Promise<RetireNodesAnswer> {
  const held = await holdRelease(ports, input, input.phase === 'rollback' ? 'rollback' : 'release');
  const facts = await loadFacts(ports, held, input);
  const plan = planReap(facts, input.phase);
  if (plan.retire.length > 0 && input.phase === 'old-fleet') await commit(ports.records, input);

  if (input.phase === 'rollback') await remarkLate(ports.records, held, input, lateSlots(facts, input.at));
  const marked: Slot[] = [];
  const failed = await failedOf(ports, held, input, plan.retire);
  for (const { slot } of plan.retire) marked.push(await mark(ports, held, slot, { at: input.at, last: failed.get(slot.id) }));
  const retiring = [...plan.all.filter(({ state }) => state === 'retiring'), ...marked];
  const left = await drainSlots(ports, held.service, retiring, input.at);
  if (left) return { kind: 'wait', seconds: left.seconds, why: left.why };
  if (plan.hold !== undefined) {
    const waited = await noteHold(ports.records, input);
    if (canFail(held.release, input)) insistOnEnd(held, waited, plan.hold);
    return { kind: 'wait', seconds: secondsToHold(waited), why: plan.hold };
  }
  return { kind: 'done', why: `${retiring.length} node(s) are gone` };
}

/** Nodes that do not serve any more are not just ended: a remediation without a successor keeps what they died of. */
async function failedOf(
  ports: RetireNodesPorts,
  { service, release }: Held,
  { at }: RetireNodesInput,
  retire: readonly { readonly slot: Slot }[],
): Promise<ReadonlyMap<string, Condemned>> {
  const failed = new Map<string, Condemned>();
  for (const group of new Set(retire.map(({ slot }) => slot.group))) {
    const health = await ports.groups.health(service, group);
    for (const { slot } of retire) {
      const wasInFlight = slot.version === release.version;
      const isSampled = failed.size < SAMPLED;
      const last = slot.group === group ? toLast(slot, { health, wasInFlight, isSampled, now: at }) : undefined;
      if (last) failed.set(slot.id, last);
    }
  }
  return failed;
}

async function mark(
  ports: RetireNodesPorts,
  { service }: Held,
  slot: Slot,
  { at, last }: { readonly at: number; readonly last: Condemned | undefined },
): Promise<Slot> {
  const retiring = { ...slot, state: 'retiring', retiringSince: at } as const;
  if (last === undefined) return ports.slots.put(retiring);
  const marked = await ports.slots.put({ ...retiring, condemned: [...(slot.condemned ?? []), last] });
  const now = (await ports.catalog.find(slot.service)) ?? service;
  await ports.remediations.start({ slot: marked, condemned: last }, { ...service, file: now.file });
  return marked;
}

/** One that serves now, and did not in time, is another thing than one that never would have: the history says so. */
async function remarkLate(
  records: Records,
  { service }: Held,
  input: RetireNodesInput,
  late: readonly LateSlot[],
): Promise<void> {
  if (late.length === 0) return;
  const about = `late#${input.fence}`;
  const { deadlineSeconds } = service.file.health;
  const said = late.map(({ id, afterMs }) => `${id} within ${Math.round(afterMs / 1000)} s of its launch`);
  const why = `healthy after all: ${said.join(', ')}. It is slow, and health.deadlineSeconds is ${deadlineSeconds}`;
  await changeRelease(records, input, (now) =>
    now.transitions.some((one) => one.about === about)
      ? undefined
      : withTransition(now, now.stage, { at: input.at, why, by: 'tandem', about }),
  );
}

/** A rollback has nothing to fall back on, nor has a release past its return: they go on trying. */
const canFail = ({ committedAt }: ReleaseRecord, { phase }: RetireNodesInput) =>
  phase !== 'rollback' && committedAt === undefined;

/** How many seconds this phase has been held. */
async function noteHold(records: Records, input: RetireNodesInput): Promise<number> {
  const { held } = await changeRelease(records, input, (now) =>
    now.held?.phase === input.phase ? undefined : { ...now, held: { phase: input.phase, since: input.at } },
  );
  return (input.at - (held?.since ?? input.at)) / 1000;
}

/** Nodes that are only just lost have the time of a launch to be healthy again. */
function insistOnEnd({ service, release }: Held, waited: number, why: string): void {
  const { health, drainSeconds } = service.file;
  if (waited < health.deadlineSeconds + drainSeconds) return;
  throw retirementHeld(releaseName(release.service, release.version), why, Math.round(waited));
}

/** The point of no return, written where orders are written: an abort comes before it or is refused. */
async function commit(records: Records, input: RetireNodesInput): Promise<void> {
  await changeRelease(records, input, (now) => {
    if (now.committedAt !== undefined) return undefined;
    const intent = now.intent;
    if (now.stage !== 'warm' || now.fence !== input.fence || intent?.kind === 'abort' || intent?.kind === 'supersede') {
      throw releaseAborted(
        releaseName(now.service, now.version),
        intent?.by ?? 'a rollback',
        intent?.why ?? `it is ${now.stage}`,
      );
    }
    return { ...now, committedAt: input.at };
  });
}

async function loadFacts(ports: RetireNodesPorts, held: Held, input: RetireNodesInput): Promise<ReapFacts> {
  const slots = await ports.slots.list(input.service);
  return {
    file: held.service.file,
    release: held.release,
    fence: input.fence,
    slots,
    healthy: await healthySlots(ports.groups, held.service, slots),
    weights: held.record.weights,
  };
}
