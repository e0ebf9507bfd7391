import { digestMismatch } from '../errors.ts';
import { type BakePorts, type BakeStep, digestsName, holdImage, recordImage } from './bake-step.ts';
import { aggregateChecksum, fromBytes, toHex } from './block-digests.ts';
import type { Piece } from './plan-bake.ts';

export interface SealInput extends BakeStep {
  readonly snapshotId: string;
  readonly pieces: readonly Piece[];
}

/** Puts the pieces' digests together, holds the image to its manifest, and completes the snapshot. */
export async function sealBake(ports: BakePorts, input: SealInput) {
  const { release, image } = await holdImage(ports, input);
  const { snapshotId, pieces, build } = input;
  // No pieces: the snapshot was complete when the bake was asked for again, and the digest is in the record.
  if (pieces.length === 0) return { kind: 'sealed' as const, why: `snapshot ${snapshotId} was complete already` };

  const saved = await loadPieces(ports, input);
  const whole = saved.find((piece) => piece.whole)?.whole;
  if (!whole) throw new Error(`No piece of ${image.key} took the digest of the whole`);
  const sha256 = toHex(whole);
  const wanted = release.manifest?.sha256[build];
  if (wanted !== undefined && wanted.toLowerCase() !== sha256) throw digestMismatch(image.key, wanted, sha256);

  await recordImage(ports, input, { sha256, sealedAt: image.sealedAt ?? ports.clock.now() });
  const blocks = saved.flatMap((piece) => piece.blocks);
  await ports.snapshots.complete(snapshotId, blocks.length, aggregateChecksum(ports.hashing, blocks));
  return { kind: 'sealed' as const, why: `${blocks.length} blocks written, SHA-256 ${sha256}` };
}

async function loadPieces({ digests }: BakePorts, input: SealInput) {
  return Promise.all(
    input.pieces.map(async (piece) => fromBytes(await digests.load(digestsName(input, input.snapshotId, piece)))),
  );
}
