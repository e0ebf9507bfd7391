import type { ReleaseImage } from '../release/release.ts';
import { type BakePorts, type BakeStep, digestsName, holdImage } from './bake-step.ts';
import { type BlockDigest, toBytes } from './block-digests.ts';
import { forEachBounded, isZero, padded, toBlocks } from './blocks.ts';
import { hashWhole, type Run, runsToRead, zeroRanges } from './known-zeros.ts';
import type { Piece } from './plan-bake.ts';
import { BLOCK_BYTES } from './ports.ts';

/** At some 60 ms a put these are 260 MiB a second, more than a function's network gives; they are what it needs memory for. */
const PUTS_IN_FLIGHT = 32;

export interface CopyInput extends BakeStep {
  readonly snapshotId: string;
  readonly piece: Piece;
}

/**
 * Streams a range of the image into the snapshot. Only the blocks in flight are in memory. Running it twice, or twice
 * at once, writes the same blocks with the same bytes.
 */
export async function copyPiece(ports: BakePorts, input: CopyInput) {
  const { image } = await holdImage(ports, input);
  const { snapshotId, piece } = input;
  const zeros = zeroRanges(ports.hashing, await ports.source.parts(image));
  const runs = runsToRead(piece, zeros, image.bytes);
  const copied = await copyBlocks(ports, input, image, runs);
  await ports.digests.save(digestsName(input, snapshotId, piece), toBytes(copied));
  const read = runs.reduce((sum, run) => sum + run.to - run.from, 0);
  const why = `${copied.blocks.length} of blocks ${piece.from} to ${piece.to - 1} written, the others are zeros; ${read} were read`;
  return { kind: 'copied' as const, why: piece.work === 'digest' ? `${image.key} hashed` : why };
}

async function copyBlocks(
  ports: BakePorts,
  { snapshotId, piece: { work } }: CopyInput,
  image: ReleaseImage,
  runs: readonly Run[],
) {
  const whole = work === 'copy' ? undefined : hashWhole(ports.hashing);
  const blocks: BlockDigest[] = [];
  const free: Uint8Array<ArrayBuffer>[] = [];
  const take = () => free.pop() ?? new Uint8Array(BLOCK_BYTES);
  const ranges = runs.map(({ from, to }) => ({ from: from * BLOCK_BYTES, to: Math.min(to * BLOCK_BYTES, image.bytes) }));
  const indexes = indexesOf(runs);
  const read = toBlocks(ports.source.read(image, ranges), indexes, take);
  await forEachBounded(read, PUTS_IN_FLIGHT, async (block) => {
    // Before anything is awaited: blocks come here in their order, and the digest of the whole depends on it.
    whole?.add(block.index * BLOCK_BYTES, block.bytes);
    if (work !== 'digest' && !isZero(block.bytes)) {
      const content = padded(block.bytes);
      const sha256 = ports.hashing.sha256(content);
      await ports.snapshots.putBlock(snapshotId, block.index, content, sha256);
      blocks.push({ index: block.index, sha256 });
    }
    // A put that was answered has sent its bytes: their place is taken by the next block's.
    if (block.bytes.length === BLOCK_BYTES) free.push(block.bytes);
  });
  // What did not come would pass for zeros.
  if (indexes.next().done !== true) throw new Error(`${image.key} ended before all blocks of it were read`);
  return { blocks, ...(whole && { whole: whole.digest(image.bytes) }) };
}

function* indexesOf(runs: readonly Run[]): Generator<number> {
  for (const { from, to } of runs) for (let index = from; index < to; index += 1) yield index;
}
