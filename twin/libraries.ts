/** The shared libraries of an image's programs: each at a place where the loader in the image finds it. */
import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readElf, type Elf } from './elf.ts';
import { bytesOf, findEntry, type RootEntry, type RootFiles } from './root-files.ts';
import { TwinError } from './twin-error.ts';

/** Where the loader of Debian looks without a cache (glibc, `SYSTEM_DIRS` and multiarch). */
export const DEFAULT_PLACES = ['/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib', '/usr/lib', '/lib64', '/usr/lib64'];
/** Where libraries are on machines that build. */
const BUILDER_PLACES = [...DEFAULT_PLACES, '/usr/local/lib/x86_64-linux-gnu', '/usr/local/lib', '/usr/local/lib64'];

export interface LibrarySearch {
  /** Places on this machine to take a library from that is not in the image; none: everything must be in it. */
  readonly places: readonly string[];
  /** What to say of a library that is nowhere. */
  readonly hint: (soname: string) => string;
}

export const fromThisMachine: LibrarySearch = {
  places: BUILDER_PLACES,
  hint: (soname) =>
    `is neither among the files and packages of twin.json nor on this machine in ${BUILDER_PLACES.join(', ')}: add it to "files", or its package to "packages" (apt-file search ${soname} names it)`,
};

/** Adds what the programs need, and what that needs, to the image; says where all of it is, loaders too. */
export async function addLibraries(
  root: RootFiles,
  programs: readonly string[],
  search: LibrarySearch,
): Promise<readonly string[]> {
  const seen = new Set<string>();
  const libraries = new Set<string>();
  const waiting = [...programs];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const found = findEntry(root, path);
    if (found === undefined || seen.has(found.path)) continue;
    seen.add(found.path);
    const elf = await readProgram(found.path, found.entry);
    if (elf === undefined) continue;
    const needed = await addNeeded(root, { path: found.path, elf }, search);
    for (const library of needed) libraries.add(library);
    waiting.push(...needed);
  }
  return [...libraries];
}

interface Program {
  readonly path: string;
  readonly elf: Elf;
}

async function readProgram(path: string, entry: RootEntry): Promise<Elf | undefined> {
  const reading = readElf(await bytesOf(entry));
  if (reading.kind === 'other-machine') throw new TwinError(`${path} is made for ${reading.what}; the images are for x86-64`);
  return reading.kind === 'elf' ? reading.elf : undefined;
}

async function addNeeded(root: RootFiles, program: Program, search: LibrarySearch): Promise<readonly string[]> {
  const { interpreter, needed } = program.elf;
  const loader = interpreter === undefined ? [] : [await addLoader(root, program.path, interpreter, search)];
  // Some libraries name the loader itself, which is there under its own path.
  const libraries = needed.filter((soname) => !/^ld-(linux|musl)-/.test(soname));
  const added = await Promise.all(libraries.map((soname) => addLibrary(root, program, soname, search)));
  return [...loader, ...added];
}

async function addLoader(root: RootFiles, program: string, loader: string, search: LibrarySearch): Promise<string> {
  if (findEntry(root, loader) !== undefined) return loader;
  // Debian 13 ships it below /usr and relies on /lib64 being a link.
  if (findEntry(root, `/usr${loader}`) !== undefined) {
    root.set(loader, { kind: 'link', to: `/usr${loader}` });
    return loader;
  }
  const from = search.places.length === 0 ? undefined : await realpath(loader).catch(() => undefined);
  if (from === undefined) throw new TwinError(`${program} is loaded by ${loader}, which ${search.hint(basename(loader))}`);
  root.set(loader, { kind: 'file', from, mode: 0o755 });
  return loader;
}

async function addLibrary(root: RootFiles, { path, elf }: Program, soname: string, search: LibrarySearch): Promise<string> {
  const own = elf.searched.map((place) => place.replace(/\$(ORIGIN|\{ORIGIN\})/g, dirname(path)));
  for (const place of [...own, ...DEFAULT_PLACES]) {
    const inside = join(place, soname);
    if (findEntry(root, inside) !== undefined) return inside;
  }
  for (const place of [...own, ...search.places]) {
    const from = await findHere(join(place, soname), search);
    if (from === undefined) continue;
    const target = join(own.includes(place) || DEFAULT_PLACES.includes(place) ? place : '/usr/lib/x86_64-linux-gnu', soname);
    root.set(target, { kind: 'file', from, mode: 0o644 });
    return target;
  }
  throw new TwinError(`${path} needs ${soname}, which ${search.hint(soname)}`);
}

/** 32-bit libraries may lie in the same places. */
async function findHere(path: string, { places }: LibrarySearch): Promise<string | undefined> {
  if (places.length === 0) return undefined;
  const from = await realpath(path).catch(() => undefined);
  return from !== undefined && readElf(await readFile(from)).kind === 'elf' ? from : undefined;
}
