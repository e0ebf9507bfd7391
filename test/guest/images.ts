/** The parts of a test machine: kernel and modules from Debian's package, the first process from guest/, a root from files. */
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { modulesFor } from '../../twin/capabilities.ts';
import { fetchKernel, type Kernel } from '../../twin/debian/kernel.ts';
import { cacheDirectory } from '../../twin/debian/packages.ts';
import { compileInit as compileFirstProcess } from '../../twin/guest-programs.ts';
import { makeRamDisk as packRamDisk, type GuestConfiguration } from '../../twin/image/ram-disk.ts';
import { findTools } from '../../twin/tools.ts';

const run = promisify(execFile);
const SIGNATURE = 0x7a4d3e21;
const SECTOR = 512;
const ROOT_START = 2048;

const environment = process.env;
const tell = () => undefined;
const tools = findTools(environment['PATH'] ?? '');

/** As `tandem build` finds it, with all that may be loaded. */
export const findKernel = () =>
  fetchKernel({ tools, cache: cacheDirectory(environment), environment, tell }, { modules: modulesFor(['CAP_NET_ADMIN']) });

/** One directory of files for a test; removed by whoever made it. */
export const scratch = () => mkdtemp(join(tmpdir(), 'guest-'));

/** As `tandem build` compiles it. */
export const compileInit = (folder: string) => compileFirstProcess({ tools, scratch: folder, epoch: 0, environment, tell });

/** A program of one file. */
export async function compile(source: string, to: string): Promise<string> {
  await run('gcc', ['-O1', '-g', '-static', '-Wall', '-Werror', '-o', to, source]);
  return to;
}

const CONFIGURATION: GuestConfiguration = {
  name: 'hello',
  disk: SIGNATURE.toString(16),
  writable: 0,
  supervised: 0,
  data: 0,
  uid: 1000,
  capabilities: '0',
  stop: 15,
  grace: 2,
  directory: '/app',
  argument: [],
  environment: ['GREETING=good day=\n"$HOME"'],
};

export async function makeRamDisk(
  to: string,
  init: string,
  kernel: Kernel,
  changes: Partial<GuestConfiguration>,
): Promise<string> {
  const configuration = { ...CONFIGURATION, ...changes };
  await writeFile(to, packRamDisk({ init: await readFile(init), configuration, modules: kernel.modules }));
  return to;
}

/** The libraries a program of this machine needs, each at its place. */
export async function librariesOf(program: string): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await run('ldd', [program]);
  const paths = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
  return Object.fromEntries(paths.map((path) => [path.slice(1), path]));
}

/** Files by the place they have in the image; a value that starts with `->` is a symbolic link. */
export async function makeRoot(to: string, files: Readonly<Record<string, string>>): Promise<string> {
  const tree = `${to}.d`;
  for (const name of ['proc', 'sys', 'dev', 'run', 'tmp', 'data', 'etc']) await mkdir(join(tree, name), { recursive: true });
  for (const [place, from] of Object.entries(files)) await lay(join(tree, place), from);
  return pack(to, tree);
}

async function lay(path: string, from: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (from.startsWith('->')) await symlink(from.slice(2), path);
  else {
    await copyFile(from, path);
    await chmod(path, 0o755);
  }
}

/** A disk: the table of partitions in its first sector, the second partition is the root. */
export async function pack(to: string, tree: string): Promise<string> {
  const squash = `${to}.squashfs`;
  await run('mksquashfs', [
    tree,
    squash,
    '-all-root',
    '-noappend',
    '-no-progress',
    '-comp',
    'zstd',
    '-Xcompression-level',
    '1',
    '-quiet',
  ]);
  const bytes = await readFile(squash);
  const sectors = Math.ceil(bytes.length / SECTOR);
  const table = Buffer.alloc(SECTOR);
  table.writeUInt32LE(SIGNATURE, 440);
  partition(table, 446, { type: 0x0c, start: 1, sectors: ROOT_START - 1 });
  partition(table, 462, { type: 0x83, start: ROOT_START, sectors });
  table.writeUInt16LE(0xaa55, 510);
  const disk = await open(to, 'w');
  await disk.write(table, 0, SECTOR, 0);
  await disk.write(bytes, 0, bytes.length, ROOT_START * SECTOR);
  await disk.truncate((ROOT_START + sectors) * SECTOR);
  await disk.close();
  await rm(squash);
  return to;
}

function partition(table: Buffer, at: number, { type, start, sectors }: { type: number; start: number; sectors: number }): void {
  table.writeUInt8(type, at + 4);
  table.writeUInt32LE(start, at + 8);
  table.writeUInt32LE(sectors, at + 12);
}

/** A disk with nothing on it. */
export async function blankDisk(to: string, mebibytes: number): Promise<string> {
  const disk = await open(to, 'w');
  await disk.truncate(mebibytes << 20);
  await disk.close();
  return to;
}
