import { changeRelease } from '../release/change-record.ts';
import type { Executions, Records } from '../release/ports.ts';
import type { ReleaseRecord } from '../release/release.ts';
import { isFinal, releaseName } from '../release/release.ts';
import type { FaultRecord } from './ports.ts';

/** A release in flight is aborted, as an operator would. One that is stable has nothing to go back to by itself. */
export async function goBack(
  { records, executions }: { readonly records: Records; readonly executions: Pick<Executions, 'startRollback'> },
  { service, version, detectedAt }: FaultRecord,
  cause: string,
): Promise<{ readonly isGoing: boolean; readonly why: string }> {
  const record = await records.findService(service);
  const found = await records.findRelease(service, version);
  const name = releaseName(service, version);
  const why = `its nodes fail: ${cause}`;
  if (found && isGone(found)) return { isGoing: true, why: `${name} is ${found.stage} already` };
  if (record?.inFlight !== version)
    return { isGoing: false, why: `${name} is not in flight: release a version that is well, or look into it` };
  const release = await changeRelease(records, { service, version }, (now) =>
    isFinal(now) || now.committedAt !== undefined || isStopped(now)
      ? undefined
      : { ...now, intent: { kind: 'abort', by: 'tandem', why, at: detectedAt } },
  );
  if (!isStopped(release)) return { isGoing: false, why: `${name} is past its return` };
  // A rollback that is under way holds the newest fence: one that is started under it would take the release from it.
  const isUnderWay = release.stage === 'rolling-back' || isFinal(release);
  if (!isUnderWay && release.fence > 0) await executions.startRollback({ service, version, fence: release.fence }, why);
  return { isGoing: true, why };
}

const isGone = ({ stage }: ReleaseRecord) => stage === 'rolled-back' || stage === 'superseded';
const isStopped = (release: ReleaseRecord) =>
  release.stage === 'rolling-back' || isGone(release) || release.intent?.kind === 'abort' || release.intent?.kind === 'supersede';
