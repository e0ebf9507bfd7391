import { launchRefused } from '../errors.ts';
import type { ReleaseRecord } from '../release/release.ts';
import { releaseName } from '../release/release.ts';
import type { Build, Group } from '../service/service.ts';
import type { Slot } from './fleet.ts';
import type { FleetFacts } from './phase.ts';
import { isAlive } from './phase.ts';

/** `count` nodes of one release and build in one group. */
export interface Wanted {
  readonly group: Group;
  readonly build: Build;
  readonly release: ReleaseRecord;
  readonly count: number;
  /** Count only slots made under this release's own fence: fresh ones. */
  readonly isFresh: boolean;
}

/**
 * The slots that are lacking, spread evenly: each goes to the zone that has the fewest of this group, the first of equals
 * in the declared order. Existing slots count, so planning again after half of them were recorded gives the other half.
 */
export function missingSlots(facts: FleetFacts, wanted: Wanted): readonly Slot[] {
  const { group, build, release } = wanted;
  const has = facts.slots.filter(
    (slot) =>
      isAlive(slot) &&
      slot.group === group &&
      slot.version === release.version &&
      slot.build === build &&
      (!wanted.isFresh || slot.fence === facts.fence),
  );
  const missing = Math.max(0, wanted.count - has.length);
  if (missing === 0) return [];

  const imageId = release.images[build]?.imageId;
  if (imageId === undefined) {
    throw launchRefused(missing, `${releaseName(release.service, release.version)} has no baked ${build} image`);
  }
  const first = nextNumber(facts, group);
  return spread(facts, has, missing).map(({ id, zone }, index) => ({
    id: `${group}-${facts.fence}-${first + index}`,
    service: release.service,
    group,
    build,
    version: release.version,
    zone,
    subnet: id,
    imageId,
    fence: facts.fence,
    attempt: 1,
    state: 'recorded',
    recordedAt: facts.at,
    revision: 0,
  }));
}

/** Numbers are never used twice, also not those of slots that are gone: a launch token would find the old instance. */
function nextNumber(facts: FleetFacts, group: Group): number {
  const prefix = `${group}-${facts.fence}-`;
  const numbers = facts.slots.filter((slot) => slot.id.startsWith(prefix)).map((slot) => Number(slot.id.slice(prefix.length)));
  return Math.max(0, ...numbers) + 1;
}

function spread(facts: FleetFacts, has: readonly Slot[], count: number) {
  const { subnets } = facts.service.resources;
  const filled = new Map(subnets.map((subnet) => [subnet.id, has.filter((slot) => slot.subnet === subnet.id).length]));
  return Array.from({ length: count }, () => {
    const fewest = Math.min(...filled.values());
    const subnet = subnets.find(({ id }) => filled.get(id) === fewest);
    if (!subnet) throw launchRefused(count, `service "${facts.service.file.name}" has no subnets`);
    filled.set(subnet.id, fewest + 1);
    return subnet;
  });
}
