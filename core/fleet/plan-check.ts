/** What the nodes of a phase are up to. Pure: slots, instances and health as they were read. */
import { diagnose } from './diagnose.ts';
import type { Node, NodeHealth, Slot } from './fleet.ts';

/** An instance that EC2 does not list this long after its launch has ended, and is not just new to a stale list. */
const UNLISTED_MS = 60_000;

export interface CheckFacts {
  readonly slots: readonly Slot[];
  readonly nodes: readonly Node[];
  /** Health in the slots' own groups. */
  readonly health: readonly NodeHealth[];
  /** Of those that failed, once they have; none before. */
  readonly consoles?: ReadonlyMap<string, Uint8Array | undefined>;
  readonly now: number;
  readonly deadline: number;
}

export type CheckPlan =
  | { readonly kind: 'healthy' | 'wait'; readonly why: string }
  /** `named`: the instances the reason speaks of. */
  | { readonly kind: 'failed'; readonly why: string; readonly named: readonly string[] };

type SlotVerdict = NodeVerdict & { readonly slot: Slot };
type NodeVerdict = { readonly kind: 'healthy' | 'wait' | 'ended'; readonly why: string };

/** The sentence goes into records and notifications: a fleet of hundreds is counted, not listed. */
const MOST_NAMED = 5;

function say(some: readonly SlotVerdict[]): string {
  const named = some.slice(0, MOST_NAMED).map(({ slot, why }) => `${slot.id} ${why}`);
  const more = some.length - named.length;
  return named.join(', ') + (more > 0 ? `, and ${more} more` : '');
}

export function planCheck(facts: CheckFacts): CheckPlan {
  const verdicts = facts.slots.map((slot) => ({ slot, ...verdictOf(facts, slot) }));
  const ended = verdicts.filter(({ kind }) => kind === 'ended');
  if (ended.length > 0) return planFailure(facts, '', ended);
  const waiting = verdicts.filter(({ kind }) => kind === 'wait');
  if (waiting.length === 0) return { kind: 'healthy', why: `${verdicts.length} node(s) are healthy` };
  return facts.now >= facts.deadline
    ? planFailure(facts, 'not healthy at the deadline: ', waiting)
    : { kind: 'wait', why: say(waiting) };
}

function planFailure(facts: CheckFacts, opening: string, failed: readonly SlotVerdict[]): CheckPlan {
  const named = failed.slice(0, MOST_NAMED).flatMap(({ slot }) => slot.instanceId ?? []);
  const shown = failed.map((verdict) => ({
    ...verdict,
    why: [verdict.why, shownBy(facts, verdict.slot)].filter(Boolean).join('; '),
  }));
  return { kind: 'failed', why: opening + say(shown), named };
}

function shownBy({ nodes, health, consoles }: CheckFacts, { instanceId = '' }: Slot): string {
  const node = nodes.find((one) => one.instanceId === instanceId);
  if (!node || !consoles) return '';
  return diagnose({ node, health: health.find((one) => one.instanceId === instanceId), console: consoles.get(instanceId) });
}

/** Running ones their group does not know yet: only a running instance can be registered. */
export function toRegister(facts: Pick<CheckFacts, 'slots' | 'nodes' | 'health'>): readonly Slot[] {
  return facts.slots.filter((slot) => {
    const node = facts.nodes.find(({ instanceId }) => instanceId === slot.instanceId);
    return node?.state === 'running' && !facts.health.some(({ instanceId }) => instanceId === slot.instanceId);
  });
}

/** `pending: number 3 in line to boot`, where it is known what it waits for. */
const sayPending = ({ stateReason = '' }: Node) => (stateReason.startsWith('pending') ? stateReason : 'pending');

/** One that has served was not launched in vain: its end is its remediation's, and its successor is waited for. */
function endedAs({ healthyAt }: Slot, why: string): NodeVerdict {
  return healthyAt === undefined ? { kind: 'ended', why } : { kind: 'wait', why: `${why}; it is replaced` };
}

function verdictOf(facts: CheckFacts, slot: Slot): NodeVerdict {
  if (slot.instanceId === undefined) return { kind: 'wait', why: 'has no instance yet' };
  const node = facts.nodes.find(({ instanceId }) => instanceId === slot.instanceId);
  if (!node) {
    const isNew = facts.now - (slot.launchedAt ?? slot.recordedAt) < UNLISTED_MS;
    if (isNew) return { kind: 'wait', why: `(${slot.instanceId}) is not listed yet` };
    return endedAs(slot, `(${slot.instanceId}) is not listed: it was terminated`);
  }
  if (node.state === 'pending') return { kind: 'wait', why: `(${node.instanceId}) is ${sayPending(node)}` };
  if (node.state !== 'running') {
    return endedAs(slot, `(${node.instanceId}) is ${node.state}: ${node.stateReason ?? 'no reason given'}`);
  }
  const health = facts.health.find(({ instanceId }) => instanceId === node.instanceId);
  if (health?.state === 'healthy') return { kind: 'healthy', why: 'is healthy' };
  const reason = health?.reason === undefined ? '' : `: ${health.reason}`;
  return { kind: 'wait', why: `(${node.instanceId}) is ${health?.state ?? 'running, not registered yet'}${reason}` };
}
