/** The root of an image: laid out in a folder, packed as squashfs. The same entries make the same bytes. */
import { chmod, copyFile, constants, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RootEntry, RootFiles } from '../root-files.ts';
import { runTool } from '../unikernel-tools/run-tool.ts';
import type { Workshop } from '../workshop.ts';

/** What the first process mounts over. */
const MOUNT_POINTS = ['dev', 'proc', 'run', 'sys', 'tmp'];

/** Lays the entries out in an empty folder. */
export async function layOut(root: RootFiles, folder: string, dataVolume: boolean): Promise<void> {
  for (const name of [...MOUNT_POINTS, 'etc', ...(dataVolume ? ['data'] : [])]) await makeFolder(join(folder, name));
  for (const path of [...root.keys()].toSorted()) {
    const entry = root.get(path);
    if (entry === undefined) continue;
    await makeFolder(dirname(join(folder, path)));
    await lay(entry, join(folder, path));
  }
}

/** Its mode must not depend on the builder's umask. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) await chmod(at, 0o755);
}

async function lay(entry: RootEntry, path: string): Promise<void> {
  if (entry.kind === 'link') return symlink(entry.to, path);
  if (entry.kind === 'text') await writeFile(path, entry.bytes);
  else await copyFile(entry.from, path, constants.COPYFILE_FICLONE);
  await chmod(path, entry.mode);
}

export async function packRoot(folder: string, to: string, { tools, epoch, environment, tell }: Workshop): Promise<void> {
  await rm(to, { force: true });
  const times = ['-mkfs-time', String(epoch), '-all-time', String(epoch)];
  const { SOURCE_DATE_EPOCH: _given, ...rest } = environment;
  await runTool({
    program: tools('mksquashfs'),
    arguments: [
      folder,
      to,
      '-all-root',
      '-no-xattrs',
      '-noappend',
      '-no-progress',
      '-quiet',
      '-comp',
      'zstd',
      '-Xcompression-level',
      '6',
      ...times,
    ],
    directory: dirname(to),
    // It refuses the variable beside its own options for times.
    environment: rest,
    tell,
  });
}
