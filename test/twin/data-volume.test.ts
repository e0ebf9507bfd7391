/** With Debian's own package: what lands in the image makes a file system by what is in the image alone. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addFileSystemMaker, fetchFileSystemMaker, type FileSystemMaker } from '../../twin/data-volume.ts';
import { cacheDirectory } from '../../twin/debian/packages.ts';
import { layOut } from '../../twin/image/root.ts';
import { addLibraries, fromThisMachine } from '../../twin/libraries.ts';
import type { RootFiles } from '../../twin/root-files.ts';
import { findTools } from '../../twin/tools.ts';

let home: string;
let maker: FileSystemMaker;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'data-volume-'));
  const debian = { tools: findTools(process.env['PATH'] ?? ''), environment: process.env, cache: cacheDirectory(process.env) };
  maker = await fetchFileSystemMaker({ ...debian, tell: () => undefined });
}, 120_000);
afterAll(() => rm(home, { recursive: true, force: true }));

/** Through the loader and the libraries of the root, as in the image; what it leaves is told by its magic number. */
async function makeFileSystem(root: RootFiles, name: string): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  await layOut(root, folder, true);
  const disk = await open(join(home, `${name}.raw`), 'w+');
  await disk.truncate(16 * 2 ** 20);
  const places = ['lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu', 'lib', 'usr/lib'].map((place) => join(folder, place));
  const loader = [join(folder, 'lib64/ld-linux-x86-64.so.2'), '--inhibit-cache', '--library-path', places.join(':')];
  const mke2fs = [join(folder, 'usr/sbin/mke2fs'), '-q', '-F', '-t', 'ext4', join(home, `${name}.raw`)];
  execFileSync(loader[0]!, [...loader.slice(1), ...mke2fs], { env: {} });
  const { buffer } = await disk.read(Buffer.alloc(2), 0, 2, 1024 + 56);
  await disk.close();
  return buffer.toString('hex');
}

describe('a data volume', () => {
  it('gets its file system beside a service that brings nothing', async () => {
    const root: RootFiles = new Map();
    await addFileSystemMaker(root, maker.folders);
    expect(maker.packages.map(({ name }) => name)).toContain('e2fsprogs');
    expect(
      [...root.values()].every((entry) => entry.kind === 'link' || !('from' in entry) || entry.from.includes('/packages/')),
    ).toBe(true);
    expect(await makeFileSystem(root, 'bare')).toBe('53ef');
  });

  it('gets it by the libraries that a service has already', async () => {
    const root: RootFiles = new Map([['/app/sh', { kind: 'file', from: '/bin/sh', mode: 0o755 }]]);
    await addLibraries(root, ['/app/sh'], fromThisMachine);
    const own = root.get('/lib/x86_64-linux-gnu/libc.so.6');
    await addFileSystemMaker(root, maker.folders);
    expect(root.get('/lib/x86_64-linux-gnu/libc.so.6')).toEqual(own);
    expect(await makeFileSystem(root, 'shared')).toBe('53ef');
  });

  it('leaves the mke2fs alone that a service brings', async () => {
    const own = { kind: 'text', bytes: Buffer.from('own'), mode: 0o755 } as const;
    const root: RootFiles = new Map([['/usr/sbin/mke2fs', own]]);
    await addFileSystemMaker(root, maker.folders);
    expect([...root]).toEqual([['/usr/sbin/mke2fs', own]]);
  });
});
