/** The firmware an image asks for. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openMachines } from './account.ts';

const run = promisify(execFile);
const LONG = { timeout: 300_000 };

let account: Awaited<ReturnType<typeof openMachines>>;
let folder: string;
beforeEach(async () => {
  account = await openMachines();
  folder = await mkdtemp(join(tmpdir(), 'guests-'));
});
afterEach(async () => {
  await account.close();
  await rm(folder, { recursive: true, force: true });
});

/** A disk of FAT with one program where UEFI looks on a disk that it was told nothing of. */
async function uefiDisk(): Promise<Uint8Array> {
  const [object, program, disk] = ['boot.o', 'BOOTX64.EFI', 'disk.img'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const freestanding = [
    '-ffreestanding',
    '-fno-stack-protector',
    '-fshort-wchar',
    '-mno-red-zone',
    '-fno-asynchronous-unwind-tables',
  ];
  await run('gcc', [
    '-c',
    '-Os',
    '-Wall',
    '-Werror',
    '-fno-ident',
    ...freestanding,
    '-o',
    object,
    join(import.meta.dirname, 'uefi.c'),
  ]);
  await run('objcopy', ['--remove-section', '.note.gnu.property', object]);
  // Subsystem 10 is an EFI application (Microsoft's PE format), which is put wherever there is room.
  const portable = ['-m', 'i386pep', '--subsystem', '10', '-shared', '--enable-reloc-section'];
  await run('ld', [...portable, '-e', 'efi_main', '-o', program, object]);
  await run('mformat', ['-C', '-T', '16384', '-h', '16', '-s', '32', '-i', disk, '::']);
  await run('mmd', ['-i', disk, '::EFI', '::EFI/BOOT']);
  await run('mcopy', ['-i', disk, program, '::EFI/BOOT/BOOTX64.EFI']);
  return readFile(disk);
}

it('an image whose boot mode is UEFI boots by UEFI: a BIOS would find no system on its disk', LONG, async () => {
  const [id = ''] = await account.run(await account.imageOf(await uefiDisk(), { BootMode: 'uefi' }));
  // The firmware takes seconds of the processor: it is looked at now and then.
  await expect.poll(() => account.consoleOf(id), { timeout: 290_000, interval: 250 }).toContain('booted by UEFI');
});
