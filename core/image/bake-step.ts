/** What the steps of a bake share: their ports, what they are told, and the image they hold. */
import { type DomainErrorName, fenceMoved, isNamed, snapshotFailed } from '../errors.ts';
import { changeRelease } from '../release/change-record.ts';
import { holdRelease } from '../release/hold-release.ts';
import type { Clock, Records } from '../release/ports.ts';
import { type ReleaseImage, type ReleaseRecord, releaseName, type StepInput } from '../release/release.ts';
import type { Build } from '../service/service.ts';
import type { Piece } from './plan-bake.ts';
import type { BlockDigests, Hashing, Images, ImageSource, Snapshots } from './ports.ts';

export interface BakePorts {
  readonly records: Records;
  readonly source: ImageSource;
  readonly digests: BlockDigests;
  readonly snapshots: Snapshots;
  readonly images: Images;
  readonly hashing: Hashing;
  readonly clock: Clock;
}

export interface BakeStep extends StepInput {
  readonly build: Build;
}

/** The guard of every step of a bake, with the image that is baked. */
export async function holdImage(ports: Pick<BakePorts, 'records'>, step: BakeStep) {
  const held = await holdRelease(ports, step);
  const image = held.release.images[step.build];
  if (!image) throw new Error(`${releaseName(step.service, step.version)} was started without its ${step.build} image`);
  return { ...held, image };
}

/** The other build is baked at the same time and writes the same record: only this image's fields are changed. */
export async function recordImage(
  ports: Pick<BakePorts, 'records'>,
  step: BakeStep,
  found: Partial<Pick<ReleaseImage, 'blocks' | 'sha256' | 'snapshotId' | 'sealedAt' | 'imageId'>>,
): Promise<ReleaseRecord> {
  return changeRelease(ports.records, step, (now) => {
    if (now.fence !== step.fence) throw fenceMoved(releaseName(step.service, step.version), step.fence, now.fence);
    const image = now.images[step.build];
    return image && { ...now, images: { ...now.images, [step.build]: { ...image, ...found } } };
  });
}

/** After one of these no try under this fence can succeed, and the snapshot is of no use. */
const FINAL: readonly DomainErrorName[] = ['ImageChanged', 'ImageRefused', 'DigestMismatch', 'ImageNameTaken', 'SnapshotFailed'];

export const isFinal = (cause: unknown) => FINAL.some((name) => isNamed(cause, name));

/** Completing takes EBS minutes. A snapshot that hangs, or an image that was deleted, is not waited for for ever. */
const COMPLETE_WITHIN_MINUTES = 60;

/** An answer to ask again, or the end of asking. */
export function waitForSealed(
  clock: Clock,
  { sealedAt }: ReleaseImage,
  snapshotId: string,
  wait: { seconds: number; why: string },
) {
  if (sealedAt === undefined || clock.now() - sealedAt < COMPLETE_WITHIN_MINUTES * 60_000)
    return { kind: 'wait' as const, ...wait };
  throw snapshotFailed(snapshotId, `${COMPLETE_WITHIN_MINUTES} minutes after its last block was written, ${wait.why}`);
}

/**
 * Where a piece's digests are kept. The snapshot's id keeps the bakes of two attempts apart. A range that was copied is
 * found by its blocks alone: whether the whole was hashed too depends on when the manifest came.
 */
export const digestsName = ({ service, version, build }: BakeStep, snapshotId: string, { work, from, to }: Piece) =>
  `${service}/${version}/${build}/${snapshotId}/${work === 'digest' ? 'digest' : 'copy'}-${from}-${to}`;
