import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeHashing } from '../../../adapters/node-hashing.ts';
import {
  aggregateChecksum,
  type BlockDigest,
  digestOfBlocks,
  fromBytes,
  toBytes,
  toHex,
} from '../../../core/image/block-digests.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest();
const digests = (indexes: readonly number[]): BlockDigest[] => indexes.map((index) => ({ index, sha256: sha256(`${index}`) }));
const indexes = fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 31 }), { maxLength: 40 });

describe('block digests', () => {
  it('aggregates to the same checksum in whatever order blocks, and pieces, came to their end', () => {
    fc.assert(
      fc.property(
        indexes.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const ascending = all.toSorted((a, b) => a - b);
          const wanted = createHash('sha256')
            .update(Buffer.concat(digests(ascending).map((d) => d.sha256)))
            .digest();
          expect(toHex(aggregateChecksum(new NodeHashing(), digests(shuffled)))).toBe(wanted.toString('hex'));
        },
      ),
    );
  });

  it('binds every block to its place, and takes the ones that were not written for zeros', () => {
    const zero = createHash('sha256').update(new Uint8Array(524_288)).digest();
    const of = (written: readonly BlockDigest[], count: number) => toHex(digestOfBlocks(new NodeHashing(), written, count));
    const [one, two] = [sha256('1'), sha256('2')];
    const wanted = createHash('sha256')
      .update(Buffer.concat([zero, one, zero, two, zero]))
      .digest('hex');
    const written = [
      { index: 3, sha256: two },
      { index: 1, sha256: one },
    ];
    expect(of(written, 5)).toBe(wanted);
    expect(of(written, 4)).not.toBe(wanted);
    expect(
      of(
        written.map(({ index, ...rest }) => ({ index: 4 - index, ...rest })),
        5,
      ),
    ).not.toBe(wanted);
  });

  it('reads back what it wrote, ascending, with the digest of the whole where it was taken', () => {
    fc.assert(
      fc.property(indexes, fc.boolean(), (all, hasWhole) => {
        const piece = { blocks: digests(all), ...(hasWhole && { whole: new Uint8Array(sha256('all')) }) };
        const read = fromBytes(toBytes(piece));
        expect(read.whole && toHex(read.whole)).toBe(hasWhole ? sha256('all').toString('hex') : undefined);
        expect(read.blocks.map((b) => [b.index, toHex(b.sha256)])).toEqual(
          digests(all.toSorted((a, b) => a - b)).map((b) => [b.index, toHex(b.sha256)]),
        );
      }),
    );
  });

  it('refuses digests that were cut off', () => {
    expect(() => fromBytes(toBytes({ blocks: digests([1, 2]) }).subarray(0, 70))).toThrow('cut off');
  });
});
