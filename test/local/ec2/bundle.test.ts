import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../local/kernel/body.ts';
import type { SnapshotReader } from '../../../local/kernel/ports.ts';
import { readBundle } from '../../../local/services/ec2/drivers/bundle.ts';
import type { BundleEntry } from '../../../local/services/ec2/drivers/bundle.ts';

interface Item {
  readonly name: string;
  readonly type?: 'file' | 'directory' | 'symlink' | 'link' | 'fifo';
  readonly linkname?: string;
  readonly content?: string;
}

async function tar(...items: Item[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of items) archive.entry(header, content);
  archive.finalize();
  return buffer(bytesOf(archive));
}

const BLOCK = 524_288;

/** A volume as EBS gives it: what was written, up to the last block that is not all zeros. */
function diskOf(bytes: Buffer, volumeBytes = 4 * BLOCK): SnapshotReader {
  const volume = Buffer.alloc(volumeBytes);
  bytes.copy(volume);
  let dataBytes = volumeBytes;
  while (dataBytes > 0 && volume.subarray(dataBytes - BLOCK, dataBytes).every((byte) => byte === 0)) dataBytes -= BLOCK;
  return {
    volumeBytes,
    dataBytes,
    read: async (offset, length) => volume.subarray(offset, Math.min(offset + length, volumeBytes)),
  };
}

async function entriesOf(disk: SnapshotReader) {
  const entries: (BundleEntry & { readonly text?: string })[] = [];
  await readBundle(disk, async (entry, content) => {
    entries.push(entry.kind === 'file' ? { ...entry, text: (await buffer(content)).toString() } : entry);
  });
  return entries;
}

describe('a bundle', () => {
  it('is read from the start of its volume, whatever zeros follow', async () => {
    const disk = diskOf(
      await tar(
        { name: 'run', content: 'program' },
        { name: 'lib', type: 'directory' },
        { name: './lib/a', type: 'symlink', linkname: '../run' },
      ),
    );
    expect(await entriesOf(disk)).toMatchObject([
      { kind: 'file', name: 'run', text: 'program' },
      { kind: 'directory', name: 'lib' },
      { kind: 'link', name: 'lib/a', target: '../run' },
    ]);
  });

  it('may end in a file of zeros that no block was written for', async () => {
    const content = `start${'\0'.repeat(2 * BLOCK)}`;
    const disk = diskOf(await tar({ name: 'run', content }));
    expect(disk.dataBytes).toBe(BLOCK);
    expect(await entriesOf(disk)).toMatchObject([{ bytes: content.length, text: content }]);
  });

  it('whose entries are not read is passed over', async () => {
    const names: string[] = [];
    const disk = diskOf(await tar({ name: 'a', content: 'x'.repeat(BLOCK) }, { name: 'b', content: 'y' }));
    await readBundle(disk, async (entry) => void names.push(entry.name));
    expect(names).toEqual(['a', 'b']);
  });

  it.each<[string, Item[]]>([
    ['an absolute name', [{ name: '/etc/passwd' }]],
    ['a name that climbs out', [{ name: '../up' }]],
    ['a name that climbs out later', [{ name: 'a/../../up' }]],
    ['a link to an absolute path', [{ name: 'a', type: 'symlink', linkname: '/etc' }]],
    ['a link that climbs out', [{ name: 'a/b', type: 'symlink', linkname: '../../up' }]],
    ['a link that climbs behind another', [{ name: 'a', type: 'symlink', linkname: 'b/../../up' }]],
    ['a link that climbs at its end', [{ name: 'a/b', type: 'symlink', linkname: 'c/..' }]],
    ['a file behind a link', [{ name: 'a', type: 'symlink', linkname: 'b' }, { name: 'a/x' }]],
    ['a name twice', [{ name: 'a' }, { name: './a' }]],
    ['a hard link', [{ name: 'a' }, { name: 'b', type: 'link', linkname: 'a' }]],
    ['a fifo', [{ name: 'a', type: 'fifo' }]],
  ])('with %s is refused by name', async (_what, items) => {
    const refused = entriesOf(diskOf(await tar(...items)));
    await expect(refused).rejects.toMatchObject({
      name: 'BundleRefused',
      message: expect.stringContaining(items.at(-1)!.name.replace(/^\.\//, '')) as string,
    });
  });

  it('that is cut off, or no tar behind its first entry, is refused', async () => {
    const whole = await tar({ name: 'run', content: 'x'.repeat(3 * BLOCK) });
    await expect(entriesOf(diskOf(whole.subarray(0, 2 * BLOCK), 2 * BLOCK))).rejects.toMatchObject({ name: 'BundleRefused' });
    const broken = Buffer.concat([(await tar({ name: 'run', content: 'x' })).subarray(0, 1024), Buffer.alloc(1024, 'garbage')]);
    await expect(entriesOf(diskOf(broken))).rejects.toMatchObject({ name: 'BundleRefused' });
  });

  it('stops at the error of its reader', async () => {
    const disk = diskOf(await tar({ name: 'a', content: 'x'.repeat(2 * BLOCK) }, { name: 'b' }));
    const names: string[] = [];
    const read = readBundle(disk, async (entry) => {
      names.push(entry.name);
      throw new Error('disk full');
    });
    await expect(read).rejects.toThrow('disk full');
    expect(names).toEqual(['a']);
  });
});
