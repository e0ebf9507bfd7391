import { planCapacity } from '../fleet/plan-capacity.ts';
import type { Quotas, Slots } from '../fleet/ports.ts';
import { fenceMoved } from '../errors.ts';
import { changeRelease } from './change-record.ts';
import { holdRelease } from './hold-release.ts';
import type { Records } from './ports.ts';
import type { ReleaseRecord, StepInput } from './release.ts';
import { releaseName, withTransition } from './release.ts';

export interface BeginBakingPorts {
  readonly records: Records;
  readonly slots: Slots;
  readonly quotas: Quotas;
}

/**
 * The first step of a release: it goes on to baking, or is refused because the account has no room for its nodes. What
 * was recorded first stands, so a retry decides the same, whatever others have launched meanwhile; a shortage that
 * comes later is met where nodes are launched.
 */
export async function beginBaking(ports: BeginBakingPorts, input: StepInput & { readonly why: string }): Promise<ReleaseRecord> {
  const { service, release } = await holdRelease(ports, input);
  const slots = await ports.slots.list(input.service);
  const room = await ports.quotas.room(service);
  const capacity = planCapacity({ file: service.file, isFirst: release.replaces === undefined, slots, room });
  const name = releaseName(release.service, release.version);
  return changeRelease(ports.records, input, (now) => {
    if (now.fence !== input.fence) throw fenceMoved(name, input.fence, now.fence);
    if (now.stage !== 'received') return undefined;
    const said = { at: input.at, by: 'tandem' };
    return capacity.kind === 'fits'
      ? withTransition(now, 'baking', { ...said, why: `${input.why}; ${capacity.why}` })
      : withTransition(now, 'refused', { ...said, why: `${capacity.why}. Then upload a new version` });
  });
}
