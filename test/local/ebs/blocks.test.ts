import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BLOCK_BYTES, MemoryBlocks, SparseFileBlocks } from '../../../local/services/ebs/blocks.ts';
import type { BlockStore } from '../../../local/services/ebs/blocks.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'blocks-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const homes: readonly (readonly [string, () => BlockStore])[] = [
  ['MemoryBlocks', () => new MemoryBlocks()],
  ['SparseFileBlocks', () => new SparseFileBlocks(join(directory, 'snapshots'))],
];

const block = (fill: string) => Buffer.alloc(BLOCK_BYTES, fill);

describe.each(homes)('%s is a BlockStore', (_name, open) => {
  it('gives back what was written, snapshot by snapshot, written in any order and at once', async () => {
    const blocks = open();
    await Promise.all([3, 0, 1].map((index) => blocks.write('snap-a', index, block(String(index)))));
    await blocks.write('snap-b', 0, block('b'));
    for (const index of [0, 1, 3])
      expect(Buffer.from(await blocks.read('snap-a', index)).equals(block(String(index)))).toBe(true);
    expect(Buffer.from(await blocks.read('snap-b', 0)).equals(block('b'))).toBe(true);
  });

  it('keeps the last of two writes, and not the writer’s buffer', async () => {
    const blocks = open();
    const mine = block('a');
    await blocks.write('snap-a', 0, block('x'));
    await blocks.write('snap-a', 0, mine);
    mine.fill('z');
    expect(Buffer.from(await blocks.read('snap-a', 0)).equals(block('a'))).toBe(true);
  });

  it('forgets a removed snapshot, twice without complaint', async () => {
    const blocks = open();
    await blocks.write('snap-a', 0, block('a'));
    await blocks.remove('snap-a');
    await blocks.remove('snap-a');
    await expect(blocks.read('snap-a', 0)).rejects.toThrow();
  });
});

describe('SparseFileBlocks', () => {
  it('takes no room on disk for what was not written', async () => {
    const blocks = new SparseFileBlocks(directory);
    await blocks.write('snap-a', 4_000, block('a'));
    const file = await stat(join(directory, 'snap-a.raw'));
    expect(file.size).toBe(4_001 * BLOCK_BYTES);
    expect(file.blocks * 512).toBeLessThan(4 * BLOCK_BYTES);
    expect(await readdir(directory)).toEqual(['snap-a.raw']);
  });
});
