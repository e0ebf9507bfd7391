import type { NodeHealth, Slot } from './fleet.ts';
import type { Slots } from './ports.ts';

/** From here on a failure of the node is one of a node that served: it is replaced, and not its launch's business any more. */
export async function markHealthy(
  slots: Pick<Slots, 'put'>,
  facts: { readonly slots: readonly Slot[]; readonly health: readonly NodeHealth[]; readonly now: number },
): Promise<void> {
  const healthy = new Set(facts.health.filter(({ state }) => state === 'healthy').map(({ instanceId }) => instanceId));
  for (const slot of facts.slots) {
    const isNew = slot.state === 'launched' && slot.healthyAt === undefined && healthy.has(slot.instanceId ?? '');
    if (isNew) await slots.put({ ...slot, healthyAt: facts.now });
  }
}
