import { launchIncomplete, launchRefused, unreachable } from '../errors.ts';
import type { Held } from '../release/hold-release.ts';
import { holdRelease } from '../release/hold-release.ts';
import type { Clock, Records } from '../release/ports.ts';
import type { StepInput } from '../release/release.ts';
import type { LaunchOutcome, Nodes, Slots } from './ports.ts';
import type { Slot } from './fleet.ts';
import type { FleetFacts, LaunchPhase } from './phase.ts';
import { phaseSlots } from './phase.ts';
import type { LaunchPlan } from './plan-canary.ts';
import { planCanary } from './plan-canary.ts';
import { planDebut } from './plan-debut.ts';
import { planFinish } from './plan-finish.ts';
import { planPromotion } from './plan-promotion.ts';
import { planRestore } from './plan-restore.ts';

export interface LaunchNodesPorts {
  readonly records: Records;
  readonly slots: Slots;
  readonly nodes: Nodes;
  readonly clock: Clock;
}

export interface LaunchNodesInput extends StepInput {
  readonly phase: LaunchPhase;
}

export type LaunchNodesAnswer =
  | { readonly kind: 'launched'; readonly why: string; readonly deadline: string }
  | { readonly kind: 'complete'; readonly why: string };

/** Every slot is recorded before its instance is asked for: whatever happens in between, the instance has an owner. */
export async function launchNodes(ports: LaunchNodesPorts, input: LaunchNodesInput): Promise<LaunchNodesAnswer> {
  const held = await holdRelease(ports, input, input.phase === 'restore' ? 'rollback' : 'release');
  const facts = await loadFacts(ports, held, input);
  const plan = planLaunch(facts, input.phase);
  if (plan.isComplete === true) return { kind: 'complete', why: plan.why };

  const recorded: Slot[] = [];
  for (const slot of plan.slots) recorded.push(await ports.slots.put(slot));
  // Also with nothing lacking it is not `complete`: a retry answers the same, and the weights are still to be set.
  await launchAll(ports, held, [...phaseSlots(facts, input.phase), ...recorded]);
  return { kind: 'launched', why: plan.why, deadline: deadlineFrom(ports.clock.now(), held) };
}

/** By the clock: capacity may have been short for longer than a node may take to become healthy. */
const deadlineFrom = (now: number, { service }: Held) => new Date(now + service.file.health.deadlineSeconds * 1000).toISOString();

function planLaunch(facts: FleetFacts, phase: LaunchPhase): LaunchPlan {
  switch (phase) {
    case 'canary':
      return planCanary(facts);
    case 'debut':
      return planDebut(facts);
    case 'promote':
      return planPromotion(facts);
    case 'finish':
      return planFinish(facts);
    case 'restore':
      return planRestore(facts);
    default:
      return unreachable(phase);
  }
}

async function loadFacts(ports: LaunchNodesPorts, held: Held, input: LaunchNodesInput): Promise<FleetFacts> {
  const { service, release } = held;
  const stable = release.replaces === undefined ? undefined : await ports.records.findRelease(input.service, release.replaces);
  const slots = await ports.slots.list(input.service);
  return { service, release, slots, fence: input.fence, at: input.at, ...(stable ? { stable } : {}) };
}

/** A slot whose first instance failed is filled by its remediation. */
const isFirst = ({ state, attempt }: Slot) => state === 'recorded' && attempt === 1;

/** One after the other: EC2 throttles launches an account. What launched is recorded before a shortage is reported. */
async function launchAll(ports: LaunchNodesPorts, held: Held, slots: readonly Slot[]): Promise<void> {
  const failed: Exclude<LaunchOutcome, { kind: 'launched' }>[] = [];
  for (const slot of slots.filter(isFirst)) {
    const outcome = await ports.nodes.launch(held.service, slot);
    if (outcome.kind === 'launched') await recordLaunch(ports, slot, outcome.instanceId);
    else failed.push(outcome);
  }
  const why = [...new Set(failed.map((outcome) => outcome.why))].join('; ');
  if (failed.some(({ kind }) => kind === 'refused')) throw launchRefused(failed.length, why);
  if (failed.length > 0) throw launchIncomplete(failed.length, why);
}

async function recordLaunch({ slots, clock }: LaunchNodesPorts, slot: Slot, instanceId: string): Promise<void> {
  await slots.put({ ...slot, state: 'launched', instanceId, launchedAt: clock.now() });
}
