/** Which nodes have failed though nobody said so, and what else of them is not as it should be. Pure. */
import type { Sighting } from '../remediation/sighting.ts';
import type { Node, NodeHealth, Slot } from '../fleet/fleet.ts';
import type { Impairment } from '../fleet/ports.ts';
import type { Group } from '../service/service.ts';

export interface NodeFacts {
  readonly slots: readonly Slot[];
  readonly nodes: readonly Node[];
  readonly health: ReadonlyMap<Group, readonly NodeHealth[]>;
  readonly impairments: readonly Impairment[];
  /** Time a launched node has to become healthy. */
  readonly deadlineMs: number;
  readonly now: number;
}

/**
 * failed: it is told to the door · suspect: it does not serve, and a second look must confirm it · well: it serves again ·
 * healthy: it serves for the first time · register: it runs and is in no group
 */
export type NodeFinding =
  | { readonly kind: 'failed'; readonly slot: Slot; readonly sighting: Sighting }
  | { readonly kind: 'suspect' | 'well' | 'healthy' | 'register'; readonly slot: Slot; readonly why: string };

/** An instance that is not listed this long after its launch has ended, and is not just new to a stale list. */
const UNLISTED_MS = 60_000;
/** Less than the minute between two sweeps, more than the seconds between a sweep and its repeat. */
const CONFIRMED_MS = 45_000;

export function planNodes(facts: NodeFacts): readonly NodeFinding[] {
  return facts.slots.filter(({ state }) => state === 'launched').flatMap((slot) => find(facts, slot) ?? []);
}

function find(facts: NodeFacts, slot: Slot): NodeFinding | undefined {
  const { now } = facts;
  const node = facts.nodes.find(({ instanceId }) => instanceId === slot.instanceId);
  if (!node) {
    const isNew = now - (slot.launchedAt ?? slot.recordedAt) < UNLISTED_MS;
    return isNew ? undefined : failed(slot, { why: 'EC2 does not list it: it was terminated', isHung: false, at: now });
  }
  if (node.state !== 'pending' && node.state !== 'running') {
    const why = `it is ${node.state}: ${node.stateReason ?? 'no reason given'}`;
    return failed(slot, { why, isHung: false, at: now });
  }
  return findRunning(facts, slot, node);
}

function findRunning(facts: NodeFacts, slot: Slot, node: Node): NodeFinding | undefined {
  const member = facts.health.get(slot.group)?.find(({ instanceId }) => instanceId === node.instanceId);
  const impairment = facts.impairments.find(({ instanceId }) => instanceId === node.instanceId);
  if (impairment?.kind === 'scheduled') return failed(slot, { ...impairment, isHung: false, at: facts.now, way: 'status' });
  const serves = member?.state === 'healthy' && impairment === undefined;
  if (slot.healthyAt === undefined) return findNew(facts, slot, { serves, member, node });
  if (serves) return slot.suspectedAt === undefined ? undefined : { kind: 'well', slot, why: 'it serves again' };
  if (member === undefined && node.state === 'running') return { kind: 'register', slot, why: 'it runs, and is in no group' };
  if (member?.state === 'initial' || member?.state === 'draining') return undefined;
  const why = impairment?.why ?? `it is ${member?.state ?? node.state}: ${member?.reason ?? 'no reason given'}`;
  if (slot.suspectedAt === undefined) return { kind: 'suspect', slot, why };
  if (facts.now - slot.suspectedAt < CONFIRMED_MS) return undefined;
  return failed(slot, { why, isHung: true, at: slot.suspectedAt, way: impairment ? 'status' : 'sweep' });
}

interface New {
  readonly serves: boolean;
  readonly member: NodeHealth | undefined;
  readonly node: Node;
}

/** Whoever launched it watches it until its deadline; the door knows whether somebody does. */
function findNew(facts: NodeFacts, slot: Slot, { serves, member, node }: New): NodeFinding | undefined {
  if (serves) return { kind: 'healthy', slot, why: 'it serves' };
  const deadline = (slot.launchedAt ?? slot.recordedAt) + facts.deadlineMs + CONFIRMED_MS;
  if (facts.now < deadline) return undefined;
  const why = `it was not healthy in time: ${member?.reason ?? member?.state ?? node.state}`;
  return failed(slot, { why, isHung: true, at: deadline });
}

function failed(
  slot: Slot,
  told: Pick<Sighting, 'why' | 'isHung' | 'at'> & { readonly way?: Sighting['way'] },
): NodeFinding | undefined {
  const { instanceId } = slot;
  if (instanceId === undefined) return undefined;
  const { why, isHung, at, way = 'sweep' } = told;
  return { kind: 'failed', slot, sighting: { instanceId, way, at, why, isHung, slot } };
}
