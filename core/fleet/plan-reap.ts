/** Which slots are retired now, and what must be so before they may go. */
import type { ReleaseRecord, Weights } from '../release/release.ts';
import type { Group } from '../service/service.ts';
import type { ServiceFile } from '../service/service-file.ts';
import type { Slot } from './fleet.ts';
import { isAlive, nextFleet } from './phase.ts';
import { healthyFloor } from './plan-promotion.ts';

export type RetirePhase = 'refresh' | 'comparison' | 'old-fleet' | 'rollback';

export interface ReapFacts {
  readonly file: ServiceFile;
  readonly release: ReleaseRecord;
  readonly fence: number;
  readonly slots: readonly Slot[];
  /** Slots whose node is healthy. */
  readonly healthy: readonly Slot[];
  /** The weights wanted now. */
  readonly weights: Weights;
}

export interface ReapPlan {
  /** Live ones to take out now. */
  readonly retire: readonly { readonly slot: Slot; readonly why: string }[];
  /** Live ones and those retiring already. */
  readonly all: readonly Slot[];
  /** Why nothing may go yet; undefined when all may. */
  readonly hold?: string;
}

export function planReap(facts: ReapFacts, phase: RetirePhase): ReapPlan {
  const all = facts.slots.filter((slot) => slot.state !== 'gone' && isDue(facts, slot, phase));
  const alive = all.filter(isAlive);
  const hold = alive.length > 0 ? reasonToWait(facts, phase, alive) : undefined;
  if (hold !== undefined) return { retire: [], all: all.filter((slot) => !isAlive(slot)), hold };
  return { retire: alive.map((slot) => ({ slot, why: reason(facts, phase) })), all };
}

export interface LateSlot {
  readonly id: string;
  readonly afterMs: number;
}

/** One that is healthy when it is looked at for the last time is in time, if that look is a little after the deadline. */
const LAST_LOOK_MS = 30_000;

/** Nodes of the release that serve, and took longer to than a node may. */
export function lateSlots({ file, release, healthy }: ReapFacts, at: number): readonly LateSlot[] {
  return healthy.flatMap(({ id, version, launchedAt = at, healthyAt }) => {
    const afterMs = (healthyAt ?? at) - launchedAt;
    const allowedMs = file.health.deadlineSeconds * 1000 + (healthyAt === undefined ? 0 : LAST_LOOK_MS);
    return version === release.version && afterMs > allowedMs ? [{ id, afterMs }] : [];
  });
}

/** The replaced fleet's slots: blue or green, whichever the release does not fill. */
const isOldFleet = (facts: ReapFacts, slot: Slot) =>
  (slot.group === 'blue' || slot.group === 'green') && slot.group !== nextFleet(facts.release);

function isDue(facts: ReapFacts, slot: Slot, phase: RetirePhase): boolean {
  const isNew = slot.version === facts.release.version;
  switch (phase) {
    case 'refresh':
      return slot.group === 'baseline' && !isNew && slot.fence < facts.fence;
    case 'comparison':
      return slot.group === 'canary' || slot.group === 'control' || (slot.group === 'baseline' && !isNew);
    case 'old-fleet':
      return isOldFleet(facts, slot) && !isNew;
    case 'rollback':
      return isNew || slot.group === 'control' || slot.group === 'canary' || isSurplus(facts, slot);
  }
}

/** Baseline nodes beyond the steady number: healthy ones stay, and of those the oldest: they stood there before the release. */
function isSurplus(facts: ReapFacts, slot: Slot): boolean {
  if (slot.group !== 'baseline') return false;
  if (!isAlive(slot)) return true;
  const isHealthy = (one: Slot) => facts.healthy.some(({ id }) => id === one.id);
  const healthyOldestFirst = facts.slots
    .filter((other) => other.group === 'baseline' && other.version === slot.version && isAlive(other))
    .sort(
      (a, b) =>
        Number(isHealthy(b)) - Number(isHealthy(a)) || a.fence - b.fence || a.recordedAt - b.recordedAt || (a.id < b.id ? -1 : 1),
    );
  return healthyOldestFirst.indexOf(slot) >= facts.file.linuxNodes;
}

function reasonToWait(facts: ReapFacts, phase: RetirePhase, alive: readonly Slot[]): string | undefined {
  const weighted = alive.map(({ group }) => group).find((group) => group !== 'baseline' && hasWeight(facts.weights, group));
  if (weighted !== undefined) return `group ${weighted} still has weight`;
  const remains = facts.healthy.filter((slot) => slot.group === 'baseline' && !alive.some(({ id }) => id === slot.id));
  const takesBaseline = alive.some(({ group }) => group === 'baseline');
  if (takesBaseline && hasWeight(facts.weights, 'baseline') && remains.length === 0) {
    return 'group baseline has weight and would be left without a healthy node';
  }
  if (phase !== 'old-fleet') return undefined;
  const serving = facts.healthy.filter(({ group }) => group === nextFleet(facts.release)).length;
  const floor = healthyFloor(facts.file);
  return serving < floor ? `the new fleet has ${serving} healthy node(s), and ${floor} is the least` : undefined;
}

const hasWeight = (weights: Weights, group: Group) => (weights.main[group] ?? 0) > 0 || (weights.beta[group] ?? 0) > 0;

function reason(facts: ReapFacts, phase: RetirePhase): string {
  const { version } = facts.release;
  switch (phase) {
    case 'refresh':
      return 'fresh nodes of the same release have taken its place';
    case 'comparison':
      return `${version} is promoted: nothing is compared any more`;
    case 'old-fleet':
      return `the warm time of ${version} is over`;
    case 'rollback':
      return `${version} is rolled back`;
  }
}
