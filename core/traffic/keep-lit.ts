import type { NodeHealth } from '../fleet/fleet.ts';
import { condemnedIn } from '../fleet/fleet.ts';
import type { Groups, Slots } from '../fleet/ports.ts';
import { changeService } from '../release/change-record.ts';
import type { Records } from '../release/ports.ts';
import type { ServiceRecord } from '../release/release.ts';
import { newService } from '../release/release.ts';
import type { Group, Service } from '../service/service.ts';
import { isNamed, weightsNotTaken } from '../errors.ts';
import { assertWeights, isSameWeights } from './assert-weights.ts';
import { darkGroups, effectiveWeights, weightedGroups } from './dark-groups.ts';
import type { Traffic } from './ports.ts';

export interface KeepLitPorts {
  readonly records: Records;
  readonly slots: Pick<Slots, 'list'>;
  readonly groups: Pick<Groups, 'health'>;
  readonly traffic: Traffic;
}

export interface KeepLit {
  /** Instances that count as lost, whatever their group says of them yet. */
  readonly lost?: readonly string[];
  readonly now: number;
}

/**
 * Takes the weight of groups that have lost their last healthy node, gives it back to those that have one again, and reads
 * back. While a release is being taken back nothing is given back: its requests only fall (the rollback sets all anew).
 * Nor does whoever gives up a node: another may just be giving up the last one of a group, and has not written so yet.
 */
export async function keepLit(ports: KeepLitPorts, service: Service, { lost = [], now }: KeepLit): Promise<string | undefined> {
  const { name } = service.file;
  const before = (await ports.records.findService(name)) ?? newService(name);
  // What is condemned may look well for some checks more; it is given up.
  const given = new Set([...lost, ...condemnedIn(await ports.slots.list(name))]);
  const health = await healthOf(ports, service, weightedGroups(before.weights), given);
  const mayLight = lost.length === 0 && !(await isGoingBack(ports.records, before));
  const record = await changeService(ports.records, name, (found) => {
    const seen = darkGroups(found.weights, health);
    const dark = mayLight ? seen : [...new Set([...(found.dark ?? []), ...seen])];
    return isSameList(found.dark ?? [], dark) ? undefined : { ...found, dark, weightsChangedAt: now };
  });
  const isNews = !isSameList(before.dark ?? [], record.dark ?? []);
  // Recorded and not set is what a call leaves that failed in between: the next one finds no news, and must not rest on it.
  if (!isNews && ((record.dark ?? []).length === 0 || (await findWrong(ports, service, record)) === undefined)) return undefined;
  await assertWeights(ports, service);
  const wrong = await findWrong(ports, service, record);
  if (wrong !== undefined) throw weightsNotTaken(name, `it shows ${wrong}`);
  return isNews ? say(before, record) : `the weight of ${record.dark?.join(' and ') ?? ''} had been recorded, and was not taken`;
}

/** What the load balancer shows, where that is not what is recorded. */
async function findWrong(ports: KeepLitPorts, service: Service, record: ServiceRecord): Promise<string | undefined> {
  const shown = await ports.traffic.read(service);
  const now = (await ports.records.findService(record.service)) ?? record;
  return isSameWeights(shown, effectiveWeights(now)) ? undefined : JSON.stringify(shown);
}

/** Where nothing must wait for it: what could not be set at once the sweep sets within a minute. */
export async function tryKeepLit(ports: KeepLitPorts, service: Service, told: KeepLit): Promise<void> {
  try {
    await keepLit(ports, service, told);
  } catch (error) {
    if (!isNamed(error, 'WeightsNotTaken') && !isNamed(error, 'RecordConflict')) throw error;
  }
}

async function healthOf(ports: KeepLitPorts, service: Service, groups: readonly Group[], lost: ReadonlySet<string>) {
  const health = new Map<Group, readonly NodeHealth[]>();
  for (const group of groups) {
    const found = await ports.groups.health(service, group);
    health.set(
      group,
      found.filter(({ instanceId }) => !lost.has(instanceId)),
    );
  }
  return health;
}

async function isGoingBack(records: Records, { service, inFlight }: ServiceRecord): Promise<boolean> {
  const release = inFlight === undefined ? undefined : await records.findRelease(service, inFlight);
  return release?.stage === 'rolling-back' || release?.intent?.kind === 'abort' || release?.intent?.kind === 'supersede';
}

const isSameList = (a: readonly Group[], b: readonly Group[]) => a.length === b.length && a.every((group) => b.includes(group));

function say(before: ServiceRecord, after: ServiceRecord): string {
  const [was, is] = [before.dark ?? [], after.dark ?? []];
  const parts = [
    ...is.filter((group) => !was.includes(group)).map((group) => `${group} has no healthy node: the others have its share`),
    ...was.filter((group) => !is.includes(group)).map((group) => `${group} serves again`),
  ];
  return parts.join('; ');
}
