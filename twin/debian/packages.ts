/**
 * Debian packages, taken apart: apt resolves, downloads and verifies them, nothing is installed and no script of theirs runs.
 * Downloads and what was unpacked stay in the user's cache, by name, version and architecture.
 */
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { TwinError } from '../twin-error.ts';
import type { Tools } from '../tools.ts';
import { runTool } from '../unikernel-tools/run-tool.ts';

export interface Debian {
  readonly tools: Tools;
  readonly cache: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly tell: (line: string) => void;
}

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

export const cacheDirectory = (environment: NodeJS.ProcessEnv) =>
  join(environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? homedir(), '.cache'), 'tandem');

/** As if nothing were installed, so that the answer does not depend on this machine's packages. */
const AS_IF_EMPTY = ['-o', 'Dir::State::status=/dev/null', '-o', 'Debug::NoLocking=1', '-o', 'APT::Install-Recommends=0'];

const quiet = () => undefined;

/** The packages and all they depend on, by name. */
export async function resolvePackages(debian: Debian, names: readonly string[]): Promise<readonly DebianPackage[]> {
  const lines = await apt(debian, 'apt-get', ['-qq', '-s', ...AS_IF_EMPTY, 'install', '--', ...names]).catch((error: unknown) => {
    throw explain(error, names);
  });
  // Inst curl (7.88.1-10+deb12u14 Debian:12.12/oldstable [amd64])
  const found = lines.flatMap((line) => {
    const [, name, version, architecture] = /^Inst (\S+) \((\S+) .*\[(\w+)\]\)/.exec(line) ?? [];
    return name !== undefined && version !== undefined && architecture !== undefined ? [{ name, version, architecture }] : [];
  });
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function explain(error: unknown, names: readonly string[]): unknown {
  if (!(error instanceof TwinError)) return error;
  const missing = [
    ...error.message.matchAll(
      /(?:Unable to locate package|Couldn't find any package .*'|E: Package ')\s*([a-z0-9][a-z0-9+.-]*)/g,
    ),
  ];
  if (missing.length === 0) return new TwinError(`apt cannot resolve ${names.join(', ')}: ${error.message}`, { cause: error });
  const unknown = [...new Set(missing.map(([, name]) => name))].join(', ');
  return new TwinError(`apt knows no package ${unknown}: is its name right, and has "sudo apt-get update" been run?`, {
    cause: error,
  });
}

export const nameOf = ({ name, version, architecture }: DebianPackage) =>
  `${name}_${version.replaceAll(':', '%3a')}_${architecture}`;

/** Folders with the packages' files, in the packages' order. */
export async function unpackPackages(debian: Debian, packages: readonly DebianPackage[]): Promise<readonly string[]> {
  const home = join(debian.cache, 'packages');
  await mkdir(home, { recursive: true });
  const folders = packages.map((one) => join(home, nameOf(one)));
  const there = await Promise.all(folders.map(isThere));
  const missing = packages.filter((_, index) => there[index] !== true);
  if (missing.length > 0) await fetchPackages(debian, missing, home);
  return folders;
}

/** By its name as `nameOf` gives it. */
export async function findUnpacked(debian: Debian, packed: string): Promise<DebianPackage | undefined> {
  const [name = '', version = '', architecture = ''] = packed.split('_');
  const found = { name, version: version.replaceAll('%3a', ':'), architecture };
  return nameOf(found) === packed && (await isThere(join(debian.cache, 'packages', packed))) ? found : undefined;
}

/** Into a folder beside, and then by a rename: two builds at once do not meet, and a killed one leaves nothing half. */
async function fetchPackages(debian: Debian, packages: readonly DebianPackage[], home: string): Promise<void> {
  const work = await mkdtemp(join(home, '.fetch-'));
  try {
    debian.tell(
      `Downloading ${packages.length === 1 ? nameOf(packages[0] ?? fail()) : `${packages.length} packages`} into ${home}`,
    );
    const wanted = packages.map(
      ({ name, version, architecture }) => `${name}${architecture === 'all' ? '' : `:${architecture}`}=${version}`,
    );
    await apt(debian, 'apt-get', ['-q', 'download', '--', ...wanted], work);
    for (const archive of (await readdir(work)).filter((name) => name.endsWith('.deb'))) {
      const unpacked = join(work, 'unpacked', archive.slice(0, -'.deb'.length));
      await mkdir(unpacked, { recursive: true });
      await run(debian, 'dpkg-deb', ['-x', join(work, archive), unpacked], work);
      await moveUnlessThere(unpacked, join(home, archive.slice(0, -'.deb'.length)));
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function fail(): never {
  throw new TypeError('packages were to be fetched, and there are none');
}

async function moveUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!(await isThere(to))) throw error;
  }
}

const isThere = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() === true;

const apt = (debian: Debian, tool: 'apt-get' | 'apt-cache', args: readonly string[], directory?: string) =>
  run(debian, tool, args, directory ?? debian.cache);

async function run(debian: Debian, tool: 'apt-get' | 'apt-cache' | 'dpkg-deb', args: readonly string[], directory: string) {
  await mkdir(directory, { recursive: true });
  return runTool({
    program: debian.tools(tool),
    arguments: args,
    directory,
    environment: { ...debian.environment, LC_ALL: 'C.UTF-8' },
    tell: quiet,
  });
}

/** What a package depends on, by the pattern of its name: a metapackage says by this which kernel is current. */
export async function findDependency(debian: Debian, name: string, pattern: RegExp): Promise<string | undefined> {
  const lines = await apt(debian, 'apt-cache', ['depends', '--important', '--', name]).catch((error: unknown) => {
    throw explain(error, [name]);
  });
  return lines.map((line) => /Depends: (\S+)/.exec(line)?.[1]).find((found) => found !== undefined && pattern.test(found));
}

/** Every version apt can get of the packages whose names fit the pattern. */
export async function findVersions(debian: Debian, prefix: string, pattern: RegExp): Promise<readonly DebianPackage[]> {
  const names = (await apt(debian, 'apt-cache', ['pkgnames', '--', prefix])).filter((name) => pattern.test(name));
  if (names.length === 0) return [];
  const lines = await apt(debian, 'apt-cache', ['madison', '--', ...names]);
  // linux-image-6.1.0-56-cloud-amd64 |  6.1.192-2 | http://deb.debian.org/debian-security bookworm-security/main amd64 Packages
  const found = lines.flatMap((line) => {
    const [, name, version] = /^\s*(\S+) \|\s*(\S+) \| .* Packages$/.exec(line) ?? [];
    return name !== undefined && version !== undefined ? [{ name, version, architecture: 'amd64' }] : [];
  });
  return [...new Map(found.map((one) => [nameOf(one), one])).values()];
}

export async function findVersion(debian: Debian, name: string): Promise<DebianPackage> {
  const lines = await apt(debian, 'apt-cache', ['show', '--no-all-versions', '--', name]);
  const field = (key: string) => lines.map((line) => line.split(': ')).find(([found]) => found === key)?.[1];
  const [version, architecture] = [field('Version'), field('Architecture')];
  if (version !== undefined && architecture !== undefined) return { name, version, architecture };
  throw new TwinError(`apt knows no package ${name}: has "sudo apt-get update" been run?`);
}
