import { digestMismatch } from '../errors.ts';
import { findDifference, needsWhole } from '../release/check-manifest.ts';
import type { Manifest, ReleaseImage } from '../release/release.ts';
import { type BakePorts, type BakeStep, digestsName, holdImage, recordImage } from './bake-step.ts';
import { aggregateChecksum, digestOfBlocks, fromBytes, type PieceDigests, toHex } from './block-digests.ts';
import { blocksOf, type Piece } from './plan-bake.ts';

export interface SealInput extends BakeStep {
  readonly snapshotId: string;
  readonly pieces: readonly Piece[];
}

/** Puts the pieces' digests together, holds the image to its manifest, and completes the snapshot. */
export async function sealBake(ports: BakePorts, input: SealInput) {
  const { image } = await holdImage(ports, input);
  const { snapshotId, pieces, build } = input;
  // No pieces: the snapshot was complete when the bake was asked for again, and the digest is in the record.
  if (pieces.length === 0) return { kind: 'sealed' as const, why: `snapshot ${snapshotId} was complete already` };

  const saved = await loadPieces(ports, input);
  const written = saved.flatMap((piece) => piece.blocks);
  const blocks = toHex(digestOfBlocks(ports.hashing, written, blocksOf(image.bytes)));
  // Recorded first: from now on no manifest is taken in that this digest cannot be held against.
  const found = { blocks, sealedAt: image.sealedAt ?? ports.clock.now() };
  const { manifest } = await recordImage(ports, input, found);
  if (manifest) await holdToManifest(ports, input, { ...image, ...found }, { manifest, saved });

  await ports.snapshots.complete(snapshotId, written.length, aggregateChecksum(ports.hashing, written));
  return { kind: 'sealed' as const, why: `${written.length} blocks of ${build} written, their digest is ${blocks}` };
}

async function holdToManifest(
  ports: BakePorts,
  input: SealInput,
  image: ReleaseImage,
  { manifest, saved }: { readonly manifest: Manifest; readonly saved: readonly PieceDigests[] },
): Promise<void> {
  const { build } = input;
  const sha256 = needsWhole(manifest, build) ? (image.sha256 ?? toHex(await digestOfWhole(ports, image, saved))) : undefined;
  const difference = findDifference({ ...image, ...(sha256 !== undefined && { sha256 }) }, manifest, build);
  if (difference) throw digestMismatch(image.key, difference);
  if (sha256 !== image.sha256) await recordImage(ports, input, { sha256 });
}

/** No piece took it where the manifest came while the pieces were copied. */
async function digestOfWhole({ source, hashing }: BakePorts, image: ReleaseImage, saved: readonly PieceDigests[]) {
  const taken = saved.find((piece) => piece.whole)?.whole;
  if (taken) return taken;
  const hash = hashing.stream();
  for await (const chunk of source.read(image, [{ from: 0, to: image.bytes }])) hash.update(chunk);
  return hash.digest();
}

async function loadPieces({ digests }: BakePorts, input: SealInput): Promise<readonly PieceDigests[]> {
  return Promise.all(
    input.pieces.map(async (piece) => fromBytes(await digests.load(digestsName(input, input.snapshotId, piece)))),
  );
}
