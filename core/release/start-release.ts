/**
 * Starting a release, exactly once: the service record names it first (one conditional write decides), then the release
 * learns its fence, then its execution is started by a name made of that fence. A crash after any of the three is healed
 * by calling again: a redelivered event, the end of another release, or the sweep.
 */
import { changeRelease, changeService } from './change-record.ts';
import type { Catalog, Executions, Records } from './ports.ts';
import type { ReleaseRecord, ServiceRecord } from './release.ts';
import { isFinal } from './release.ts';
import type { Fleet } from '../service/service.ts';

export interface StartPorts {
  readonly records: Records;
  readonly catalog: Catalog;
  readonly executions: Executions;
}

export const otherFleet = (fleet: Fleet): Fleet => (fleet === 'blue' ? 'green' : 'blue');

/**
 * `seenFence`: the service's fence as it was read before the release was found ready. If it has moved, another start
 * came between and this one does nothing: so a straggler cannot start a release that has been and gone.
 */
export async function startRelease(
  ports: StartPorts,
  key: { readonly service: string; readonly version: string },
  seenFence: number,
): Promise<'started' | 'taken'> {
  const service = await ports.catalog.find(key.service);
  if (!service) return 'taken';
  const record = await changeService(ports.records, key.service, (now) =>
    now.inFlight !== undefined || now.fence !== seenFence ? undefined : taking(now, key.version),
  );
  if (record.inFlight !== key.version) return 'taken';

  const release = await changeRelease(ports.records, key, (now) =>
    now.stage !== 'received' || now.fence === record.fence
      ? undefined
      : { ...now, fence: record.fence, pinned: service, ...placeOf(record) },
  );
  // Past `received` its execution is known to have run.
  if (release.stage === 'received') await ports.executions.startRelease({ ...key, fence: release.fence });
  return 'started';
}

/**
 * Starts the first in line, if the service is free, and goes on with a start that was broken off. Releases that ended
 * while they waited are dropped from the line.
 */
export async function startNext(ports: StartPorts, service: string): Promise<string | undefined> {
  const record = await ports.records.findService(service);
  const first = record?.inFlight ?? record?.queue[0];
  if (!record || first === undefined) return undefined;

  const release = await ports.records.findRelease(service, first);
  if (record.inFlight !== undefined && release?.stage !== 'received') return undefined;
  if (release && !isFinal(release)) {
    return (await startRelease(ports, release, record.fence)) === 'started' ? first : undefined;
  }
  await changeService(ports.records, service, (now) => ({ ...now, queue: now.queue.filter((version) => version !== first) }));
  return startNext(ports, service);
}

const taking = (record: ServiceRecord, version: string): ServiceRecord => ({
  ...record,
  inFlight: version,
  fence: record.fence + 1,
  queue: record.queue.filter((waiting) => waiting !== version),
});

const placeOf = (record: ServiceRecord): Pick<ReleaseRecord, 'fleet' | 'replaces'> => ({
  fleet: record.stable ? otherFleet(record.stable.fleet) : 'blue',
  ...(record.stable ? { replaces: record.stable.version } : {}),
});
