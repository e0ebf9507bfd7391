import { changeRelease } from '../release/change-record.ts';
import type { Executions, Records } from '../release/ports.ts';
import { isFinal, releaseName } from '../release/release.ts';
import type { FaultRecord } from './ports.ts';

/** A release in flight is aborted, as an operator would. One that is stable has nothing to go back to by itself. */
export async function goBack(
  { records, executions }: { readonly records: Records; readonly executions: Pick<Executions, 'startRollback'> },
  { service, version, detectedAt }: FaultRecord,
  cause: string,
): Promise<{ readonly isGoing: boolean; readonly why: string }> {
  const record = await records.findService(service);
  const name = releaseName(service, version);
  if (record?.inFlight !== version)
    return { isGoing: false, why: `${name} is not in flight: release a version that is well, or look into it` };
  const why = `its nodes fail: ${cause}`;
  const release = await changeRelease(records, { service, version }, (now) =>
    isFinal(now) || now.committedAt !== undefined || now.intent?.kind === 'abort'
      ? undefined
      : { ...now, intent: { kind: 'abort', by: 'tandem', why, at: detectedAt } },
  );
  if (release.intent?.kind !== 'abort') return { isGoing: false, why: `${name} is past its return` };
  if (!isFinal(release) && release.fence > 0) await executions.startRollback({ service, version, fence: release.fence }, why);
  return { isGoing: true, why };
}
