import type { Service } from '../service/service.ts';
import type { Node, NodeHealth, Slot } from './fleet.ts';
import { condemnedIn } from './fleet.ts';
import type { Groups, Nodes, Slots } from './ports.ts';

export interface DrainPorts {
  readonly slots: Slots;
  readonly nodes: Nodes;
  readonly groups: Groups;
}

/** A node its group still calls draining gets this many drain times before it goes all the same. */
const MOST_DRAINS = 2;

const OVERDUE_LOOK_MS = 3000;

interface Leaving {
  readonly slot: Slot;
  readonly instanceIds: readonly string[];
  readonly isDraining: boolean;
}

/**
 * Brings retiring slots to their end, as far as `at` allows; undefined when all are gone. An instance is found by its
 * slot tag too, because a launch may have been made whose answer was never recorded. One that failed in the slot is left to
 * its remediation, which keeps it for its evidence.
 */
export async function drainSlots(
  ports: DrainPorts,
  service: Service,
  retiring: readonly Slot[],
  at: number,
): Promise<{ readonly seconds: number; readonly why: string } | undefined> {
  if (retiring.length === 0) return undefined;
  const nodes = await ports.nodes.list(service.file.name);
  const leaving: Leaving[] = [];
  for (const group of new Set(retiring.map((slot) => slot.group))) {
    const health = await ports.groups.health(service, group);
    const ofGroup = retiring.filter((slot) => slot.group === group).map((slot) => toLeaving(slot, nodes, health));
    const members = ofGroup.flatMap(({ instanceIds }) => instanceIds).filter((id) => isMember(health, id));
    if (members.length > 0) await ports.groups.deregister(service, group, members);
    leaving.push(...ofGroup);
  }

  const drainMs = service.file.drainSeconds * 1000;
  const due = leaving.filter((one) => endsAt(one, drainMs) <= at);
  const ended = due.flatMap(({ instanceIds }) => instanceIds);
  if (ended.length > 0) await ports.nodes.terminate(ended);
  for (const { slot } of due) await ports.slots.put({ ...slot, state: 'gone' });

  const left = leaving.filter((one) => !due.includes(one));
  if (left.length === 0) return undefined;
  const seconds = Math.ceil(Math.min(...left.map((one) => nextLook(one, drainMs, at) - at)) / 1000);
  return { seconds: Math.max(1, Math.min(60, seconds)), why: `${left.length} node(s) finish their requests` };
}

/** A slot without an instance has nothing to drain. */
function endsAt({ slot, instanceIds, isDraining }: Leaving, drainMs: number): number {
  const since = slot.retiringSince ?? 0;
  if (instanceIds.length === 0) return since;
  return since + (isDraining ? MOST_DRAINS : 1) * drainMs;
}

/** The group's own drain began a little after the slot was marked, so it ends a little later. */
function nextLook(one: Leaving, drainMs: number, at: number): number {
  const drained = (one.slot.retiringSince ?? 0) + drainMs;
  return drained > at ? drained : at + OVERDUE_LOOK_MS;
}

function toLeaving(slot: Slot, nodes: readonly Node[], health: readonly NodeHealth[]): Leaving {
  const condemned = condemnedIn([slot]);
  const ofSlot = nodes.filter((node) => node.slot === slot.id && !condemned.has(node.instanceId));
  const byTag = ofSlot.map(({ instanceId }) => instanceId);
  const instanceIds = [...new Set([...byTag, ...(slot.instanceId === undefined ? [] : [slot.instanceId])])];
  const isDraining = health.some((one) => one.state === 'draining' && instanceIds.includes(one.instanceId));
  return { slot, instanceIds, isDraining };
}

const isMember = (health: readonly NodeHealth[], instanceId: string) =>
  health.some((one) => one.instanceId === instanceId && one.state !== 'draining');
