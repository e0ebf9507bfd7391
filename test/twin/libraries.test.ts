/** Programs of this machine, read as ELF, and what they need put beside them. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dependsOn, moduleName } from '../../twin/debian/kernel.ts';
import { readElf } from '../../twin/elf.ts';
import { addLibraries, fromThisMachine } from '../../twin/libraries.ts';
import type { RootEntry, RootFiles } from '../../twin/root-files.ts';

let home: string;
const gcc = (...words: string[]) => execFileSync('gcc', words, { cwd: home });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'libraries-'));
  await writeFile(join(home, 'own.c'), 'int own(void) { return 1; }');
  await writeFile(
    join(home, 'program.c'),
    'int own(void); double sqrt(double); int main(int c, char **v) { (void)v; return own() + (int)sqrt(c); }',
  );
  gcc('-shared', '-fPIC', '-Wl,-soname,libown.so.1', '-o', 'libown.so', 'own.c');
  gcc('-O0', '-fno-builtin', '-o', 'program', 'program.c', '-L.', '-lown', '-lm', '-Wl,-rpath,$ORIGIN/../lib');
});
afterAll(() => rm(home, { recursive: true, force: true }));

const file = (name: string): RootEntry => ({ kind: 'file', from: join(home, name), mode: 0o755 });

describe('an ELF program', () => {
  it('says who loads it, what it needs and where to look first', async () => {
    expect(readElf(await readFile(join(home, 'program')))).toEqual({
      kind: 'elf',
      elf: {
        interpreter: '/lib64/ld-linux-x86-64.so.2',
        needed: ['libown.so.1', 'libm.so.6', 'libc.so.6'],
        searched: ['$ORIGIN/../lib'],
      },
    });
  });

  it('of another machine is told from one that is none', async () => {
    const arm = await readFile(join(home, 'program'));
    arm.writeUInt16LE(183, 18);
    expect(readElf(arm)).toEqual({ kind: 'other-machine', what: 'ARM64' });
    expect(readElf(Buffer.from('#!/bin/sh\n'))).toEqual({ kind: 'no-elf' });
  });
});

describe('the libraries of an image', () => {
  it('are those the image has, and the rest from this machine, with the loader', async () => {
    const root: RootFiles = new Map([
      ['/app/bin/program', file('program')],
      ['/app/lib/libown.so.1', file('libown.so')],
    ]);
    await addLibraries(root, ['/app/bin/program'], fromThisMachine);
    expect([...root.keys()].toSorted()).toEqual([
      '/app/bin/program',
      '/app/lib/libown.so.1',
      '/lib/x86_64-linux-gnu/libc.so.6',
      '/lib/x86_64-linux-gnu/libm.so.6',
      '/lib64/ld-linux-x86-64.so.2',
    ]);
  });

  it('are found through links, also of folders', async () => {
    const root: RootFiles = new Map([
      ['/app/bin/program', file('program')],
      ['/app/lib', { kind: 'link', to: '../opt/lib' }],
      ['/opt/lib/libown.so.1', { kind: 'link', to: 'libown.so.1.0' }],
      ['/opt/lib/libown.so.1.0', file('libown.so')],
    ]);
    await addLibraries(root, ['/app/bin/program'], fromThisMachine);
    expect(root.has('/lib/x86_64-linux-gnu/libc.so.6')).toBe(true);
  });

  it('are asked for by program and name when one is nowhere', async () => {
    const root: RootFiles = new Map([['/app/bin/program', file('program')]]);
    await expect(addLibraries(root, ['/app/bin/program'], fromThisMachine)).rejects.toThrow(
      /\/app\/bin\/program needs libown\.so\.1, which is neither among the files and packages[^]*apt-file search libown\.so\.1/,
    );
  });
});

describe('a kernel module', () => {
  it('has its name from its file, and names what must be loaded before it', async () => {
    const source =
      '__attribute__((section(".modinfo"), used)) static const char m[] = "license=GPL\\0depends=virtio-ring,virtio";';
    await writeFile(join(home, 'module.c'), source);
    gcc('-c', '-o', 'module.o', 'module.c');
    expect(dependsOn(await readFile(join(home, 'module.o')))).toEqual(['virtio_ring', 'virtio']);
    expect(moduleName('kernel/drivers/block/xen-blkfront.ko.xz')).toBe('xen_blkfront');
  });
});
