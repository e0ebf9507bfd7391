import { serviceUnknown } from '../errors.ts';
import type { Slot } from '../fleet/fleet.ts';
import type { Elsewhere, LaunchOutcome, Nodes, Slots } from '../fleet/ports.ts';
import type { Catalog, Clock, Records } from '../release/ports.ts';
import type { Service } from '../service/service.ts';
import type { Case, RemediationStep } from './case.ts';
import { findCase, withEntry } from './case.ts';
import { launchedAs } from './open-door.ts';
import type { PagePorts } from './page.ts';
import { page } from './page.ts';
import type { Place } from './plan-places.ts';
import { planPlaces } from './plan-places.ts';

export interface LaunchReplacementPorts extends PagePorts {
  readonly catalog: Pick<Catalog, 'find'>;
  readonly records: Pick<Records, 'findRelease'>;
  readonly slots: Slots;
  readonly nodes: Pick<Nodes, 'launch'>;
  readonly clock: Clock;
}

export interface LaunchReplacementInput extends RemediationStep {
  /** What the workflow's own call launched; without it that call failed. */
  readonly instanceId?: string;
}

/** launched: the slot has its next instance · moved: the slot is somebody else's now, or gone. */
export type LaunchReplacementAnswer =
  | { readonly kind: 'launched' | 'moved'; readonly why: string }
  | { readonly kind: 'wait'; readonly seconds: number; readonly why: string };

const AGAIN_SECONDS = 10;
const SPREAD_SECONDS = 20;

/**
 * Records what was launched; or tries the slot's own place again and then the others. The first try repeats the
 * workflow's call with its token: if that had an effect and its answer was lost, this is the answer.
 */
export async function launchReplacement(
  ports: LaunchReplacementPorts,
  input: LaunchReplacementInput,
): Promise<LaunchReplacementAnswer> {
  const found = await findCase(ports.slots, input);
  // An instance nobody wants any more bears the slot's tag: who drains the slot, or the sweep, ends it.
  if (!found?.isCurrent) return { kind: 'moved', why: `slot ${input.slot} has gone its own way` };
  const { slot } = found;
  if (slot.state === 'launched') return { kind: 'launched', why: `slot ${slot.id} has ${slot.instanceId ?? 'an instance'}` };
  if (input.instanceId !== undefined) return record(ports, found, input.instanceId);
  const service = await ports.catalog.find(input.service);
  if (!service) throw serviceUnknown(input.service);
  return tryPlaces(ports, found, service);
}

async function record(
  { slots, clock }: LaunchReplacementPorts,
  { slot, condemned }: Case,
  instanceId: string,
  place: Pick<Place, 'zone' | 'subnet'> = slot,
): Promise<LaunchReplacementAnswer> {
  const launchedAt = clock.now();
  const { zone, subnet } = place;
  const launched = { ...slot, zone, subnet, state: 'launched', instanceId, launchedAt } as const;
  await slots.put(withEntry(launched, condemned.faultId, { launchedAt }));
  return { kind: 'launched', why: `${instanceId} takes slot ${slot.id} in ${zone}` };
}

async function tryPlaces(ports: LaunchReplacementPorts, found: Case, service: Service): Promise<LaunchReplacementAnswer> {
  const { slot } = found;
  const pinned = launchedAs(service, await ports.records.findRelease(slot.service, slot.version));
  const failed: Exclude<LaunchOutcome, { kind: 'launched' }>[] = [];
  for (const place of planPlaces(service, slot)) {
    const { zone, subnet, elsewhere } = place;
    const outcome = await launchAt(ports.nodes, pinned, { ...slot, zone, subnet }, elsewhere);
    if (outcome.kind === 'launched') return record(ports, found, outcome.instanceId, place);
    failed.push(outcome);
    // Throttled, it would only be throttled elsewhere too.
    if (outcome.kind === 'retryable' && outcome.isShort !== true) return wait(slot, outcome.why);
  }
  const why = `no zone and type has room for slot ${slot.id}: ${[...new Set(failed.map((outcome) => outcome.why))].join('; ')}`;
  await page(ports, { service: slot.service, about: 'capacity', why, now: ports.clock.now() });
  return wait(slot, why);
}

/** More than there are places: tokens that nothing else asks by. */
const SECOND_TOKENS = 1000;

/**
 * The answer of a launch may be lost, and its instance end before the next try; or the service was declared anew, and the
 * places have other numbers. Then this place has a second token, the same on every try.
 */
async function launchAt(
  nodes: Pick<Nodes, 'launch'>,
  service: Service,
  slot: Slot,
  elsewhere: Elsewhere,
): Promise<LaunchOutcome> {
  const outcome = await nodes.launch(service, slot, elsewhere);
  if (outcome.kind !== 'refused' || outcome.isSpent !== true) return outcome;
  return nodes.launch(service, slot, { ...elsewhere, number: elsewhere.number + SECOND_TOKENS });
}

/** Slots that wait for the same thing ask one after the other. */
function wait({ id }: Slot, why: string): LaunchReplacementAnswer {
  let spread = 0;
  for (const letter of id) spread = (spread * 31 + letter.charCodeAt(0)) % SPREAD_SECONDS;
  return { kind: 'wait', seconds: AGAIN_SECONDS + spread, why };
}
