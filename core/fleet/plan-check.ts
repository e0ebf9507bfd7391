/** What the nodes of a phase are up to. Pure: slots, instances and health as they were read. */
import type { Node, NodeHealth, Slot } from './fleet.ts';

/** An instance that EC2 does not list this long after its launch has ended, and is not just new to a stale list. */
const UNLISTED_MS = 60_000;

export interface CheckFacts {
  readonly slots: readonly Slot[];
  readonly nodes: readonly Node[];
  /** Health in the slots' own groups. */
  readonly health: readonly NodeHealth[];
  readonly now: number;
  readonly deadline: number;
}

export type CheckPlan = { readonly kind: 'healthy' | 'wait' | 'failed'; readonly why: string };

type NodeVerdict = { readonly kind: 'healthy' | 'wait' | 'ended'; readonly why: string };

/** The sentence goes into records and notifications: a fleet of hundreds is counted, not listed. */
const MOST_NAMED = 5;

function say(some: readonly (NodeVerdict & { readonly slot: Slot })[]): string {
  const named = some.slice(0, MOST_NAMED).map(({ slot, why }) => `${slot.id} ${why}`);
  const more = some.length - named.length;
  return named.join(', ') + (more > 0 ? `, and ${more} more` : '');
}

export function planCheck(facts: CheckFacts): CheckPlan {
  const verdicts = facts.slots.map((slot) => ({ slot, ...verdictOf(facts, slot) }));
  const ended = verdicts.filter(({ kind }) => kind === 'ended');
  if (ended.length > 0) return { kind: 'failed', why: say(ended) };
  const waiting = verdicts.filter(({ kind }) => kind === 'wait');
  if (waiting.length === 0) return { kind: 'healthy', why: `${verdicts.length} node(s) are healthy` };
  const isLate = facts.now >= facts.deadline;
  return { kind: isLate ? 'failed' : 'wait', why: isLate ? `not healthy at the deadline: ${say(waiting)}` : say(waiting) };
}

/** Running ones their group does not know yet: only a running instance can be registered. */
export function toRegister(facts: Pick<CheckFacts, 'slots' | 'nodes' | 'health'>): readonly Slot[] {
  return facts.slots.filter((slot) => {
    const node = facts.nodes.find(({ instanceId }) => instanceId === slot.instanceId);
    return node?.state === 'running' && !facts.health.some(({ instanceId }) => instanceId === slot.instanceId);
  });
}

function verdictOf(facts: CheckFacts, slot: Slot): NodeVerdict {
  if (slot.instanceId === undefined) return { kind: 'wait', why: 'has no instance yet' };
  const node = facts.nodes.find(({ instanceId }) => instanceId === slot.instanceId);
  if (!node) {
    const isNew = facts.now - (slot.launchedAt ?? slot.recordedAt) < UNLISTED_MS;
    return { kind: isNew ? 'wait' : 'ended', why: `(${slot.instanceId}) is not listed${isNew ? ' yet' : ': it was terminated'}` };
  }
  if (node.state === 'pending') return { kind: 'wait', why: `(${node.instanceId}) is pending` };
  if (node.state !== 'running') {
    return { kind: 'ended', why: `(${node.instanceId}) is ${node.state}: ${node.stateReason ?? 'no reason given'}` };
  }
  const health = facts.health.find(({ instanceId }) => instanceId === node.instanceId);
  if (health?.state === 'healthy') return { kind: 'healthy', why: 'is healthy' };
  const reason = health?.reason === undefined ? '' : `: ${health.reason}`;
  return { kind: 'wait', why: `(${node.instanceId}) is ${health?.state ?? 'running, not registered yet'}${reason}` };
}
