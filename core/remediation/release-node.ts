import { serviceUnknown } from '../errors.ts';
import type { Node, NodeHealth } from '../fleet/fleet.ts';
import { isAlive } from '../fleet/phase.ts';
import type { Groups, Nodes, Slots } from '../fleet/ports.ts';
import type { Catalog, Clock } from '../release/ports.ts';
import type { Service } from '../service/service.ts';
import type { Case, RemediationStep } from './case.ts';
import { findCase, withEntry } from './case.ts';

export interface ReleaseNodePorts {
  readonly catalog: Pick<Catalog, 'find'>;
  readonly slots: Slots;
  readonly nodes: Pick<Nodes, 'find' | 'terminate'>;
  readonly groups: Groups;
  readonly clock: Clock;
}

export interface ReleaseNodeInput extends RemediationStep {
  /** Nothing more is to be had of it. */
  readonly isFinal: boolean;
}

/** gone: it is terminated, or was · keep: it is off, costs little, and has more to tell. */
export type ReleaseNodeAnswer =
  | { readonly kind: 'gone' | 'keep'; readonly why: string }
  | { readonly kind: 'wait'; readonly seconds: number; readonly why: string };

const LOOK_SECONDS = 5;
/** A node that serves may wait for hours for one that does in its place: looked at ever less often, it fills no history. */
const LONGEST_LOOK_SECONDS = 60;
const secondsToLook = (waitedMs: number) => Math.min(LONGEST_LOOK_SECONDS, Math.max(LOOK_SECONDS, Math.ceil(waitedMs / 20_000)));

const OVER: readonly Node['state'][] = ['shutting-down', 'terminated'];
const OFF: readonly Node['state'][] = ['stopping', 'stopped'];

interface Look extends Case {
  readonly service: Service;
  readonly node: Node | undefined;
  readonly health: readonly NodeHealth[];
}

/** Ends the failed node: out of its group, drained, and its evidence saved or its time over. */
export async function releaseNode(ports: ReleaseNodePorts, input: ReleaseNodeInput): Promise<ReleaseNodeAnswer> {
  const found = await findCase(ports.slots, input);
  if (!found || found.condemned.terminatedAt !== undefined) return { kind: 'gone', why: `${input.faultId} is done with` };
  const service = await ports.catalog.find(input.service);
  if (!service) throw serviceUnknown(input.service);
  const one = await look(ports, service, found);
  const { instanceId, detectedAt } = found.condemned;
  const isOver = one.node === undefined || OVER.includes(one.node.state);
  if (isOver) return end(ports, found, `${instanceId} has ended`);

  const wait = await reasonToWait(ports, one);
  if (wait !== undefined) return { kind: 'wait', seconds: secondsToLook(ports.clock.now() - detectedAt), why: wait };
  if (!input.isFinal && isWorthKeeping(one)) return { kind: 'keep', why: `${instanceId} is off, and has more to tell` };
  await ports.nodes.terminate([instanceId]);
  return end(ports, found, `${instanceId} is terminated`);
}

async function look({ nodes, groups }: ReleaseNodePorts, service: Service, found: Case): Promise<Look> {
  const { slot, condemned } = found;
  const [node] = await nodes.find(slot.service, [condemned.instanceId]);
  return { ...found, service, node, health: await groups.health(service, slot.group) };
}

const isWorthKeeping = ({ node, condemned }: Look) => node !== undefined && OFF.includes(node.state) && condemned.isSampled;

async function reasonToWait({ groups, clock }: ReleaseNodePorts, one: Look): Promise<string | undefined> {
  const { service, slot, condemned, health } = one;
  const { instanceId } = condemned;
  const evidenceBy = condemned.detectedAt + service.file.remediation.evidenceDeadlineSeconds * 1000;
  if (condemned.recordedAt === undefined && clock.now() < evidenceBy) return `the evidence of ${instanceId} is being saved`;
  const member = health.find((other) => other.instanceId === instanceId);
  if (member === undefined) return undefined;
  const isServed = health.some((other) => other.instanceId === slot.instanceId && other.state === 'healthy');
  // Taken out by nobody but us, it would be missed until another serves in its slot, be it its successor's successor.
  if (member.state === 'healthy' && isAlive(slot) && !isServed)
    return `${instanceId} still serves, and its successor does not yet`;
  if (member.state === 'draining') return drains(one);
  await groups.deregister(service, slot.group, [instanceId]);
  return member.state === 'healthy' ? `${instanceId} finishes its requests` : undefined;
}

/** One that failed has no requests to finish that could end well. */
const drains = ({ condemned, node }: Look) =>
  condemned.isHung || (node !== undefined && OFF.includes(node.state))
    ? undefined
    : `${condemned.instanceId} finishes its requests`;

async function end({ slots, clock }: ReleaseNodePorts, { slot, condemned }: Case, why: string): Promise<ReleaseNodeAnswer> {
  await slots.put(withEntry(slot, condemned.faultId, { terminatedAt: clock.now() }));
  return { kind: 'gone', why };
}
