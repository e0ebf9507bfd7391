import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BAKE_LIMITS, blocksOf, GIB, gibOf, type Piece, planBake } from '../../../core/image/plan-bake.ts';
import { BLOCK_BYTES } from '../../../core/image/ports.ts';

const small = { copyBlocks: 8, digestBlocks: 200 };
const piecesOf = (bytes: number, limits = small): readonly Piece[] => {
  const plan = planBake(bytes, limits, true);
  return plan.kind === 'copy' ? plan.pieces : [];
};

describe('planBake', () => {
  it('gives a small image to one function, which copies and hashes it in one go', () => {
    expect(piecesOf(3 * BLOCK_BYTES + 1)).toEqual([{ work: 'copy-and-digest', from: 0, to: 4 }]);
  });

  it('lets one function hash a large image while others copy a range each', () => {
    expect(piecesOf(17 * BLOCK_BYTES)).toEqual([
      { work: 'digest', from: 0, to: 17 },
      { work: 'copy', from: 0, to: 8 },
      { work: 'copy', from: 8, to: 16 },
      { work: 'copy', from: 16, to: 17 },
    ]);
  });

  it('copies each block exactly once and hashes the whole exactly once, whatever the size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 * BLOCK_BYTES }), fc.integer({ min: 1, max: 50 }), (bytes, copyBlocks) => {
        const pieces = piecesOf(bytes, { copyBlocks, digestBlocks: 200 });
        const copied = pieces.filter(({ work }) => work !== 'digest').flatMap(({ from, to }) => range(from, to));
        const hashing = pieces.filter(({ work }) => work !== 'copy');
        expect(copied).toEqual(range(0, blocksOf(bytes)));
        expect(hashing.map(({ from, to }) => [from, to])).toEqual([[0, blocksOf(bytes)]]);
        expect(pieces.every(({ work, from, to }) => work === 'digest' || to - from <= copyBlocks)).toBe(true);
      }),
    );
  });

  it('hashes nothing whole where nobody asked for it, and copies the same', () => {
    for (const blocks of [3, 17]) {
      const plan = planBake(blocks * BLOCK_BYTES, small, false);
      const pieces = plan.kind === 'copy' ? plan.pieces : [];
      expect(new Set(pieces.map(({ work }) => work))).toEqual(new Set(['copy']));
      expect(pieces.flatMap(({ from, to }) => range(from, to))).toEqual(range(0, blocks));
    }
  });

  it('stays within the 40 branches an inline map runs at once, for the largest image it takes', () => {
    expect(piecesOf(40 * GIB, BAKE_LIMITS).length).toBeLessThanOrEqual(40);
  });

  it('refuses an empty image, and one that no function could hash in its time, with the limit in the reason', () => {
    expect(planBake(0, small, true)).toMatchObject({ kind: 'refuse', why: expect.stringContaining('empty') as string });
    expect(planBake(40 * GIB + 1, BAKE_LIMITS, true)).toMatchObject({
      kind: 'refuse',
      why: expect.stringContaining('at most 40 GiB') as string,
    });
  });

  it('sizes the volume so that the last byte fits', () => {
    expect([gibOf(1), gibOf(GIB), gibOf(GIB + 1)]).toEqual([1, 1, 2]);
  });
});

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
