/** The sweep's duties towards AWS: weights that drifted, and whatever no record owns. */
import { drainSlots } from '../fleet/drain-slots.ts';
import type { Slot } from '../fleet/fleet.ts';
import { isAlive } from '../fleet/phase.ts';
import { newService } from '../release/release.ts';
import { assertWeights, isSameWeights } from '../traffic/assert-weights.ts';
import { effectiveWeights } from '../traffic/dark-groups.ts';
import type { FleetOwnership, Found, ImageOwnership } from './plan-ownership.ts';
import { leftSlots, strayImages, strayNodes, straySnapshots, unansweredSlots } from './plan-ownership.ts';
import type { Swept, SweepAction, SweepPorts } from './sweep.ts';

/** A shift under way has recorded its weights and is about to set them. */
const SHIFT_GRACE_MS = 60_000;

export async function sweepWeights(ports: SweepPorts, { service, now }: Swept): Promise<readonly SweepAction[]> {
  const { name } = service.file;
  const record = (await ports.records.findService(name)) ?? newService(name);
  const shown = await ports.traffic.read(service);
  const isShifting = now - (record.weightsChangedAt ?? 0) < SHIFT_GRACE_MS;
  const wanted = effectiveWeights(record);
  if (isShifting || isSameWeights(wanted, shown)) return [];
  await assertWeights(ports, service);
  const why = `the load balancer showed ${JSON.stringify(shown)}, and ${JSON.stringify(wanted)} is wanted`;
  return [{ kind: 'set-weights', service: name, why }];
}

/** Fleet first: a slot that is adopted here owns its instance. */
export async function sweepFleet(ports: SweepPorts, swept: Swept): Promise<readonly SweepAction[]> {
  const { service, now } = swept;
  const { name, drainSeconds } = service.file;
  const facts = await loadFleet(ports, swept);
  const adopted = unansweredSlots(facts);
  for (const { thing } of adopted) await ports.slots.put(thing);

  const left = leftSlots(facts, drainSeconds);
  const retiring: Slot[] = [];
  for (const { thing } of left) {
    retiring.push(isAlive(thing) ? await ports.slots.put({ ...thing, state: 'retiring', retiringSince: now }) : thing);
  }
  await drainSlots(ports, service, retiring, now);

  const stray = strayNodes(facts);
  for (const { thing } of stray) await ports.groups.deregister(service, thing.group, [thing.instanceId]);
  if (stray.length > 0) await ports.nodes.terminate(stray.map(({ thing }) => thing.instanceId));
  return [...say(name, 'adopt-node', adopted), ...say(name, 'retire-slot', left), ...say(name, 'terminate-node', stray)];
}

export async function sweepImages(ports: SweepPorts, swept: Swept): Promise<readonly SweepAction[]> {
  const { name } = swept.service.file;
  const facts = await loadImages(ports, swept);
  const stray = strayImages(facts);
  for (const { thing } of stray) await ports.images.remove(thing.imageId);
  const snapshots = straySnapshots(facts);
  for (const { thing } of snapshots) await ports.snapshots.remove(thing.snapshotId);
  return [...say(name, 'remove-image', stray), ...say(name, 'remove-snapshot', snapshots)];
}

const say = (service: string, kind: string, found: readonly Found<unknown>[]): readonly SweepAction[] =>
  found.map(({ why }) => ({ kind, service, why }));

/** Resources are listed before the records that may own them: what is made in between is then found owned. */
async function loadFleet(ports: SweepPorts, { service, now }: Swept): Promise<FleetOwnership> {
  const { name } = service.file;
  const nodes = await ports.nodes.list(name);
  const slots = await ports.slots.list(name);
  const record = (await ports.records.findService(name)) ?? newService(name);
  return { record, slots, nodes, now };
}

async function loadImages(ports: SweepPorts, { service, now, releases }: Swept): Promise<ImageOwnership> {
  const { name } = service.file;
  // Snapshots before images: one that becomes an image in between is then found in use.
  const snapshots = await ports.snapshots.list(name);
  const images = await ports.images.list(name);
  const record = (await ports.records.findService(name)) ?? newService(name);
  // Read before the images were listed: an image is left alone for minutes, so its release's record is in it.
  return { record, releases: await releases(), images, snapshots, now };
}
