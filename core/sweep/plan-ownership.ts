/** What no record owns any more. Pure. */
import type { Node, Slot } from '../fleet/fleet.ts';
import { condemnedIn } from '../fleet/fleet.ts';
import type { BakedImage, ListedSnapshot } from '../image/ports.ts';
import type { ReleaseRecord, ServiceRecord } from '../release/release.ts';
import { isFinal } from '../release/release.ts';

export interface FleetOwnership {
  readonly record: ServiceRecord;
  readonly slots: readonly Slot[];
  readonly nodes: readonly Node[];
  readonly now: number;
}

export interface ImageOwnership {
  readonly record: ServiceRecord;
  readonly releases: readonly ReleaseRecord[];
  readonly images: readonly BakedImage[];
  readonly snapshots: readonly ListedSnapshot[];
  readonly now: number;
}

/** Time in which a launch, a read or a record may still be on its way. */
export const GRACE_MS = 5 * 60_000;
/** How long the volumes of a failed node are kept as snapshots. */
const EVIDENCE_MS = 7 * 24 * 60 * 60_000;
/** A snapshot belongs to a bake that may take this long to record it. */
export const SNAPSHOT_GRACE_MS = 60 * 60_000;

export interface Found<Thing> {
  readonly thing: Thing;
  readonly why: string;
}

/** While a release is in flight its own steps decide about its slots and about those of the release it replaces. */
export function isOwned(record: ServiceRecord, slot: Pick<Slot, 'version' | 'group'>): boolean {
  const { inFlight, stable } = record;
  if (inFlight !== undefined) return slot.version === inFlight || slot.version === stable?.version;
  return slot.version === stable?.version && (slot.group === stable.fleet || slot.group === 'baseline');
}

/** Live slots nobody owns, and retiring ones that whoever retired them has left behind. */
export function leftSlots({ record, slots, now }: FleetOwnership, drainSeconds: number): readonly Found<Slot>[] {
  return slots.flatMap((slot): Found<Slot>[] => {
    if (slot.state === 'gone') return [];
    if (!isOwned(record, slot) && now - slot.recordedAt > GRACE_MS) {
      return [{ thing: slot, why: `slot ${slot.id} belongs to ${slot.version}, which neither is stable nor in flight` }];
    }
    const since = slot.retiringSince ?? now;
    const isLeft = slot.state === 'retiring' && now - since > drainSeconds * 2000 + GRACE_MS;
    return isLeft ? [{ thing: slot, why: `slot ${slot.id} was being retired and was left behind` }] : [];
  });
}

/** Instances that bear our tags and fill no slot. Those that failed in one are their remediation's, as long as it is not done. */
export function strayNodes({ slots, nodes, now }: FleetOwnership): readonly Found<Node>[] {
  const condemned = condemnedIn(slots);
  return nodes.flatMap((node): Found<Node>[] => {
    if (condemned.has(node.instanceId)) return [];
    if (now - node.launchedAt <= GRACE_MS || node.state === 'terminated' || node.state === 'shutting-down') return [];
    const slot = slots.find(({ id }) => id === node.slot);
    const isFilling = slot !== undefined && slot.state !== 'gone' && (slot.instanceId ?? node.instanceId) === node.instanceId;
    return isFilling ? [] : [{ thing: node, why: `instance ${node.instanceId} fills no slot (its tag says ${node.slot})` }];
  });
}

/** Slots whose launch was made and whose answer was never recorded. */
export function unansweredSlots({ record, slots, nodes, now }: FleetOwnership): readonly Found<Slot>[] {
  return slots.flatMap((slot): Found<Slot>[] => {
    // A slot that is filled again is its remediation's to fill.
    if (slot.attempt > 1) return [];
    if (slot.state !== 'recorded' || now - slot.recordedAt <= GRACE_MS || !isOwned(record, slot)) return [];
    const node = nodes.find((one) => one.slot === slot.id);
    const why = `slot ${slot.id} has instance ${node?.instanceId ?? ''}, which was never recorded`;
    return node ? [{ thing: { ...slot, state: 'launched', instanceId: node.instanceId, launchedAt: node.launchedAt }, why }] : [];
  });
}

/** Versions whose images stay: what is or was stable, and what is on its way. */
const keptVersions = ({ releases }: ImageOwnership) =>
  new Set(releases.filter((release) => !isFinal(release) || release.stage === 'stable').map(({ version }) => version));

export function strayImages(facts: ImageOwnership): readonly Found<BakedImage>[] {
  const kept = keptVersions(facts);
  return facts.images
    .filter(({ version, madeAt }) => !kept.has(version) && facts.now - madeAt > GRACE_MS)
    .map((thing) => ({ thing, why: `image ${thing.imageId} is of ${thing.version}, which never will run` }));
}

/** Snapshots no image uses, once no bake can still be at work on them. */
export function straySnapshots(facts: ImageOwnership): readonly Found<ListedSnapshot>[] {
  const { record, releases, images, snapshots, now } = facts;
  const used = new Set(images.flatMap(({ snapshotId }) => snapshotId ?? []));
  for (const release of releases) {
    if (isFinal(release) && release.stage !== 'stable') continue;
    for (const image of Object.values(release.images)) if (image.snapshotId !== undefined) used.add(image.snapshotId);
  }
  const isStray = (one: ListedSnapshot) =>
    one.faultId === undefined
      ? !used.has(one.snapshotId) && one.version !== record.inFlight && now - one.startedAt > SNAPSHOT_GRACE_MS
      : now - one.startedAt > EVIDENCE_MS;
  return snapshots
    .filter(isStray)
    .map((thing) => ({ thing, why: `snapshot ${thing.snapshotId} of ${thing.version} ${whyStray(thing)}` }));
}

const whyStray = ({ faultId }: ListedSnapshot) =>
  faultId === undefined ? 'is in no image' : `was kept for a week as evidence of ${faultId}`;
