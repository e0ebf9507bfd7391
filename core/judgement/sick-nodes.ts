/** Nodes of the watched group that do not serve now, or have failed since the watch began. */
import type { FaultWay } from '../faults/fault.ts';
import { isAlive } from '../fleet/phase.ts';
import type { Groups, Slots } from '../fleet/ports.ts';
import type { ReleaseRecord } from '../release/release.ts';
import type { Faults } from '../remediation/ports.ts';
import type { Group, Service } from '../service/service.ts';

export interface SickNodesPorts {
  readonly slots: Slots;
  readonly groups: Pick<Groups, 'health'>;
  readonly faults: Pick<Faults, 'list'>;
}

export interface Watched {
  readonly release: ReleaseRecord;
  readonly group: Group;
  readonly since: number;
}

/** An operator's order and what EC2 has scheduled say nothing of the release. */
const isItsOwn = (way: FaultWay) => way !== 'operator' && way !== 'status';

/**
 * Asked of the group itself: one that has powered off is `unused` there, and CloudWatch counts neither it as unhealthy
 * nor the requests it no longer answers as its group's (HTTPCode_ELB_5XX_Count has no TargetGroup). All were healthy
 * when the watch began. One that failed and was replaced is well again before anybody looks, and counts all the same.
 */
export async function countSickNodes(ports: SickNodesPorts, service: Service, watched: Watched): Promise<number> {
  const { release, group, since } = watched;
  const isWatched = (one: { readonly group: Group; readonly version: string }) =>
    one.group === group && one.version === release.version;
  const slots = (await ports.slots.list(release.service)).filter((slot) => isWatched(slot) && isAlive(slot));
  const health = await ports.groups.health(service, group);
  const healthy = new Set(health.filter(({ state }) => state === 'healthy').map(({ instanceId }) => instanceId));
  const sick = slots.filter(({ instanceId }) => instanceId === undefined || !healthy.has(instanceId));
  const condemned = slots.filter(({ condemned: some = [] }) => some.some(({ at, way }) => at >= since && isItsOwn(way)));
  const faults = (await ports.faults.list(release.service, since)).filter((fault) => isWatched(fault) && isItsOwn(fault.way));
  return new Set([...sick, ...condemned].map(({ id }) => id).concat(faults.map(({ slot }) => slot))).size;
}
