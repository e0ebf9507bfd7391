import { snapshotFailed } from '../errors.ts';
import { type BakePorts, type BakeStep, holdImage, recordImage, waitForSealed } from './bake-step.ts';

/** Snapshots of some GiB complete within seconds, AMIs become available at once or within a minute. */
const ASK_AGAIN_SECONDS = 3;

export interface RegisterInput extends BakeStep {
  readonly snapshotId: string;
}

/** Asked until the image is there, or it took too long. The name of an image is its own: a repeat finds what the first call made. */
export async function registerImage(ports: BakePorts, input: RegisterInput) {
  const { service, image } = await holdImage(ports, input);
  const { snapshotId, version, build } = input;
  const wait = (why: string) => waitForSealed(ports.clock, image, snapshotId, { seconds: ASK_AGAIN_SECONDS, why });
  const snapshot = await ports.snapshots.state(snapshotId);
  if (snapshot.state === 'pending') return wait(`snapshot ${snapshotId} is being completed`);
  // EC2 lists what EBS has made some time later; a snapshot that is gone for good fails the last try.
  if (snapshot.state === 'none') throw new Error(`Snapshot ${snapshotId} is not listed: ${snapshot.why}`);
  if (snapshot.state !== 'completed') throw snapshotFailed(snapshotId, snapshot.why || `it is ${snapshot.state}`);
  if (!image.blocks) throw new Error(`${image.key} was not sealed before it was registered`);

  const imageId = image.imageId ?? (await ports.images.register({ service, version, build, snapshotId, blocks: image.blocks }));
  if (image.imageId === undefined) await recordImage(ports, input, { imageId });
  const baked = await ports.images.find(imageId);
  if (baked?.state === 'failed') throw snapshotFailed(snapshotId, `EC2 could make no image of it (${imageId})`);
  // An image that was registered a moment ago may be unknown for some seconds.
  if (baked?.state !== 'available') return wait(`image ${imageId} is not available yet`);
  return { kind: 'ready' as const, imageId, why: `image ${imageId} is available` };
}
