/** What is recorded of an upload that is refused, and what it does to its release. */
import { isNamed } from '../errors.ts';
import type { AdmitImagePorts, Upload } from './admit-image.ts';
import { aboutUpload } from './admit-image.ts';
import type { AdmitAnswer } from './admit.ts';
import { changeRelease } from './change-record.ts';
import type { Records } from './ports.ts';
import type { ReleaseRecord } from './release.ts';
import { isFinal, newRelease, releaseName, withTransition } from './release.ts';
import { tell } from './tell.ts';

/** More remarks than these would only make the record large: further ones are recorded as refusals. */
const MOST_REMARKS = 20;

/** The release's record, from its first upload on. */
export async function newRecord(
  records: Records,
  key: { readonly service: string; readonly version: string },
  at: number,
): Promise<ReleaseRecord> {
  const why = 'its first part was uploaded';
  try {
    return await records.putRelease(
      withTransition(newRelease(key.service, key.version, at), 'received', { at, why, by: 'tandem' }),
    );
  } catch (error) {
    if (!isNamed(error, 'RecordConflict')) throw error;
    // Its other part arrived at the same moment.
    return changeRelease(records, key, () => undefined);
  }
}

/** A domain error's sentence names its fix already. */
const sentence = (upload: Upload, why: string) =>
  `${upload.key} is refused: ${why}${why.endsWith('.') ? '' : '. Upload a new version'}`;

/** The upload is refused and the release goes on as it is: a remark in its history, sent like any transition. */
export async function refuseUpload(
  ports: AdmitImagePorts,
  release: ReleaseRecord,
  upload: Upload,
  cause: string,
): Promise<AdmitAnswer> {
  const why = sentence(upload, cause);
  const { service, transitions } = release;
  if (transitions.filter(({ about }) => about !== undefined).length >= MOST_REMARKS) {
    await ports.refusals.refuse({ service, key: upload.key, why, at: upload.at, id: upload.id });
    return { kind: 'refused', why };
  }
  await tell(ports, await remark(ports.records, release, upload, why));
  return { kind: 'refused', why };
}

/** The upload is refused, and the release with it: what has not started is refused, what is in flight is aborted. */
export async function stopRelease(
  ports: AdmitImagePorts,
  release: ReleaseRecord,
  upload: Upload,
  cause: string,
): Promise<AdmitAnswer> {
  // What is ending anyway is not stopped again: the upload is refused like any other.
  if (isEnding(release)) return refuseUpload(ports, release, upload, cause);
  const why = sentence(upload, cause);
  const about = aboutUpload(upload);
  const stopped = await changeRelease(ports.records, release, (now) => {
    if (now.transitions.some((one) => one.about === about)) return undefined;
    const isWaiting = now.stage === 'received' && now.fence === 0;
    const said = withTransition(now, isWaiting ? 'refused' : now.stage, { at: upload.at, why, by: 'tandem', about });
    if (isWaiting || isEnding(now)) return said;
    return { ...said, intent: { kind: 'abort', by: 'tandem', why, at: upload.at } };
  });
  await finishStop(ports, stopped);
  return { kind: 'refused', why };
}

const isEnding = ({ stage, intent, committedAt }: ReleaseRecord) =>
  isFinal({ stage }) || intent?.kind === 'abort' || intent?.kind === 'supersede' || committedAt !== undefined;

/** What follows the record of a refused upload; again, when its event is delivered again. */
export async function finishStop(ports: AdmitImagePorts, release: ReleaseRecord): Promise<AdmitAnswer> {
  const { service, version, fence, intent } = release;
  const isAborting = intent?.kind === 'abort' && !isFinal(release) && release.stage !== 'rolling-back' && fence > 0;
  if (isAborting) await ports.executions.startRollback({ service, version, fence }, intent.why);
  await tell(ports, release);
  return { kind: 'ignored', why: 'it was refused before' };
}

async function remark(records: Records, release: ReleaseRecord, upload: Upload, why: string): Promise<ReleaseRecord> {
  const about = aboutUpload(upload);
  return changeRelease(records, release, (now) =>
    now.transitions.some((one) => one.about === about)
      ? undefined
      : withTransition(now, now.stage, {
          at: upload.at,
          why: `${why} (${releaseName(now.service, now.version)} stays as it is)`,
          by: 'tandem',
          about,
        }),
  );
}
