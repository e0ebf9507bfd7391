/** The parts of a test machine: kernel and modules from Debian's package, the first process from guest/, a root from files. */
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, open, readFile, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GUEST = join(import.meta.dirname, '../../guest');
const SIGNATURE = 0x7a4d3e21;
const SECTOR = 512;
const ROOT_START = 2048;

/** In the order they need each other; the kernel has the rest built in. */
const MODULES = [
  ...['virtio/virtio_ring', 'virtio/virtio', 'virtio/virtio_pci_legacy_dev', 'virtio/virtio_pci_modern_dev', 'virtio/virtio_pci'],
  ...['block/virtio_blk', '../net/core/failover', 'net/net_failover', 'net/virtio_net', 'acpi/button', 'input/evdev'],
  ...['../fs/squashfs/squashfs', '../fs/overlayfs/overlay'],
];

export interface Kernel {
  readonly image: string;
  readonly modules: readonly string[];
}

/** Downloaded once, unpacked once; apt checks whose it is. */
export async function findKernel(): Promise<Kernel> {
  const cache = join(homedir(), '.cache/tandem/test-kernel');
  const ready = join(cache, 'ready');
  if (!(await isThere(ready))) await fetchKernel(ready);
  const [version] = await readdir(join(ready, 'lib/modules'));
  const drivers = join(ready, 'lib/modules', version ?? '', 'kernel/drivers');
  return { image: join(ready, `boot/vmlinuz-${version}`), modules: MODULES.map((name) => join(drivers, `${name}.ko`)) };
}

async function fetchKernel(ready: string): Promise<void> {
  await mkdir(dirname(ready), { recursive: true });
  const work = await mkdtemp(join(dirname(ready), 'fetch-'));
  const { stdout } = await run('apt-cache', ['depends', '--important', 'linux-image-cloud-amd64']);
  const name = /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
  if (name === undefined) throw new Error('apt knows no linux-image-cloud-amd64: run apt-get update first');
  await run('apt-get', ['download', '-q', name], { cwd: work });
  const [archive] = (await readdir(work)).filter((file) => file.endsWith('.deb'));
  await run('dpkg-deb', ['-x', join(work, archive ?? ''), join(work, 'unpacked')]);
  await rename(join(work, 'unpacked'), ready);
  await rm(work, { recursive: true });
}

const isThere = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined;

/** One directory of files for a test; removed by whoever made it. */
export const scratch = () => mkdtemp(join(tmpdir(), 'guest-'));

/** As `tandem build` compiles it. */
export async function compileInit(to: string): Promise<string> {
  const sources = (await readdir(GUEST)).filter((name) => name.endsWith('.c')).map((name) => join(GUEST, name));
  await run('gcc', ['-Os', '-static', '-s', '-Wall', '-Wextra', '-Werror', '-o', to, ...sources]);
  return to;
}

/** A program of one file. */
export async function compile(source: string, to: string): Promise<string> {
  await run('gcc', ['-O1', '-g', '-static', '-Wall', '-Werror', '-o', to, source]);
  return to;
}

export type Configuration = Readonly<Record<string, string | number | readonly string[]>>;

/** The form guest/README.md has. */
export const toRecords = (configuration: Configuration): Buffer =>
  Buffer.from(
    Object.entries(configuration)
      .flatMap(([key, value]) => (typeof value === 'object' ? value : [value]).map((one) => `${key}=${one}\0`))
      .join(''),
  );

export async function makeRamDisk(to: string, init: string, kernel: Kernel, configuration: Configuration): Promise<string> {
  const modules = await Promise.all(kernel.modules.map((path) => readFile(path)));
  const entries: readonly CpioEntry[] = [
    ...['dev', 'proc', 'sys', 'modules'].map((name) => ({ name, mode: 0o040755, bytes: Buffer.alloc(0) })),
    // Where the kernel's own console cannot be opened, the first process would be mute.
    { name: 'dev/console', mode: 0o020600, bytes: Buffer.alloc(0), device: [5, 1] },
    { name: 'init', mode: 0o100755, bytes: await readFile(init) },
    { name: 'tandem.conf', mode: 0o100644, bytes: toRecords({ disk: SIGNATURE.toString(16), ...configuration }) },
    ...modules.map((bytes, index) => ({ name: `modules/${String(index).padStart(2, '0')}.ko`, mode: 0o100644, bytes })),
  ];
  await writeFile(to, Buffer.concat([...entries, { name: 'TRAILER!!!', mode: 0, bytes: Buffer.alloc(0) }].map(toCpio)));
  return to;
}

interface CpioEntry {
  readonly name: string;
  readonly mode: number;
  readonly bytes: Buffer;
  /** Major and minor. */
  readonly device?: readonly [number, number];
}

/** "newc": eight hexadecimal digits a field, names and contents padded to four bytes. */
function toCpio({ name, mode, bytes, device: [major, minor] = [0, 0] }: CpioEntry, index: number): Buffer {
  const fields = [index + 1, mode, 0, 0, 1, 0, bytes.length, 0, 0, major, minor, name.length + 1, 0];
  const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  const pad = (length: number) => Buffer.alloc((4 - (length % 4)) % 4);
  return Buffer.concat([Buffer.from(head), pad(head.length), bytes, pad(bytes.length)]);
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
