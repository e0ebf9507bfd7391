import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forEachBounded, isZero, padded, toBlocks } from '../../../core/image/blocks.ts';
import { BLOCK_BYTES } from '../../../core/image/ports.ts';
import { collect } from '../../fakes/collect.ts';

async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

const blocksFrom = (chunks: readonly Uint8Array[], first = 0) => collect(toBlocks(stream(chunks), countingFrom(first)));

function* countingFrom(first: number) {
  for (let index = first; ; index += 1) yield index;
}

/** Bytes that tell where they stand. */
const numbered = (length: number) => Uint8Array.from({ length }, (_, n) => (n * 7 + Math.floor(n / 256)) % 251);

describe('toBlocks', () => {
  it('gives the same blocks however the bytes are cut into chunks', async () => {
    const bytes = numbered(2 * BLOCK_BYTES + 1000);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const blocks = await blocksFrom(at.slice(1).map((end, n) => bytes.subarray(at[n], end)));
        expect(blocks.map(({ index, bytes: { length } }) => [index, length])).toEqual([
          [0, BLOCK_BYTES],
          [1, BLOCK_BYTES],
          [2, 1000],
        ]);
        expect(Buffer.concat(blocks.map((block) => block.bytes)).equals(bytes)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('counts from the first block of its piece', async () => {
    expect((await blocksFrom([new Uint8Array(BLOCK_BYTES + 1)], 40)).map(({ index }) => index)).toEqual([40, 41]);
  });

  it('gives blocks the indexes that were asked for, and refuses bytes beyond them', async () => {
    const bytes = new Uint8Array(2 * BLOCK_BYTES);
    expect((await collect(toBlocks(stream([bytes]), [3, 9].values()))).map(({ index }) => index)).toEqual([3, 9]);
    await expect(collect(toBlocks(stream([bytes]), [3].values()))).rejects.toThrow('more bytes than it was asked for');
  });

  it('keeps a block whole when the reader reuses its buffer for the next chunk', async () => {
    const buffer = new Uint8Array(1000).fill(1);
    async function* reusing() {
      yield buffer;
      buffer.fill(2);
      yield await Promise.resolve(buffer);
    }
    const [block] = await collect(toBlocks(reusing(), countingFrom(0)));
    expect([block!.bytes[0], block!.bytes[1000]]).toEqual([1, 2]);
  });
});

describe('padded and isZero', () => {
  it('fills the last block with zeros', () => {
    const block = padded(numbered(10));
    expect(block).toHaveLength(BLOCK_BYTES);
    expect(isZero(block.subarray(10))).toBe(true);
    expect(isZero(block)).toBe(false);
  });
});

describe('forEachBounded', () => {
  it('has never more than its width under way', async () => {
    let [running, most] = [0, 0];
    await forEachBounded(stream(Array.from({ length: 50 }, (_, n) => n)), 4, async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running -= 1;
    });
    expect(most).toBe(4);
  });

  it('takes in nothing more after a failure, waits for what is under way, and throws the first failure', async () => {
    const [started, ended]: [number[], number[]] = [[], []];
    const work = async (n: number) => {
      started.push(n);
      await new Promise(setImmediate);
      if (n === 1) throw new Error('put 1 failed');
      await new Promise(setImmediate);
      ended.push(n);
    };
    await expect(forEachBounded(stream([0, 1, 2, 3, 4, 5, 6, 7]), 3, work)).rejects.toThrow('put 1 failed');
    expect(started.length).toBeLessThan(8);
    expect(ended).toEqual(started.filter((n) => n !== 1));
  });
});
