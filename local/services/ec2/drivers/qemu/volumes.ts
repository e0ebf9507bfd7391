/**
 * Volumes as files: what the snapshot had (`base.raw`, a hard link to the snapshot's own sparse file where there is one, so
 * that deleting the snapshot takes nothing away) and what the guest wrote over it (`overlay.qcow2`).
 */
import { execFile } from 'node:child_process';
import { access, link, mkdir, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { SnapshotReader } from '../../../../kernel/ports.ts';
import type { Disk, DiskCopy } from '../driver.ts';

const run = promisify(execFile);

const PIECE_BYTES = 1 << 20;

export interface Volume {
  readonly volumeId: string;
  readonly overlay: string;
  readonly bytes: number;
  /** Nothing ever ran with it. */
  readonly isFresh: boolean;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

const overlayOf = ({ writablePath }: Disk) => join(writablePath, 'overlay.qcow2');

/** Made once; later machines find what the earlier ones wrote. */
export async function openVolume(qemuImg: string, disk: Disk): Promise<Volume> {
  const overlay = overlayOf(disk);
  const isFresh = !(await exists(overlay));
  if (isFresh) await renewVolume(qemuImg, disk);
  return { volumeId: disk.volumeId, overlay, bytes: disk.bytes, isFresh };
}

/** As the snapshot had it. */
export async function renewVolume(qemuImg: string, disk: Disk): Promise<void> {
  const overlay = overlayOf(disk);
  await mkdir(disk.writablePath, { recursive: true });
  const hasBase = disk.base !== undefined && disk.base.dataBytes > 0;
  if (hasBase) await layBase(disk.base, join(disk.writablePath, 'base.raw'));
  // The name of the base is relative to the overlay, so that the directory can be moved.
  const backing = hasBase ? ['-b', 'base.raw', '-F', 'raw'] : [];
  await run(qemuImg, ['create', '-q', '-f', 'qcow2', ...backing, `${overlay}.new`, String(disk.bytes)]);
  await rename(`${overlay}.new`, overlay);
}

async function layBase(base: SnapshotReader, path: string): Promise<void> {
  if (await exists(path)) return;
  const linked = base.path !== undefined && (await link(base.path, path).then(() => true, isAnotherDevice));
  if (!linked) await writeOut(base, path);
}

/** Hard links do not cross file systems. */
function isAnotherDevice(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'EXDEV') return false;
  throw error;
}

async function writeOut(base: SnapshotReader, path: string): Promise<void> {
  const file = await open(`${path}.new`, 'w');
  try {
    for (let offset = 0; offset < base.dataBytes; offset += PIECE_BYTES) {
      const piece = await base.read(offset, Math.min(PIECE_BYTES, base.dataBytes - offset));
      if (piece.some((byte) => byte !== 0)) await file.write(piece, 0, piece.length, offset);
    }
    await file.truncate(base.dataBytes);
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** Of a volume that no machine runs with. */
export async function copyAtRest(qemuImg: string, disk: Disk, path: string): Promise<DiskCopy> {
  const { overlay } = await openVolume(qemuImg, disk);
  await run(qemuImg, ['convert', '-q', '-f', 'qcow2', '-O', 'raw', overlay, path]);
  return readCopy(qemuImg, path, disk.bytes);
}

/** Where a sparse file has data; the rest, by far the most of most disks, need not be read. */
async function findExtents(qemuImg: string, path: string): Promise<readonly Extent[]> {
  const { stdout } = await run(qemuImg, ['map', '-f', 'raw', '--output=json', path], { maxBuffer: 64 * 2 ** 20 });
  return extents.parse(JSON.parse(stdout)).filter(({ data }) => data);
}

const extents = z.array(z.object({ start: z.number(), length: z.number(), data: z.boolean() }));
type Extent = z.infer<typeof extents>[number];

/** The file is opened at the first reading, and closed with the copy: a volume is read in thousands of pieces. */
export async function readCopy(qemuImg: string, path: string, bytes: number): Promise<DiskCopy> {
  const found = await findExtents(qemuImg, path);
  let file: Promise<FileHandle> | undefined;
  return {
    path,
    volumeBytes: bytes,
    dataBytes: bytes,
    hasData: (offset, length) => found.some(({ start, length: long }) => start < offset + length && start + long > offset),
    async read(offset, length) {
      const piece = new Uint8Array(Math.max(0, Math.min(length, bytes - offset)));
      file ??= open(path);
      await (await file).read(piece, 0, piece.length, offset);
      return piece;
    },
    async release() {
      await file?.then((opened) => opened.close());
      await rm(path, { force: true });
    },
  };
}
