import type { Slot } from '../fleet/fleet.ts';
import { buildIn } from '../fleet/fleet.ts';
import type { Elsewhere } from '../fleet/ports.ts';
import type { Service } from '../service/service.ts';

export interface Place {
  readonly zone: string;
  readonly subnet: string;
  readonly elsewhere: Elsewhere;
}

/**
 * Where a replacement may go, best first: its own zone before others, as the fleet is spread; its own type before others.
 * The order is the same on every retry, so each place has its own client token for good.
 */
export function planPlaces({ file, resources }: Service, slot: Slot): readonly Place[] {
  const types = [undefined, ...file.remediation.otherTypes[buildIn(slot)]];
  const own = { id: slot.subnet, zone: slot.zone };
  const subnets = [own, ...resources.subnets.filter(({ id }) => id !== slot.subnet)];
  return subnets
    .flatMap(({ id: subnet, zone }) => types.map((instanceType) => ({ zone, subnet, instanceType })))
    .map(({ zone, subnet, instanceType }, number) => ({
      zone,
      subnet,
      elsewhere: { number, ...(instanceType !== undefined && { instanceType }) },
    }));
}
