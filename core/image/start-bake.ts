import { imageChanged, imageRefused } from '../errors.ts';
import type { ReleaseImage } from '../release/release.ts';
import type { Service } from '../service/service.ts';
import { type BakePorts, type BakeStep, holdImage, recordImage } from './bake-step.ts';
import { OPENING_BYTES, planFormatRefusal } from './image-format.ts';
import { BAKE_LIMITS, gibOf, type Piece, planBake } from './plan-bake.ts';

export interface Copying {
  readonly kind: 'copying';
  readonly snapshotId: string;
  readonly pieces: Piece[];
  readonly why: string;
}

/** Refuses what cannot boot before anything is made of it; then opens the snapshot and records it at once. */
export async function startBake(ports: BakePorts, step: BakeStep): Promise<Copying> {
  const { service, image } = await holdImage(ports, step);
  // The etag is insisted on by every read; the size is what the pieces are planned from.
  if ((await ports.source.head(image)).bytes !== image.bytes) throw imageChanged(image.key);
  const plan = planBake(image.bytes, BAKE_LIMITS);
  if (plan.kind === 'refuse') throw imageRefused(image.key, plan.why);
  await checkBytes(ports, service, image);

  const snapshotId = image.snapshotId ?? (await openSnapshot(ports, step, image));
  const isWritten = (await ports.snapshots.state(snapshotId)).state === 'completed';
  return isWritten
    ? { kind: 'copying', snapshotId, pieces: [], why: `snapshot ${snapshotId} is complete already` }
    : { kind: 'copying', snapshotId, pieces: [...plan.pieces], why: plan.why };
}

async function checkBytes({ source }: BakePorts, { file }: Service, image: ReleaseImage): Promise<void> {
  const gib = gibOf(image.bytes);
  if (gib > file.maxImageGiB)
    throw imageRefused(image.key, `it has ${gib} GiB, and its service allows ${file.maxImageGiB} (maxImageGiB)`);
  const opening = new Uint8Array(OPENING_BYTES);
  let filled = 0;
  for await (const chunk of source.read(image, 0, Math.min(image.bytes, OPENING_BYTES))) {
    opening.set(chunk, filled);
    filled += chunk.length;
  }
  const why = planFormatRefusal(file.imageFormat, opening);
  if (why) throw imageRefused(image.key, why);
}

/** The token is the same for every try under one fence, so a try that died before it recorded the snapshot finds it again. */
async function openSnapshot({ snapshots, ...ports }: BakePorts, step: BakeStep, image: ReleaseImage): Promise<string> {
  const { service, version, build } = step;
  const snapshotId = await snapshots.start({
    token: snapshotToken(step),
    gib: gibOf(image.bytes),
    tags: { Name: `${service} ${version} ${build}`, 'tandem:service': service, 'tandem:release': version, 'tandem:build': build },
  });
  await recordImage(ports, step, { snapshotId });
  return snapshotId;
}

/** At most 64 ASCII characters: 20 of the service, 32 of the version, one of the build, and the fence. */
export const snapshotToken = ({ service, version, build, fence }: BakeStep) =>
  `${service}.${version}.${build.slice(0, 1)}.${fence}`;
