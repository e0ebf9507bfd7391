/** Whether a sighting is a failure that is ours to remediate. Pure. */
import type { Condemned, NodeHealth, Slot } from '../fleet/fleet.ts';
import { isItsOwn } from '../faults/fault.ts';
import { buildIn } from '../fleet/fleet.ts';
import type { RunState } from '../release/ports.ts';
import type { ReleaseRecord, ServiceRecord } from '../release/release.ts';
import { isOwned } from '../sweep/plan-ownership.ts';
import type { Sighting } from './sighting.ts';
import { faultIdOf } from './sighting.ts';

export interface DoorFacts {
  readonly sighting: Sighting;
  readonly slot: Slot;
  readonly record: ServiceRecord;
  /** The release in flight. */
  readonly release: ReleaseRecord | undefined;
  /** The remediation that launched this instance, where there was one. */
  readonly watcher: RunState;
  /** Faults of the same release in the last minutes. */
  readonly alike: number;
  readonly now: number;
}

export type DoorPlan =
  { readonly kind: 'left'; readonly why: string } | { readonly kind: 'condemn'; readonly condemned: Condemned };

/** Beyond so many of a release within minutes, the evidence of each further one is only its console. */
export const SAMPLED = 5;

export function planDoor(facts: DoorFacts): DoorPlan {
  const why = reasonToLeave(facts);
  return why === undefined ? { kind: 'condemn', condemned: toCondemned(facts) } : { kind: 'left', why };
}

function reasonToLeave({ sighting, slot, record, release, watcher }: DoorFacts): string | undefined {
  const { id, instanceId, version } = slot;
  if (instanceId !== sighting.instanceId) return `${sighting.instanceId} fills no slot`;
  if (slot.state !== 'launched') return `slot ${id} is ${slot.state}`;
  if (!isOwned(record, slot)) return `slot ${id} belongs to ${version}, which neither is stable nor in flight`;
  if (release?.stage === 'rolling-back' && version === release.version) return `${version} is being rolled back: its nodes go`;
  if (slot.healthyAt !== undefined || sighting.isWatched === true) return undefined;
  const isFirst = slot.attempt === 1;
  if (isFirst && release !== undefined && slot.fence === record.fence)
    return `it never was healthy: the health watch of ${release.version} decides`;
  return !isFirst && watcher === 'running' ? 'it never was healthy: the remediation that launched it watches it' : undefined;
}

function toCondemned({ sighting, slot, release, alike, now }: DoorFacts): Condemned {
  const { at, way, why, instanceId, isHung } = sighting;
  return {
    ...{ faultId: faultIdOf(instanceId, slot.attempt), instanceId, attempt: slot.attempt },
    ...{ build: buildIn(slot), zone: slot.zone, way, why, isHung },
    // An event of long ago, or a clock that goes wrong, must not put a fault where nobody looks for it.
    at: Math.min(now, Math.max(at, slot.launchedAt ?? slot.recordedAt)),
    detectedAt: now,
    wasHealthy: slot.healthyAt !== undefined,
    wasInFlight: release !== undefined && slot.version === release.version,
    isSampled: alike < SAMPLED,
    run: 1,
  };
}

export interface LastFacts {
  readonly health: readonly NodeHealth[];
  readonly wasInFlight: boolean;
  readonly isSampled: boolean;
  readonly now: number;
}

/**
 * A slot that is to be retired and whose node, which had served, does so no more. It gets no successor; but what it died of
 * is kept as of any other. Undefined where there is nothing of the kind.
 */
export function toLast(slot: Slot, { health, wasInFlight, isSampled, now }: LastFacts): Condemned | undefined {
  const { instanceId, attempt, zone } = slot;
  const member = health.find((one) => one.instanceId === instanceId);
  if (slot.healthyAt === undefined || instanceId === undefined) return undefined;
  if (member?.state !== 'unhealthy' && member?.state !== 'unused') return undefined;
  const why = `it was ${member.state} when it was to be retired: ${member.reason ?? 'no reason given'}`;
  return {
    ...{ faultId: faultIdOf(instanceId, attempt), instanceId, attempt, build: buildIn(slot), zone, at: now, detectedAt: now },
    ...{ way: 'sweep', why, isHung: member.state === 'unhealthy', wasHealthy: true, wasInFlight, isSampled, run: 1 },
  };
}

/** The slot as it is from now on: its instance is another's business, and its next has the next attempt. */
export function withCondemned(slot: Slot, condemned: Condemned, twin: Slot['twin']): Slot {
  const { instanceId: _, launchedAt: _at, healthyAt, suspectedAt: _since, twin: before, twinNext, ...rest } = slot;
  const becomes = twin ?? before ?? (twinNext && isItsOwn(condemned.way) ? { ...twinNext, at: condemned.detectedAt } : undefined);
  return {
    ...rest,
    ...(becomes && { twin: becomes }),
    state: 'recorded',
    attempt: slot.attempt + 1,
    failures: healthyAt === undefined ? (slot.failures ?? 0) + 1 : 0,
    condemned: [...(slot.condemned ?? []), condemned],
  };
}
