/** The programs a build needs, and what to install where they are missing. */
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { TwinError } from './twin-error.ts';

const PACKAGES = {
  'apt-get': 'apt',
  'apt-cache': 'apt',
  'dpkg-deb': 'dpkg',
  gcc: 'gcc libc6-dev',
  mksquashfs: 'squashfs-tools',
  mformat: 'mtools',
  mcopy: 'mtools',
  syslinux: 'syslinux syslinux-common',
} as const;

/** They are outside the PATH of some users. */
const SYSTEM_PLACES = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

export type Tool = keyof typeof PACKAGES;
export type Tools = (tool: Tool) => string;

/** Finds all of them, or says at once everything that is to be installed. */
export function findTools(path: string, systemPlaces: readonly string[] = SYSTEM_PLACES): Tools {
  const places = [...path.split(delimiter).filter((place) => isAbsolute(place)), ...systemPlaces];
  const found = new Map<string, string>();
  for (const name of Object.keys(PACKAGES)) {
    const file = places.map((place) => join(place, name)).find(isProgram);
    if (file !== undefined) found.set(name, file);
  }
  const missing = Object.entries(PACKAGES).filter(([name]) => !found.has(name));
  if (missing.length === 0) return (tool) => found.get(tool) ?? tool;
  const packages = [...new Set(missing.flatMap(([, names]) => names.split(' ')))];
  const names = missing.map(([name]) => name).join(', ');
  throw new TwinError(`not on this machine: ${names}. Install with: sudo apt-get install ${packages.join(' ')}`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
