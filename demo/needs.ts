/** What virtual machines need of this one: told all at once and before anything is begun. Nothing is installed. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Programs, and the Debian packages that have them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  nc: 'netcat-openbsd',
  gcc: 'gcc libc6-dev',
  mksquashfs: 'squashfs-tools',
  mformat: 'mtools',
  mcopy: 'mtools',
  syslinux: 'syslinux syslinux-common',
  'dpkg-deb': 'dpkg',
  'apt-get': 'apt',
};

/** Outside the PATH of some users. */
const SYSTEM_PLACES = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** A sentence for who is to install it, or undefined where all is there. */
export function missingFrom(searchPath: string): string | undefined {
  const places = [...searchPath.split(path.delimiter), ...SYSTEM_PLACES];
  const missing = Object.entries(PROGRAMS).filter(([name]) => !places.some((place) => isProgram(path.join(place, name))));
  if (missing.length === 0) return undefined;
  const names = missing.map(([name]) => name).join(', ');
  const packages = [...new Set(missing.flatMap(([, names]) => names.split(' ')))].join(' ');
  return `Virtual machines need programs that are not on this machine: ${names}.\nOn Debian: sudo apt-get install --no-install-recommends ${packages}\n"npm run demo" without --vm needs none of them.`;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
