import { fenceMoved, weightsNotTaken } from '../errors.ts';
import type { Slot } from '../fleet/fleet.ts';
import { isAlive, nextFleet } from '../fleet/phase.ts';
import type { Groups, Slots } from '../fleet/ports.ts';
import { healthySlots } from '../fleet/serving.ts';
import { changeService } from '../release/change-record.ts';
import type { Held } from '../release/hold-release.ts';
import { holdRelease } from '../release/hold-release.ts';
import type { Records } from '../release/ports.ts';
import type { StepInput, Weights } from '../release/release.ts';
import { releaseName } from '../release/release.ts';
import { otherFleet } from '../release/start-release.ts';
import { assertWeights, isSameWeights } from './assert-weights.ts';
import type { ShiftPhase, Serving, WeightFacts } from './plan-weights.ts';
import { planWeights } from './plan-weights.ts';
import type { Traffic } from './ports.ts';

export interface ShiftTrafficPorts {
  readonly records: Records;
  readonly slots: Slots;
  readonly groups: Groups;
  readonly traffic: Traffic;
}

export interface ShiftTrafficInput extends StepInput {
  readonly phase: ShiftPhase;
}

export interface ShiftTrafficAnswer {
  readonly kind: 'settling';
  readonly seconds: number;
  readonly why: string;
}

/** Recorded, set, read back. Recording comes first and under the fence: whoever comes later asserts what is recorded. */
export async function shiftTraffic(ports: ShiftTrafficPorts, input: ShiftTrafficInput): Promise<ShiftTrafficAnswer> {
  const isBack = input.phase === 'rollback' || input.phase === 'restore';
  const held = await holdRelease(ports, input, isBack ? 'rollback' : 'release');
  const plan = planWeights(await loadFacts(ports, held, input.phase));
  if (plan.kind === 'unsafe') throw weightsNotTaken(input.service, plan.why);

  await recordWeights(ports.records, input, plan.weights);
  const asserted = await assertWeights(ports, held.service);
  if (!isSameWeights(asserted, plan.weights)) throw overtaken(input, (await ports.records.findService(input.service))?.fence);
  const shown = await ports.traffic.read(held.service);
  if (!isSameWeights(shown, plan.weights)) throw weightsNotTaken(input.service, `it shows ${JSON.stringify(shown)}`);
  return { kind: 'settling', seconds: held.service.file.weightSettleSeconds, why: plan.why };
}

async function recordWeights(records: Records, input: ShiftTrafficInput, weights: Weights): Promise<void> {
  await changeService(records, input.service, (now) => {
    if (now.fence !== input.fence) throw overtaken(input, now.fence);
    if (isSameWeights(now.weights, weights) && (now.dark ?? []).length === 0) return undefined;
    // Planned on who is healthy now; a group that has nobody all the same is the sweep's to find.
    return { ...now, weights, dark: [], weightsChangedAt: input.at };
  });
}

const overtaken = (input: StepInput, fence = 0) => fenceMoved(releaseName(input.service, input.version), input.fence, fence);

async function loadFacts(ports: ShiftTrafficPorts, held: Held, phase: ShiftPhase): Promise<WeightFacts> {
  const { service, release } = held;
  const slots = await ports.slots.list(release.service);
  const healthy = await healthySlots(ports.groups, service, slots);
  const next = nextFleet(release);
  return {
    file: service.file,
    phase,
    next,
    ...(release.replaces === undefined ? {} : { stable: otherFleet(next) }),
    serving: toServing(held, healthy),
    isBaselineMixed: slots.some((slot) => slot.group === 'baseline' && slot.version === release.version && isAlive(slot)),
  };
}

function toServing({ release }: Held, healthy: readonly Slot[]): Serving {
  const count = (group: string, isNew: boolean) =>
    healthy.filter((slot) => slot.group === group && (slot.version === release.version) === isNew).length;
  return {
    canary: count('canary', true),
    control: count('control', false),
    next: count(nextFleet(release), true),
    baselineStable: count('baseline', false),
    baselineNext: count('baseline', true),
  };
}
