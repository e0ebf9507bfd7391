/** How many nodes are compared, which of them have failed since the watch began, and which do not serve now. */
import { isItsOwn } from '../faults/fault.ts';
import type { Slot } from '../fleet/fleet.ts';
import { isAlive } from '../fleet/phase.ts';
import type { Groups, Slots } from '../fleet/ports.ts';
import type { FaultRecord, Faults } from '../remediation/ports.ts';
import type { Service } from '../service/service.ts';
import type { CellGroup } from './judgement.ts';
import type { Compared, Failure } from './judge-minutes.ts';

export interface NodesPorts {
  readonly slots: Pick<Slots, 'list'>;
  readonly groups: Pick<Groups, 'health'>;
  readonly faults: Pick<Faults, 'list'>;
}

export interface SeenNodes {
  readonly nodes: { readonly watched: number; readonly reference: number };
  /** Of the watched group: that have failed since the watch began, or do not serve now. */
  readonly sick: number;
  readonly notServing: number;
  /** Instances of the watched group. */
  readonly instances: readonly string[];
  /** And of those it is compared with. */
  readonly beside: readonly string[];
  /** Of both groups. */
  readonly failures: readonly Failure[];
}

/**
 * Asked of the group itself: one that has powered off is `unused` there, and CloudWatch counts neither it as unhealthy
 * nor the requests it no longer answers as its group's (HTTPCode_ELB_5XX_Count has no TargetGroup). All were healthy
 * when the watch began. One that failed and was replaced is well again before anybody looks, and counts all the same.
 */
export async function lookAtNodes(
  ports: NodesPorts,
  service: Service,
  { compared, since }: { readonly compared: Compared; readonly since: number },
): Promise<SeenNodes> {
  const { name } = service.file;
  const { watched, reference } = compared;
  const slots = await ports.slots.list(name);
  const faults = (await ports.faults.list(name, since)).filter(({ way }) => isItsOwn(way));
  const own = slots.filter((slot) => isIn(watched, slot));
  const alive = own.filter(isAlive);
  const health = await ports.groups.health(service, watched.group);
  const healthy = new Set(health.filter(({ state }) => state === 'healthy').map(({ instanceId }) => instanceId));
  const dark = alive.filter(({ instanceId }) => instanceId === undefined || !healthy.has(instanceId));
  const failures = failuresIn(watched, { slots: own, faults, since, isWatched: true });
  const theirs = reference ? slots.filter((slot) => isIn(reference, slot)) : [];
  const beside = reference ? failuresIn(reference, { slots: theirs, faults, since, isWatched: false }) : [];
  // A slot whose successor is on its way is one failure, not two.
  const ill = dark.filter((slot) => !isBeingFilled(slot)).map(({ id, instanceId }) => instanceId ?? id);
  return {
    nodes: { watched: alive.length, reference: theirs.filter(isAlive).length },
    sick: new Set([...ill, ...failures.map(({ instanceId }) => instanceId)]).size,
    notServing: dark.length,
    instances: alive.flatMap(({ instanceId }) => instanceId ?? []),
    beside: theirs.filter(isAlive).flatMap(({ instanceId }) => instanceId ?? []),
    failures: [...failures, ...beside],
  };
}

const isIn = ({ group, version }: CellGroup, one: { readonly group: string; readonly version: string }) =>
  one.group === group && one.version === version;

const isBeingFilled = ({ attempt, healthyAt, condemned = [] }: Slot) =>
  healthyAt === undefined && condemned.some((one) => one.attempt === attempt - 1);

interface Known {
  readonly slots: readonly Slot[];
  readonly faults: readonly FaultRecord[];
  readonly since: number;
  readonly isWatched: boolean;
}

/** Condemned at once, recorded as a fault a little later: then its fingerprint is known. */
function failuresIn(of: CellGroup, { slots, faults, since, isWatched }: Known): readonly Failure[] {
  const condemned = slots.flatMap(({ condemned: some = [] }) => some.filter(({ at, way }) => at >= since && isItsOwn(way)));
  const recorded = faults.filter((fault) => isIn(of, fault));
  const known = new Set(recorded.map(({ id }) => id));
  return [
    ...recorded.map(({ id, instanceId, crash: { fingerprint }, way }) => ({
      ...{ faultId: id, instanceId, isWatched, isCrash: way !== 'judge', fingerprint },
    })),
    ...condemned
      .filter(({ faultId }) => !known.has(faultId))
      .map(({ faultId, instanceId, way }) => ({ faultId, instanceId, isWatched, isCrash: way !== 'judge' })),
  ];
}
