import { serviceUnknown } from '../errors.ts';
import type { Node, NodeHealth, Slot } from '../fleet/fleet.ts';
import { planCheck, toRegister } from '../fleet/plan-check.ts';
import type { Groups, Nodes, Slots } from '../fleet/ports.ts';
import type { Catalog, Clock } from '../release/ports.ts';
import type { Service } from '../service/service.ts';
import type { KeepLitPorts } from '../traffic/keep-lit.ts';
import { tryKeepLit } from '../traffic/keep-lit.ts';
import { backoffSeconds } from './backoff.ts';
import type { Case, RemediationStep } from './case.ts';
import { findCase, withEntry } from './case.ts';

export interface TendReplacementPorts extends KeepLitPorts {
  readonly catalog: Pick<Catalog, 'find'>;
  readonly slots: Slots;
  readonly nodes: Pick<Nodes, 'find'>;
  readonly groups: Groups;
  readonly clock: Clock;
}

/** failed: it is to be replaced in its turn, after `seconds` · moved: the slot is somebody else's now, or gone. */
export type TendReplacementAnswer =
  | { readonly kind: 'healthy' | 'moved'; readonly why: string }
  | { readonly kind: 'wait'; readonly seconds: number; readonly why: string }
  | {
      readonly kind: 'failed';
      readonly seconds: number;
      readonly instanceId: string;
      readonly isHung: boolean;
      readonly why: string;
    };

/** A crash loop is to be seen within seconds. */
const LOOK_SECONDS = 4;

/** Brings the replacement into its group and the failed node out of it, and says when the replacement serves. */
export async function tendReplacement(ports: TendReplacementPorts, input: RemediationStep): Promise<TendReplacementAnswer> {
  const found = await findCase(ports.slots, input);
  if (!found?.isCurrent || found.slot.state !== 'launched')
    return { kind: 'moved', why: `slot ${input.slot} has gone its own way` };
  const service = await ports.catalog.find(input.service);
  if (!service) throw serviceUnknown(input.service);

  const facts = await look(ports, service, found);
  const { slot, condemned } = found;
  const news = toRegister(facts).flatMap(({ instanceId }) => instanceId ?? []);
  if (news.length > 0) await ports.groups.register(service, slot.group, news);
  const plan = planCheck(facts);
  await leaveGroup(ports, service, { found, health: facts.health, isReplaced: plan.kind === 'healthy' });
  if (plan.kind === 'wait') return { kind: 'wait', seconds: LOOK_SECONDS, why: plan.why };
  if (plan.kind === 'failed') return toFailure(slot, facts.nodes, plan.why);

  const healthyAt = ports.clock.now();
  await ports.slots.put(withEntry({ ...slot, healthyAt, failures: 0 }, condemned.faultId, { healthyAt }));
  await tryKeepLit(ports, service, { now: healthyAt });
  return { kind: 'healthy', why: `${slot.instanceId ?? ''} serves in slot ${slot.id}` };
}

async function look({ nodes, groups, clock }: TendReplacementPorts, service: Service, { slot }: Case) {
  const { instanceId } = slot;
  return {
    slots: [slot],
    nodes: instanceId === undefined ? [] : await nodes.find(slot.service, [instanceId]),
    health: await groups.health(service, slot.group),
    now: clock.now(),
    deadline: (slot.launchedAt ?? slot.recordedAt) + service.file.health.deadlineSeconds * 1000,
  };
}

interface Leaving {
  readonly found: Case;
  readonly health: readonly NodeHealth[];
  readonly isReplaced: boolean;
}

/** One that still serves stays until its successor does: we take no capacity away. */
async function leaveGroup({ groups }: TendReplacementPorts, service: Service, leaving: Leaving): Promise<void> {
  const { slot, condemned } = leaving.found;
  const member = leaving.health.find(({ instanceId }) => instanceId === condemned.instanceId);
  if (member === undefined || member.state === 'draining') return;
  if (member.state === 'healthy' && !leaving.isReplaced) return;
  await groups.deregister(service, slot.group, [condemned.instanceId]);
}

function toFailure(slot: Slot, nodes: readonly Node[], why: string): TendReplacementAnswer {
  const node = nodes.find(({ instanceId }) => instanceId === slot.instanceId);
  return {
    kind: 'failed',
    seconds: backoffSeconds((slot.failures ?? 0) + 1),
    instanceId: slot.instanceId ?? '',
    isHung: node?.state === 'running' || node?.state === 'pending',
    why,
  };
}
