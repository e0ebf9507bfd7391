import { changeRelease } from '../release/change-record.ts';
import { holdRelease } from '../release/hold-release.ts';
import { type ReleaseImage, releaseName, type StepInput } from '../release/release.ts';
import { BUILDS } from '../service/service.ts';
import type { BakePorts } from './bake-step.ts';

/**
 * Removes what was baked for a release that is being rolled back: what its record names, and what bears its tags, for
 * a step that died between making a thing and recording it.
 */
export async function discardImages(ports: BakePorts, step: StepInput) {
  const { release } = await holdRelease(ports, step, 'rollback');
  const isOfRelease = ({ version }: { readonly version: string }) => version === step.version;
  const recorded = BUILDS.flatMap((build) => release.images[build] ?? []);

  const baked = (await ports.images.list(step.service)).filter(isOfRelease);
  const imageIds = new Set([...recorded.flatMap(({ imageId }) => imageId ?? []), ...baked.map(({ imageId }) => imageId)]);
  for (const imageId of imageIds) await ports.images.remove(imageId);

  const left = (await ports.snapshots.list(step.service)).filter(isOfRelease);
  const snapshotIds = new Set([...recorded.flatMap(({ snapshotId }) => snapshotId ?? []), ...left.map((s) => s.snapshotId)]);
  for (const snapshotId of snapshotIds) await ports.snapshots.remove(snapshotId);

  await forget(ports, step);
  const name = releaseName(step.service, step.version);
  return { kind: 'discarded' as const, why: `${imageIds.size} image(s) and ${snapshotIds.size} snapshot(s) of ${name} removed` };
}

async function forget({ records }: BakePorts, step: StepInput): Promise<void> {
  await changeRelease(records, step, (now) => {
    const kept = BUILDS.flatMap((build) => {
      const image = now.images[build];
      return image ? [[build, withoutBaked(image)] as const] : [];
    });
    return now.fence === step.fence ? { ...now, images: Object.fromEntries(kept) } : undefined;
  });
}

function withoutBaked({ snapshotId: _, sealedAt: __, imageId: ___, ...uploaded }: ReleaseImage): ReleaseImage {
  return uploaded;
}
