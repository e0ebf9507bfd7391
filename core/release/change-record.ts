/** Read, change, write with the revision that was read, and again if another writer was first. */
import { isNamed, recordConflict, releaseUnknown } from '../errors.ts';
import type { Records } from './ports.ts';
import type { ReleaseRecord, ServiceRecord } from './release.ts';
import { newService, releaseName } from './release.ts';

const ATTEMPTS = 8;

/** `change` answers undefined where there is nothing to change, and may throw to refuse. It may run more than once. */
export async function changeRelease(
  records: Records,
  key: { readonly service: string; readonly version: string },
  change: (release: ReleaseRecord) => ReleaseRecord | undefined,
): Promise<ReleaseRecord> {
  const name = releaseName(key.service, key.version);
  return again(name, async () => {
    const release = await records.findRelease(key.service, key.version);
    if (!release) throw releaseUnknown(name);
    const changed = change(release);
    return changed ? await records.putRelease(changed) : release;
  });
}

/** A service without a record is as `newService` makes it. */
export async function changeService(
  records: Records,
  service: string,
  change: (record: ServiceRecord) => ServiceRecord | undefined,
): Promise<ServiceRecord> {
  return again(`The record of "${service}"`, async () => {
    const record = (await records.findService(service)) ?? newService(service);
    const changed = change(record);
    return changed ? await records.putService(changed) : record;
  });
}

async function again<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  let cause: unknown;
  for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isNamed(error, 'RecordConflict')) throw error;
      cause = error;
    }
  }
  throw recordConflict(what, cause);
}
