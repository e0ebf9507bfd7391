/**
 * How an image is copied into a snapshot: a small one by one function, a larger one by several side by side, a range of
 * blocks each. Where its manifest gives only the digest of the whole, that is taken too, of a large image by one more
 * function: SHA-256 can only be taken from the first byte to the last.
 */
import { BLOCK_BYTES } from './ports.ts';

export const GIB = 1024 ** 3;

export interface Piece {
  readonly work: 'copy' | 'digest' | 'copy-and-digest';
  /** Blocks [from, to). */
  readonly from: number;
  readonly to: number;
}

/** What one function does well within its 15 minutes, also where it gets only some 50 MB a second. */
export interface BakeLimits {
  readonly copyBlocks: number;
  readonly digestBlocks: number;
}

export const BAKE_LIMITS: BakeLimits = { copyBlocks: (4 * GIB) / BLOCK_BYTES, digestBlocks: (40 * GIB) / BLOCK_BYTES };

export type BakePlan =
  | { readonly kind: 'copy'; readonly pieces: readonly Piece[]; readonly why: string }
  | { readonly kind: 'refuse'; readonly why: string };

export const blocksOf = (bytes: number) => Math.ceil(bytes / BLOCK_BYTES);

/** Size of the volume the image fits on. */
export const gibOf = (bytes: number) => Math.ceil(bytes / GIB);

export function planBake(bytes: number, limits: BakeLimits, takesWhole: boolean): BakePlan {
  const blocks = blocksOf(bytes);
  if (blocks === 0) return { kind: 'refuse', why: 'it is empty; upload the image again, under a new version' };
  if (blocks > limits.digestBlocks) {
    const most = Math.floor((limits.digestBlocks * BLOCK_BYTES) / GIB);
    return { kind: 'refuse', why: `it has ${gibOf(bytes)} GiB, and at most ${most} GiB can be baked; ship a smaller image` };
  }
  if (blocks <= limits.copyBlocks) {
    const work = takesWhole ? 'copy-and-digest' : 'copy';
    return { kind: 'copy', pieces: [{ work, from: 0, to: blocks }], why: `${blocks} blocks fit one function` };
  }
  const copies: Piece[] = Array.from({ length: Math.ceil(blocks / limits.copyBlocks) }, (_, n) => ({
    work: 'copy',
    from: n * limits.copyBlocks,
    to: Math.min(blocks, (n + 1) * limits.copyBlocks),
  }));
  const pieces: Piece[] = [...(takesWhole ? [{ work: 'digest', from: 0, to: blocks } as const] : []), ...copies];
  return { kind: 'copy', pieces, why: `${blocks} blocks are copied by ${copies.length} functions side by side` };
}
