/**
 * The disk: legacy BIOS, as EC2 and QEMU boot it.
 *
 *   sector 0           boot code of SYSLINUX, the disk's signature (bytes 440 to 443), the table of partitions
 *   sector 2048        FAT: SYSLINUX, kernel, initial RAM disk; active
 *   after it           squashfs: the root, found by the signature and not by a name of a device
 */
import { open, readFile, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { TwinError } from '../twin-error.ts';
import { runTool } from '../unikernel-tools/run-tool.ts';
import type { Workshop } from '../workshop.ts';

const SECTOR = 512;
const MEBIBYTE = 2 ** 20;
const BOOT_START = 2048;
/** Where Debian's syslinux-common has it. */
const BOOT_CODE = '/usr/lib/syslinux/mbr/mbr.bin';
export const SYSLINUX_MODULES = '/usr/lib/syslinux/modules/bios';

export interface DiskParts {
  /** The files of the boot partition by their names there. */
  readonly bootFiles: Readonly<Record<string, string>>;
  readonly signature: number;
  /** A squashfs; none: the boot partition has it all. */
  readonly root: string | undefined;
}

export async function makeDisk(to: string, parts: DiskParts, workshop: Workshop): Promise<void> {
  const boot = await makeBootPartition(parts, workshop);
  const bootSectors = (await stat(boot)).size / SECTOR;
  const rootSectors = parts.root === undefined ? 0 : Math.ceil((await stat(parts.root)).size / SECTOR);
  const disk = await open(to, 'w');
  try {
    await disk.write(await bootSector(parts.signature, bootSectors, rootSectors), 0, SECTOR, 0);
    await copyInto(disk, boot, BOOT_START * SECTOR);
    if (parts.root !== undefined) await copyInto(disk, parts.root, (BOOT_START + bootSectors) * SECTOR);
    await disk.truncate(Math.ceil(((BOOT_START + bootSectors + rootSectors) * SECTOR) / MEBIBYTE) * MEBIBYTE);
  } finally {
    await disk.close();
  }
}

/** FAT16 by mtools and SYSLINUX, neither of which needs root. */
async function makeBootPartition({ bootFiles, signature }: DiskParts, workshop: Workshop): Promise<string> {
  const file = join(workshop.scratch, 'boot.fat');
  const sizes = await Promise.all(Object.values(bootFiles).map(async (path) => (await stat(path)).size));
  const mebibytes = Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / MEBIBYTE) + 8;
  await writeFile(file, '');
  await truncate(file, mebibytes * MEBIBYTE);
  const call = mtools(workshop);
  const serial = signature.toString(16).padStart(8, '0');
  // 32 sectors by 64 heads make cylinders of 1 MiB.
  const geometry = ['-t', String(mebibytes), '-h', '64', '-s', '32', '-H', String(BOOT_START)];
  await call('mformat', ['-i', file, '-N', serial, '-v', 'TANDEM', ...geometry, '::']);
  for (const [name, from] of Object.entries(bootFiles)) await call('mcopy', ['-i', file, from, `::${name}`]);
  await call('syslinux', ['--install', file]);
  return file;
}

const mtools = (workshop: Workshop) => (tool: 'mformat' | 'mcopy' | 'syslinux', args: readonly string[]) =>
  runTool({
    program: workshop.tools(tool),
    arguments: args,
    directory: workshop.scratch,
    environment: {
      ...workshop.environment,
      SOURCE_DATE_EPOCH: String(workshop.epoch),
      TZ: 'UTC',
      MTOOLSRC: '/dev/null',
      MTOOLS_SKIP_CHECK: '1',
    },
    tell: workshop.tell,
  });

async function truncate(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'r+');
  await file.truncate(bytes);
  await file.close();
}

async function bootSector(signature: number, bootSectors: number, rootSectors: number): Promise<Buffer> {
  const code = await readFile(BOOT_CODE).catch(() => {
    throw new TwinError(`there is no ${BOOT_CODE}. Install with: sudo apt-get install syslinux-common`);
  });
  const sector = Buffer.alloc(SECTOR);
  code.copy(sector, 0, 0, Math.min(code.length, 440));
  sector.writeUInt32LE(signature, 440);
  writePartition(sector, 446, { active: true, type: 0x0e, start: BOOT_START, sectors: bootSectors });
  if (rootSectors > 0)
    writePartition(sector, 462, { active: false, type: 0x83, start: BOOT_START + bootSectors, sectors: rootSectors });
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

interface Partition {
  readonly active: boolean;
  readonly type: number;
  readonly start: number;
  readonly sectors: number;
}

/** Cylinders, heads and sectors are as for a partition beyond their reach: firmware of today reads the other two numbers. */
function writePartition(sector: Buffer, at: number, { active, type, start, sectors }: Partition): void {
  sector.set([active ? 0x80 : 0, 0xfe, 0xff, 0xff, type, 0xfe, 0xff, 0xff], at);
  sector.writeUInt32LE(start, at + 8);
  sector.writeUInt32LE(sectors, at + 12);
}

/** Piece by piece, and holes where there are only zeros. */
async function copyInto(disk: FileHandle, path: string, at: number): Promise<void> {
  const from = await open(path, 'r');
  try {
    const [piece, zeros] = [Buffer.alloc(MEBIBYTE), Buffer.alloc(MEBIBYTE)];
    for (let offset = 0; ;) {
      const { bytesRead } = await from.read(piece, 0, piece.length, offset);
      if (bytesRead === 0) return;
      const bytes = piece.subarray(0, bytesRead);
      if (!bytes.equals(zeros.subarray(0, bytesRead))) await disk.write(bytes, 0, bytesRead, at + offset);
      offset += bytesRead;
    }
  } finally {
    await from.close();
  }
}

/** `syslinux.cfg`: boots at once, and says so on the serial port. */
export const bootConfiguration = (how: readonly string[]) =>
  ['SERIAL 0 115200', 'PROMPT 0', 'DEFAULT tandem', 'LABEL tandem', ...how.map((line) => `  ${line}`), ''].join('\n');
