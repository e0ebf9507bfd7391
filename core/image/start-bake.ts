import { imageChanged, imageRefused, isNamed } from '../errors.ts';
import { needsWhole } from '../release/check-manifest.ts';
import type { ReleaseImage } from '../release/release.ts';
import type { Service } from '../service/service.ts';
import { type BakePorts, type BakeStep, holdImage, isFinal, recordImage, waitForSealed } from './bake-step.ts';
import { noteOnSize, OPENING_BYTES, planFormatRefusal } from './image-format.ts';
import { BAKE_LIMITS, gibOf, type Piece, planBake } from './plan-bake.ts';
import { type SealInput, sealBake } from './seal-bake.ts';

const ASK_AGAIN_SECONDS = 15;

export interface Copying {
  readonly kind: 'copying';
  readonly snapshotId: string;
  readonly pieces: Piece[];
  readonly why: string;
}

type Wait = ReturnType<typeof waitForSealed>;

/** Refuses what cannot boot before anything is made of it; then opens the snapshot and records it at once. */
export async function startBake(ports: BakePorts, step: BakeStep): Promise<Copying | Wait> {
  const { service, release, image } = await holdImage(ports, step);
  // The etag is insisted on by every read; the size is what the pieces are planned from.
  if ((await ports.source.head(image)).bytes !== image.bytes) throw imageChanged(image.key);
  const plan = planBake(image.bytes, BAKE_LIMITS, needsWhole(release.manifest, step.build));
  if (plan.kind === 'refuse') throw imageRefused(image.key, plan.why);
  const note = await checkBytes(ports, service, image);

  const snapshotId = image.snapshotId ?? (await openSnapshot(ports, step, image, note));
  const { state } = await ports.snapshots.state(snapshotId);
  if (state === 'completed') return nothingLeft(snapshotId, `snapshot ${snapshotId} is complete already`);
  if (state === 'pending' && image.snapshotId !== undefined && image.sealedAt !== undefined)
    return completeSealed(ports, image, { ...step, snapshotId, pieces: plan.pieces.filter(({ work }) => work !== 'digest') });
  return { kind: 'copying', snapshotId, pieces: [...plan.pieces], why: plan.why };
}

const nothingLeft = (snapshotId: string, why: string): Copying => ({ kind: 'copying', snapshotId, pieces: [], why });

/**
 * A bake before this one had all blocks written and died. EBS takes no block once a snapshot is sealed, and does not
 * tell a sealed one from an open one; so its completion is asked for again. Where that is refused, it is under way.
 */
async function completeSealed(ports: BakePorts, image: ReleaseImage, input: SealInput): Promise<Copying | Wait> {
  const { snapshotId } = input;
  try {
    await sealBake(ports, input);
    return nothingLeft(snapshotId, `snapshot ${snapshotId} has all its blocks; its completion was asked for again`);
  } catch (cause) {
    if (isFinal(cause) || isNamed(cause, 'FenceMoved') || isNamed(cause, 'ReleaseAborted')) throw cause;
    const said = cause instanceof Error ? cause.message : String(cause);
    return waitForSealed(ports.clock, image, snapshotId, {
      seconds: ASK_AGAIN_SECONDS,
      why: `snapshot ${snapshotId} is not complete yet (${said})`,
    });
  }
}

async function checkBytes({ source }: BakePorts, { file }: Service, image: ReleaseImage): Promise<string | undefined> {
  const gib = gibOf(image.bytes);
  if (gib > file.maxImageGiB)
    throw imageRefused(image.key, `it has ${gib} GiB, and its service allows ${file.maxImageGiB} (maxImageGiB)`);
  const opening = new Uint8Array(OPENING_BYTES);
  let filled = 0;
  for await (const chunk of source.read(image, [{ from: 0, to: Math.min(image.bytes, OPENING_BYTES) }])) {
    opening.set(chunk, filled);
    filled += chunk.length;
  }
  const why = planFormatRefusal(file.imageFormat, opening);
  if (why) throw imageRefused(image.key, why);
  return noteOnSize(file.imageFormat, opening, image.bytes);
}

/** The token is the same for every try under one fence, so a try that died before it recorded the snapshot finds it again. */
async function openSnapshot(
  { snapshots, ...ports }: BakePorts,
  step: BakeStep,
  image: ReleaseImage,
  note: string | undefined,
): Promise<string> {
  const { service, version, build } = step;
  const snapshotId = await snapshots.start({
    token: snapshotToken(step),
    gib: gibOf(image.bytes),
    tags: { Name: `${service} ${version} ${build}`, 'tandem:service': service, 'tandem:release': version, 'tandem:build': build },
  });
  await recordImage(ports, step, { snapshotId, ...(note && { note }) });
  return snapshotId;
}

/** At most 64 ASCII characters: 20 of the service, 32 of the version, one of the build, and the fence. */
export const snapshotToken = ({ service, version, build, fence }: BakeStep) =>
  `${service}.${version}.${build.slice(0, 1)}.${fence}`;
