/**
 * The one way in of all that says a node has failed: EC2's events, alarms, the sweep, operators, and remediations whose
 * replacement failed. Whoever says it and however often, each instance is condemned once: by a conditional write on its
 * slot, after which it fills none.
 */
import { isNamed, recordConflict } from '../errors.ts';
import type { Escalation } from '../faults/fault.ts';
import type { Slot } from '../fleet/fleet.ts';
import type { Slots } from '../fleet/ports.ts';
import type { Catalog, Clock, Records } from '../release/ports.ts';
import type { ReleaseRecord, ServiceRecord } from '../release/release.ts';
import { newService } from '../release/release.ts';
import type { Service } from '../service/service.ts';
import type { KeepLitPorts } from '../traffic/keep-lit.ts';
import { keepLit, tryKeepLit } from '../traffic/keep-lit.ts';
import type { Glance } from './foresee.ts';
import { foresee } from './foresee.ts';
import { killBudget, mayKill } from './kill-budget.ts';
import type { PagePorts } from './page.ts';
import { page } from './page.ts';
import { planDoor, withCondemned } from './plan-door.ts';
import type { Faults, Ledgers, Remediations } from './ports.ts';
import type { Sighting } from './sighting.ts';

export interface DoorPorts extends KeepLitPorts, PagePorts {
  readonly catalog: Pick<Catalog, 'find'>;
  readonly records: Records;
  readonly slots: Slots;
  readonly faults: Pick<Faults, 'list'>;
  readonly ledgers: Pick<Ledgers, 'find'>;
  readonly remediations: Remediations;
  readonly glance: Glance;
  readonly clock: Clock;
}

/** ignored: not ours · left: ours, and no failure to remediate · held: the budget is spent, somebody was called. */
export interface DoorAnswer {
  readonly kind: 'ignored' | 'left' | 'held' | 'condemned';
  readonly instanceId: string;
  readonly why: string;
}

const ATTEMPTS = 6;
/** Faults of one release within this time count as alike for what of their evidence is kept. */
const ALIKE_MS = 10 * 60_000;

export async function openDoor(ports: DoorPorts, sighting: Sighting): Promise<DoorAnswer> {
  const { instanceId } = sighting;
  for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
    const isStale = attempts > 0 || sighting.slot === undefined;
    const slot = isStale ? await ports.slots.findByInstance(instanceId) : sighting.slot;
    const service = slot && (await ports.catalog.find(slot.service));
    if (!slot || !service) return { kind: 'ignored', instanceId, why: `${instanceId} fills no slot of ours` };
    try {
      return await openFor(ports, { service, slot, sighting });
    } catch (error) {
      if (!isNamed(error, 'RecordConflict')) throw error;
    }
  }
  throw recordConflict(`the slot of ${instanceId}`);
}

interface Case {
  readonly service: Service;
  readonly slot: Slot;
  readonly sighting: Sighting;
}

async function openFor(ports: DoorPorts, one: Case): Promise<DoorAnswer> {
  const { service, slot, sighting } = one;
  const { instanceId } = sighting;
  const now = ports.clock.now();
  const record = (await ports.records.findService(slot.service)) ?? newService(slot.service);
  const release = await inFlight(ports.records, record);
  const alike = await countAlike(ports, slot, now);
  const plan = planDoor({ sighting, slot, record, release, watcher: await watcherOf(ports, slot), alike, now });
  if (plan.kind === 'left') return { kind: 'left', instanceId, why: plan.why };

  const { condemned } = plan;
  const foreseen = await foresee(ports.glance, await ports.ledgers.find(slot.service), { slot, condemned, now });
  const hold = await reasonToHold(ports, one, condemned.faultId);
  if (hold !== undefined) {
    await page(ports, { service: slot.service, about: 'held', why: `${hold.why}. ${instanceId} in slot ${slot.id} failed`, now });
    return { kind: 'held', instanceId, why: hold.why };
  }
  // A weighted group does not fail over: before its last node is given up, the others get its share.
  await keepLit(ports, service, { lost: [instanceId], now });
  const pinned = await ports.records.findRelease(slot.service, slot.version);
  const twin = twinFor(slot, foreseen, pinned, now);
  const changed = await ports.slots.put(withCondemned(slot, condemned, twin));
  await ports.remediations.start({ slot: changed, condemned }, launchedAs(service, pinned));
  // Two doors that give up the two last nodes of a group at once each still counted the other's.
  await tryKeepLit(ports, service, { lost: [instanceId], now });
  return { kind: 'condemned', instanceId, why: `${condemned.why}; ${foreseen.kind}: ${foreseen.why}` };
}

/** Its peers were launched with the templates their release has pinned; what is done with failures is as declared now. */
export const launchedAs = ({ file, resources }: Service, release: ReleaseRecord | undefined): Service => ({
  file,
  resources: release?.pinned?.resources ?? resources,
});

async function inFlight(records: Records, { service, inFlight: version }: ServiceRecord): Promise<ReleaseRecord | undefined> {
  return version === undefined ? undefined : records.findRelease(service, version);
}

/** A replacement belongs to the remediation that launched it until it has been healthy. */
async function watcherOf({ remediations }: DoorPorts, slot: Slot) {
  const before = slot.condemned?.find(({ attempt }) => attempt === slot.attempt - 1);
  if (slot.healthyAt !== undefined || before === undefined) return 'none';
  return remediations.state({ condemned: before });
}

/** Those that failed a moment ago are condemned, and their faults not recorded yet. */
async function countAlike({ faults, slots }: DoorPorts, { service, version }: Slot, now: number): Promise<number> {
  const isRecent = ({ detectedAt }: { readonly detectedAt: number }) => now - detectedAt < ALIKE_MS;
  const recorded = (await faults.list(service, now - ALIKE_MS)).filter((one) => one.version === version && isRecent(one));
  const fleet = (await slots.list(service)).filter((one) => one.version === version);
  const condemned = fleet.flatMap((one) => one.condemned ?? []).filter(isRecent);
  return new Set([...recorded.map(({ id }) => id), ...condemned.map(({ faultId }) => faultId)]).size;
}

async function reasonToHold(
  { kills, clock }: DoorPorts,
  { service, slot }: Case,
  faultId: string,
): Promise<{ readonly why: string } | undefined> {
  if (await mayKill(kills, service.file, faultId, clock.now())) return undefined;
  const budget = killBudget(service.file);
  return { why: `${budget} node(s) of "${slot.service}" were replaced within an hour, which is its kill budget` };
}

function twinFor(slot: Slot, foreseen: Escalation, release: ReleaseRecord | undefined, at: number): Slot['twin'] {
  const imageId = release?.images.linux?.imageId;
  if (foreseen.kind !== 'replace-with-twin' || slot.build === 'linux' || imageId === undefined) return undefined;
  return { imageId, at, why: foreseen.why };
}
