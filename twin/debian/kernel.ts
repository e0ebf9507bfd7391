/** The kernel of both images, from Debian's cloud kernel package: it has what EC2 (ENA, NVMe, Xen) and QEMU (virtio) need. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { readSection } from '../elf.ts';
import { TwinError } from '../twin-error.ts';
import {
  findDependency,
  findUnpacked,
  findVersion,
  findVersions,
  nameOf,
  unpackPackages,
  type Debian,
  type DebianPackage,
} from './packages.ts';

/** Disks, network cards, the power button, the root: by the names modules have. What the kernel has built in needs none. */
const WANTED = [
  ...['virtio_pci', 'virtio_blk', 'virtio_scsi', 'nvme', 'ata_piix', 'ahci', 'sd_mod', 'xen-blkfront'],
  ...['virtio_net', 'ena', 'ixgbevf', 'xen-netfront', 'virtio-rng'],
  ...['button', 'evdev', 'squashfs', 'overlay', 'ext4'],
];
/** Old drivers, and entropy: without them the machines of today still boot. */
const SPARED = new Set(['ahci', 'ixgbevf', 'virtio-rng', 'xen-blkfront', 'xen-netfront', 'virtio_scsi']);

const execute = promisify(execFile);
const MOST_MODULE_BYTES = 64 * 2 ** 20;

const METAPACKAGE = 'linux-image-cloud-amd64';

export interface Kernel {
  readonly package: DebianPackage;
  readonly image: string;
  /** In the order in which they are to be loaded. */
  readonly modules: readonly { readonly name: string; readonly bytes: Buffer }[];
}

export interface KernelChoice {
  /** By twin.json; without it, the newest apt knows. */
  readonly pinned?: string | undefined;
  /** To load besides those that every image has. */
  readonly modules?: readonly string[];
}

export async function fetchKernel(debian: Debian, { pinned, modules = [] }: KernelChoice): Promise<Kernel> {
  const found = pinned === undefined ? await findNewest(debian) : await findPinned(debian, pinned);
  const { name } = found;
  const [folder = ''] = await unpackPackages(debian, [found]);
  const images = (await readdir(join(folder, 'boot'))).filter((one) => one.startsWith('vmlinuz-'));
  const [image] = images;
  if (image === undefined) throw new TwinError(`${name} has no kernel in boot/`);
  const wanted = [...WANTED, ...modules].map(moduleName);
  const read = await readModules(await modulesFolder(folder), wanted, debian);
  return { package: found, image: join(folder, 'boot', image), modules: read };
}

async function findNewest(debian: Debian): Promise<DebianPackage> {
  const name = await findDependency(debian, METAPACKAGE, /^linux-image-\d/);
  if (name === undefined) throw new TwinError(`apt's ${METAPACKAGE} depends on no kernel: run "sudo apt-get update"`);
  return findVersion(debian, name);
}

/** One that was unpacked before is taken also when Debian has it no more. */
async function findPinned(debian: Debian, pinned: string): Promise<DebianPackage> {
  const unpacked = await findUnpacked(debian, pinned);
  if (unpacked !== undefined) return unpacked;
  const all = await findVersions(debian, 'linux-image-', /^linux-image-\d.*-cloud-amd64$/);
  const found = all.find((one) => nameOf(one) === pinned);
  if (found !== undefined) return found;
  const available = all.map(nameOf).toSorted(byNumbers).toReversed().join(', ') || 'none: run "sudo apt-get update"';
  throw new TwinError(`twin.json: kernel: apt has no "${pinned}" (any more). Available are, newest first: ${available}`);
}

const byNumbers = new Intl.Collator('en', { numeric: true }).compare;

/** Debian 13 has it below usr/. */
async function modulesFolder(folder: string): Promise<string> {
  for (const place of ['lib/modules', 'usr/lib/modules']) {
    const [release] = await readdir(join(folder, place)).catch(() => []);
    if (release !== undefined) return join(folder, place, release);
  }
  throw new TwinError(`the kernel package unpacked in ${folder} has no modules: delete that folder and build again`);
}

async function readModules(folder: string, wanted: readonly string[], debian: Debian) {
  const builtIn = new Set((await readFile(join(folder, 'modules.builtin'), 'utf8')).split('\n').map(moduleName));
  const files = new Map(
    (await readdir(folder, { recursive: true })).filter(isModule).map((path) => [moduleName(path), join(folder, path)]),
  );
  const ordered = new Map<string, Buffer>();
  const add = async (name: string): Promise<void> => {
    if (ordered.has(name) || builtIn.has(name)) return;
    const file = files.get(name);
    if (file === undefined) throw new TwinError(`the kernel package has no module ${name} in ${folder}`);
    const bytes = await readModule(file, debian);
    for (const one of dependsOn(bytes)) await add(one);
    ordered.set(name, bytes);
  };
  const has = (name: string) => files.has(name) || builtIn.has(name);
  for (const name of wanted) if (has(name) || !SPARED.has(name)) await add(name);
  return [...ordered].map(([name, bytes]) => ({ name, bytes }));
}

const isModule = (path: string) => /\.ko(\.xz|\.zst)?$/.test(path);

/** `-` and `_` are one in names of modules. */
export const moduleName = (path: string) =>
  basename(path)
    .replace(/\.ko(\.xz|\.zst)?$/, '')
    .replaceAll('-', '_');

/** As `modinfo -F depends` says; `depmod` has not run over a package that is not installed. */
export function dependsOn(module: Buffer): readonly string[] {
  const records = readSection(module, '.modinfo')?.toString('latin1').split('\0') ?? [];
  const depends = records.find((record) => record.startsWith('depends='))?.slice('depends='.length) ?? '';
  return depends
    .split(',')
    .filter((name) => name !== '')
    .map(moduleName);
}

/** The first process hands modules to the kernel as they are, and not every kernel unpacks them. */
async function readModule(file: string, { environment: env }: Debian): Promise<Buffer> {
  if (file.endsWith('.ko')) return readFile(file);
  const program = file.endsWith('.xz') ? 'xz' : 'zstd';
  const { stdout } = await execute(program, ['-dc', '--', file], { env, encoding: 'buffer', maxBuffer: MOST_MODULE_BYTES });
  return stdout;
}
