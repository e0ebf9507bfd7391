/** Nodes of the watched group that do not serve now. */
import { isAlive } from '../fleet/phase.ts';
import type { Groups, Slots } from '../fleet/ports.ts';
import type { ReleaseRecord } from '../release/release.ts';
import type { Group, Service } from '../service/service.ts';

export interface SickNodesPorts {
  readonly slots: Slots;
  readonly groups: Pick<Groups, 'health'>;
}

/**
 * Asked of the group itself: one that has powered off is `unused` there, and CloudWatch counts neither it as unhealthy
 * nor the requests it no longer answers as its group's (HTTPCode_ELB_5XX_Count has no TargetGroup). All were healthy
 * when the watch began.
 */
export async function countSickNodes(ports: SickNodesPorts, service: Service, release: ReleaseRecord, group: Group) {
  const slots = (await ports.slots.list(release.service)).filter(
    (slot) => slot.group === group && slot.version === release.version && isAlive(slot),
  );
  const health = await ports.groups.health(service, group);
  const healthy = new Set(health.filter(({ state }) => state === 'healthy').map(({ instanceId }) => instanceId));
  return slots.filter(({ instanceId }) => instanceId === undefined || !healthy.has(instanceId)).length;
}
