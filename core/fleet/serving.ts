import type { Service } from '../service/service.ts';
import { GROUPS } from '../service/service.ts';
import type { Slot } from './fleet.ts';
import { isAlive } from './phase.ts';
import type { Groups } from './ports.ts';

/** The slots whose instance their group calls healthy now. */
export async function healthySlots(groups: Groups, service: Service, slots: readonly Slot[]): Promise<readonly Slot[]> {
  const alive = slots.filter(isAlive);
  const wanted = GROUPS.filter((group) => alive.some((slot) => slot.group === group));
  const health = (await Promise.all(wanted.map((group) => groups.health(service, group)))).flat();
  const healthy = new Set(health.filter(({ state }) => state === 'healthy').map(({ instanceId }) => instanceId));
  return alive.filter((slot) => slot.instanceId !== undefined && healthy.has(slot.instanceId));
}
