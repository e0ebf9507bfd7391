import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeHashing } from '../../../adapters/node-hashing.ts';
import { hashWhole, runsToRead, zeroRanges } from '../../../core/image/known-zeros.ts';
import { BLOCK_BYTES } from '../../../core/image/ports.ts';

const hashing = new NodeHashing();
const part = (content: Uint8Array) => ({ bytes: content.length, sha256: createHash('sha256').update(content).digest() });
const zeros = (bytes: number) => part(new Uint8Array(bytes));
const data = (bytes: number) => part(new Uint8Array(bytes).fill(7));

describe('zeroRanges', () => {
  it('finds the parts whose digest is that of as many zeros, neighbours joined', () => {
    const parts = [data(100), zeros(200), zeros(300), data(50), zeros(25)];
    expect(zeroRanges(hashing, parts)).toEqual([
      { from: 100, to: 600 },
      { from: 650, to: 675 },
    ]);
  });

  it('takes no part for zeros whose digest is that of another number of zeros', () => {
    expect(
      zeroRanges(hashing, [
        { bytes: 200, sha256: zeros(201).sha256 },
        { bytes: 8, sha256: new Uint8Array(32) },
      ]),
    ).toEqual([]);
  });
});

describe('runsToRead', () => {
  it('leaves out the blocks that lie wholly in zeros, and no other, of every piece', () => {
    const range = fc.record({
      gap: fc.integer({ min: 1, max: 3 * BLOCK_BYTES }),
      length: fc.integer({ min: 1, max: 4 * BLOCK_BYTES }),
    });
    fc.assert(
      fc.property(
        fc.array(range, { maxLength: 8 }),
        fc.nat(20),
        fc.nat(20),
        fc.oneof(fc.constant(0), fc.nat(BLOCK_BYTES)),
        (ranges, from, length, tail) => {
          let at = 0;
          const found = ranges.map(({ gap, length }) => ({ from: (at += gap), to: (at += length) }));
          const imageBytes = at + tail;
          const to = Math.min(from + length, Math.ceil(imageBytes / BLOCK_BYTES));
          if (to <= from) return;
          const isKnown = (block: number) =>
            found.some((zero) => zero.from <= block * BLOCK_BYTES && zero.to >= Math.min((block + 1) * BLOCK_BYTES, imageBytes));
          const wanted = Array.from({ length: to - from }, (_, n) => from + n).filter((block) => !isKnown(block));
          const runs = runsToRead({ from, to }, found, imageBytes);
          expect(runs.flatMap((run) => Array.from({ length: run.to - run.from }, (_, n) => run.from + n))).toEqual(wanted);
          expect(runs.every((run) => run.to > run.from)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('hashWhole', () => {
  it('puts zeros where nothing was added', () => {
    const image = new Uint8Array(2 * BLOCK_BYTES + 10);
    image.fill(1, BLOCK_BYTES, BLOCK_BYTES + 5);
    const whole = hashWhole(hashing);
    whole.add(BLOCK_BYTES, image.subarray(BLOCK_BYTES, BLOCK_BYTES + 5));
    expect(whole.digest(image.length)).toEqual(createHash('sha256').update(image).digest());
  });
});
