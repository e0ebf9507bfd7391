/** A disk that boots Debian's kernel, and as its first process ours. */
import { readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { capabilityMask } from './capabilities.ts';
import type { Kernel } from './debian/kernel.ts';
import { bootConfiguration, makeDisk } from './image/disk.ts';
import { makeRamDisk, type GuestConfiguration } from './image/ram-disk.ts';
import { layOut, packRoot } from './image/root.ts';
import type { RootFiles } from './root-files.ts';
import { SERVICE_UID } from './service-root.ts';
import { sha256 } from './source-digest.ts';
import type { TwinFile } from './twin-file.ts';
import type { Workshop } from './workshop.ts';

export interface ImageParts {
  readonly twin: TwinFile;
  readonly version: string;
  /** Digest of what both images are made of. */
  readonly source: string;
  readonly kernel: Kernel;
  readonly programs: { readonly init: string; readonly supervisor: string };
  readonly root: RootFiles;
  readonly to: string;
}

export interface BootDisk {
  readonly parts: ImageParts;
  readonly root: RootFiles;
  readonly build: 'linux' | 'unikernel';
  readonly commandLine: string;
  readonly configuration: Pick<GuestConfiguration, 'writable' | 'supervised' | 'argument' | 'grace'>;
}

export async function makeBootDisk(
  { parts, root, build, commandLine, configuration }: BootDisk,
  workshop: Workshop,
): Promise<void> {
  const { twin, kernel } = parts;
  const at = (name: string) => join(workshop.scratch, `${build}-${name}`);
  await layOut(root, at('root'), twin.dataVolume);
  await packRoot(at('root'), at('root.squashfs'), workshop);
  const signature = signatureOf(parts, build);
  const ramDisk = makeRamDisk({
    init: await readFile(parts.programs.init),
    modules: kernel.modules,
    configuration: {
      name: twin.name,
      disk: signature.toString(16).padStart(8, '0'),
      data: twin.dataVolume ? 1 : 0,
      uid: SERVICE_UID,
      capabilities: capabilityMask(twin.capabilities),
      stop: signalNumber(twin.stop.signal),
      directory: twin.directory,
      environment: environmentOf(twin),
      ...configuration,
    },
  });
  await writeFile(at('initrd'), ramDisk);
  const how = ['LINUX linux', 'INITRD initrd', `APPEND ${commandLine}`];
  await writeFile(at('syslinux.cfg'), bootConfiguration(how));
  const bootFiles = { linux: kernel.image, initrd: at('initrd'), 'syslinux.cfg': at('syslinux.cfg') };
  await makeDisk(parts.to, { bootFiles, signature, root: at('root.squashfs') }, workshop);
}

/** No two disks of one machine may have the same, and zero means none. */
export function signatureOf({ source, version }: Pick<ImageParts, 'source' | 'version'>, build: string): number {
  return Number.parseInt(sha256(`${source} ${version} ${build}`).slice(0, 8), 16) || 1;
}

export const signalNumber = (name: string) =>
  Object.entries(constants.signals).find(([known]) => known === name)?.[1] ?? constants.signals.SIGTERM;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const environmentOf = ({ env }: TwinFile): readonly string[] =>
  Object.entries({ PATH, HOME: '/', ...env }).map(([name, value]) => `${name}=${value}`);
