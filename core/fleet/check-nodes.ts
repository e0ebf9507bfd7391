import { pieceKey } from '../evidence/evidence.ts';
import type { EvidenceStore } from '../evidence/ports.ts';
import { faultIdOf } from '../remediation/sighting.ts';
import { holdRelease } from '../release/hold-release.ts';
import type { Clock, Records } from '../release/ports.ts';
import type { ReleaseRecord, StepInput } from '../release/release.ts';
import type { Service } from '../service/service.ts';
import type { Node, NodeHealth, Slot } from './fleet.ts';
import { markHealthy } from './mark-healthy.ts';
import type { LaunchPhase } from './phase.ts';
import { phaseSlots } from './phase.ts';
import type { CheckFacts } from './plan-check.ts';
import { planCheck, toRegister } from './plan-check.ts';
import type { Consoles, Groups, Nodes, Slots } from './ports.ts';

export interface CheckNodesPorts {
  readonly records: Records;
  readonly slots: Slots;
  readonly nodes: Nodes;
  readonly groups: Groups;
  readonly consoles: Consoles;
  readonly evidence: Pick<EvidenceStore, 'put'>;
  readonly clock: Clock;
}

export interface CheckNodesInput extends StepInput {
  readonly phase: LaunchPhase;
  readonly deadline: number;
}

export type CheckNodesAnswer =
  | { readonly kind: 'healthy'; readonly why: string; readonly addresses: string[] }
  | { readonly kind: 'wait'; readonly seconds: number; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

const LONGEST_WAIT_SECONDS = 15;

export async function checkNodes(ports: CheckNodesPorts, input: CheckNodesInput): Promise<CheckNodesAnswer> {
  const { service, release } = await holdRelease(ports, input, input.phase === 'restore' ? 'rollback' : 'release');
  const slots = phaseSlots({ release, slots: await ports.slots.list(input.service), fence: input.fence }, input.phase);
  const facts: CheckFacts = {
    slots,
    nodes: await nodesOf(ports, input.service, slots),
    health: await healthOf(ports, service, slots),
    now: ports.clock.now(),
    deadline: input.deadline,
  };
  await register(ports, service, toRegister(facts));
  await markHealthy(ports.slots, facts);

  const plan = planCheck(facts);
  if (plan.kind === 'healthy') return { kind: 'healthy', why: plan.why, addresses: canaryAddresses(facts) };
  if (plan.kind === 'failed') {
    const consoles = await consolesOf(ports.consoles, plan.named);
    const kept = await keep(ports.evidence, slots, consoles);
    const why = [planCheck({ ...facts, consoles }).why, sayKept(kept), ...notesOf(release, slots)].filter(Boolean).join('; ');
    return { kind: 'failed', why };
  }
  return { kind: 'wait', seconds: Math.min(service.file.health.intervalSeconds, LONGEST_WAIT_SECONDS), why: plan.why };
}

/** One that is not listed may have ended by itself; what it ended of is told only when it is asked for. */
async function nodesOf({ nodes }: CheckNodesPorts, service: string, slots: readonly Slot[]): Promise<readonly Node[]> {
  const listed = await nodes.list(service);
  const known = new Set(listed.map(({ instanceId }) => instanceId));
  const unlisted = slots.flatMap(({ instanceId }) => (instanceId === undefined || known.has(instanceId) ? [] : instanceId));
  return unlisted.length === 0 ? listed : [...listed, ...(await nodes.find(service, unlisted))];
}

/** The reason of a failure says what is seen of it; what cannot be had at once is done without. */
async function consolesOf(
  consoles: Consoles,
  instanceIds: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
  const look = async (id: string) => [id, await consoles.console(id).catch(() => undefined)] as const;
  return new Map(await Promise.all(instanceIds.map(look)));
}

/** Its node never served and gets no remediation: this is where its console is kept before it goes. */
async function keep(
  evidence: CheckNodesPorts['evidence'],
  slots: readonly Slot[],
  consoles: ReadonlyMap<string, Uint8Array | undefined>,
): Promise<readonly string[]> {
  const keepOne = async ({ service, instanceId = '', attempt }: Slot) => {
    const console = consoles.get(instanceId);
    if (console === undefined || console.length === 0) return [];
    const key = pieceKey(service, faultIdOf(instanceId, attempt), 'console-latest.txt');
    // What cannot be kept must not keep the release from its end.
    return evidence.put(key, console).then(
      () => [key],
      () => [],
    );
  };
  return (await Promise.all(slots.map(keepOne))).flat();
}

function sayKept([first, ...more]: readonly string[]): string {
  if (first === undefined) return '';
  return `its console is kept as ${first}${more.length > 0 ? `, and ${more.length} more beside it` : ''}`;
}

/** A rollback launches nodes of another release. */
function notesOf({ version, images }: ReleaseRecord, slots: readonly Slot[]): readonly string[] {
  const builds = new Set(slots.flatMap((slot) => (slot.version === version ? slot.build : [])));
  return [...builds].flatMap((build) => images[build]?.note ?? []);
}

async function healthOf(ports: CheckNodesPorts, service: Service, slots: readonly Slot[]): Promise<readonly NodeHealth[]> {
  const groups = [...new Set(slots.map(({ group }) => group))];
  return (await Promise.all(groups.map((group) => ports.groups.health(service, group)))).flat();
}

async function register(ports: CheckNodesPorts, service: Service, slots: readonly Slot[]): Promise<void> {
  for (const group of new Set(slots.map((slot) => slot.group))) {
    const ids = slots.filter((slot) => slot.group === group).flatMap(({ instanceId }) => instanceId ?? []);
    await ports.groups.register(service, group, ids);
  }
}

const canaryAddresses = ({ slots, nodes }: CheckFacts) =>
  slots
    .filter(({ group }) => group === 'canary')
    .flatMap((slot) => nodes.find(({ instanceId }) => instanceId === slot.instanceId)?.address ?? []);
