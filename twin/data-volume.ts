/** What makes a file system on a blank data volume: Debian's mke2fs, at the place where guest/ starts it. */
import { join } from 'node:path';
import { resolvePackages, unpackPackages, type Debian, type DebianPackage } from './debian/packages.ts';
import { addLibraries, DEFAULT_PLACES, type LibrarySearch } from './libraries.ts';
import { findEntry, walk, type RootFiles } from './root-files.ts';
import { TwinError } from './twin-error.ts';

const PACKAGE = 'e2fsprogs';
const PLACE = '/usr/sbin/mke2fs';
const LOADER = '/lib64/ld-linux-x86-64.so.2';

export interface FileSystemMaker {
  readonly packages: readonly DebianPackage[];
  readonly folders: readonly string[];
}

export async function fetchFileSystemMaker(debian: Debian): Promise<FileSystemMaker> {
  const packages = (await resolvePackages(debian, [PACKAGE])).filter(({ name }) => name === PACKAGE || name.startsWith('lib'));
  debian.tell(`For the data volume: ${PACKAGE}, of which mke2fs and its libraries go into the images`);
  return { packages, folders: await unpackPackages(debian, packages) };
}

/** The user's own stays. A library the service has already is shared: loader and C library must be of one kind. */
export async function addFileSystemMaker(root: RootFiles, folders: readonly string[]): Promise<void> {
  if (findEntry(root, PLACE) !== undefined) return;
  const unpacked: RootFiles = new Map((await Promise.all(folders.map((folder) => walk(folder, '/')))).flat());
  const program = findEntry(unpacked, PLACE) ?? findEntry(unpacked, '/sbin/mke2fs');
  if (program === undefined) throw new TwinError(`the package ${PACKAGE} has no mke2fs`);
  root.set(PLACE, program.entry);
  const loader = findEntry(unpacked, LOADER) ?? findEntry(unpacked, `/usr${LOADER}`);
  if (loader !== undefined && findEntry(root, LOADER) === undefined && findEntry(root, `/usr${LOADER}`) === undefined)
    root.set(LOADER, loader.entry);
  await addLibraries(root, [PLACE], fromFolders(folders));
}

const fromFolders = (folders: readonly string[]): LibrarySearch => ({
  places: folders.flatMap((folder) => DEFAULT_PLACES.map((place) => join(folder, place))),
  hint: () => `is in none of the packages ${PACKAGE} depends on`,
});
