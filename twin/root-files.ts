/** What is in the root of an image, before it is written anywhere: entries by their absolute path. */
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TwinError } from './twin-error.ts';
import type { TwinFile, TwinFileEntry } from './twin-file.ts';

export type Build = 'linux' | 'unikernel';

export type RootEntry =
  | { readonly kind: 'file'; readonly from: string; readonly mode: number }
  | { readonly kind: 'text'; readonly bytes: Buffer; readonly mode: number }
  | { readonly kind: 'link'; readonly to: string };

export type RootFiles = Map<string, RootEntry>;

/** Mounted over at each boot, or the supervisor's. */
const TAKEN = ['/dev', '/proc', '/run', '/sys', '/tandem', '/tmp', '/cores'];

/** The user's files for one of the two images. */
export async function readFiles(folder: string, twin: TwinFile, build: Build): Promise<RootFiles> {
  const root: RootFiles = new Map();
  for (const [index, entry] of twin.files.entries()) {
    const field = `twin.json: files[${index}]`;
    const taken = TAKEN.find((place) => `${entry.target}/`.startsWith(`${place}/`));
    if (taken !== undefined)
      throw new TwinError(`${field}.target: found "${entry.target}", but ${taken} is not the service's to fill`);
    if (entry.only !== undefined && entry.only !== build) continue;
    for (const [path, made] of await readEntry(folder, entry, `${field}.source`)) {
      if (root.has(path))
        throw new TwinError(`${field}.target: "${path}" is in the ${build} image already, from an entry before it`);
      root.set(path, made);
    }
  }
  return root;
}

async function readEntry(
  folder: string,
  entry: TwinFileEntry,
  field: string,
): Promise<readonly (readonly [string, RootEntry])[]> {
  const mode = entry.mode === undefined ? undefined : Number.parseInt(entry.mode, 8);
  if (entry.source === undefined)
    return [[entry.target, { kind: 'text', bytes: Buffer.from(entry.text ?? ''), mode: mode ?? 0o644 }]];
  const from = resolve(folder, entry.source);
  const found = await stat(from).catch(() => undefined);
  if (found === undefined) throw new TwinError(`${field}: there is no "${entry.source}" (looked for ${from})`);
  if (found.isFile()) return [[entry.target, { kind: 'file', from, mode: mode ?? modeOf(found.mode) }]];
  if (!found.isDirectory()) throw new TwinError(`${field}: "${entry.source}" is neither a file nor a folder`);
  return walk(from, entry.target, mode);
}

/** All files and links below a folder, as they would lie below `target`. */
export async function walk(from: string, target: string, mode?: number): Promise<readonly (readonly [string, RootEntry])[]> {
  const names = (await readdir(from)).toSorted();
  const found = await Promise.all(
    names.map(async (name): Promise<readonly (readonly [string, RootEntry])[]> => {
      const [path, place] = [join(from, name), join(target, name)];
      const kind = await lstat(path);
      if (kind.isDirectory()) return walk(path, place, mode);
      if (kind.isSymbolicLink()) return [[place, { kind: 'link', to: await readlink(path) }]];
      if (kind.isFile()) return [[place, { kind: 'file', from: path, mode: mode ?? modeOf(kind.mode) }]];
      throw new TwinError(`${path} is neither a file, a folder nor a link, and cannot be put into an image`);
    }),
  );
  return found.flat();
}

/** The builder's umask is not the image's: two machines make the same bytes. */
const modeOf = (mode: number) => ((mode & 0o100) === 0 ? 0o644 : 0o755);

export async function bytesOf(entry: RootEntry): Promise<Buffer> {
  if (entry.kind === 'file') return readFile(entry.from);
  return entry.kind === 'text' ? entry.bytes : Buffer.from(entry.to);
}

/** The entry a path leads to, links followed; also links of a folder on the way. */
export function findEntry(
  root: RootFiles,
  path: string,
  depth = 0,
): { readonly path: string; readonly entry: RootEntry } | undefined {
  if (depth > 20) return undefined;
  const entry = root.get(path);
  if (entry !== undefined && entry.kind !== 'link') return { path, entry };
  if (entry !== undefined) return findEntry(root, resolve(path, '..', entry.to), depth + 1);
  const parts = path.split('/');
  for (let length = parts.length - 1; length > 1; length--) {
    const link = root.get(parts.slice(0, length).join('/'));
    if (link?.kind !== 'link') continue;
    return findEntry(root, resolve(parts.slice(0, length - 1).join('/') || '/', link.to, ...parts.slice(length)), depth + 1);
  }
  return undefined;
}
