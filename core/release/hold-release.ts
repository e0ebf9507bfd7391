import { fenceMoved, releaseAborted } from '../errors.ts';
import type { Service } from '../service/service.ts';
import type { Records } from './ports.ts';
import type { ReleaseRecord, ServiceRecord, StepInput } from './release.ts';
import { isFinal, releaseName } from './release.ts';

export interface Held {
  /** The service as it was when the release started. */
  readonly service: Service;
  readonly record: ServiceRecord;
  readonly release: ReleaseRecord;
}

/** A rollback's own steps go on where a release's stop: an order to abort is what they carry out. */
export type Side = 'release' | 'rollback';

/**
 * The guard of every step: the records as they are now, or an error if this step may not act any more. FenceMoved when
 * another took over or the release is not in flight; ReleaseAborted when it was ordered to stop.
 */
export async function holdRelease(ports: { records: Records }, step: StepInput, side: Side = 'release'): Promise<Held> {
  const name = releaseName(step.service, step.version);
  const record = await ports.records.findService(step.service);
  const release = await ports.records.findRelease(step.service, step.version);
  if (!record || !release?.pinned || record.inFlight !== step.version || record.fence !== step.fence || isFinal(release)) {
    throw fenceMoved(name, step.fence, record?.fence ?? 0);
  }
  if (release.fence !== step.fence || (release.stage === 'rolling-back') !== (side === 'rollback')) {
    throw fenceMoved(name, step.fence, release.fence);
  }
  const intent = release.intent;
  if (side === 'release' && (intent?.kind === 'abort' || intent?.kind === 'supersede')) {
    throw releaseAborted(name, intent.by, intent.why);
  }
  return { service: release.pinned, record, release };
}
