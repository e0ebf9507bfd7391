/** The service as it lies in an image: its packages, its files, its libraries, and the few files every program expects. */
import { findEntry, bytesOf, readFiles, walk, type Build, type RootEntry, type RootFiles } from './root-files.ts';
import { addLibraries, fromThisMachine } from './libraries.ts';
import { isElf } from './elf.ts';
import { nameOf, resolvePackages, unpackPackages, type Debian, type DebianPackage } from './debian/packages.ts';
import { TwinError } from './twin-error.ts';
import type { TwinFile } from './twin-file.ts';

export const SERVICE_UID = 1000;

/** They are there for scripts of other packages, and no script runs. */
const FOR_SCRIPTS_ONLY = new Set(
  'adduser passwd debconf dpkg tar perl-base init-system-helpers lsb-base sysvinit-utils usrmerge ucf sensible-utils gcc-12-base'.split(
    ' ',
  ),
);
/** What only people at a terminal, or an init system, would read. Licences stay. */
const LEFT_OUT = [
  /^\/usr\/share\/(man|info|locale|lintian|bug|bash-completion|doc-base|menu|applications|pixmaps)\//,
  /^\/usr\/share\/doc\/(?![^/]+\/copyright$)/,
  /^\/(usr\/)?lib\/(systemd|udev|tmpfiles\.d|sysusers\.d)\//,
  /^\/etc\/(init\.d|cron\.[a-z]+|logrotate\.d|default)\//,
];

export interface UserPackages {
  readonly packages: readonly DebianPackage[];
  readonly files: RootFiles;
}

export async function readPackages(debian: Debian, names: readonly string[]): Promise<UserPackages> {
  if (names.length === 0) return { packages: [], files: new Map() };
  const all = await resolvePackages(debian, names);
  const packages = all.filter(({ name }) => names.includes(name) || !FOR_SCRIPTS_ONLY.has(name));
  debian.tell(`Packages: ${packages.map(nameOf).join(', ')}`);
  const folders = await unpackPackages(debian, packages);
  const entries = (await Promise.all(folders.map((folder) => walk(folder, '/')))).flat();
  return { packages, files: new Map(entries.filter(([path]) => !LEFT_OUT.some((pattern) => pattern.test(path)))) };
}

export async function readServiceRoot(folder: string, twin: TwinFile, build: Build, packages: RootFiles): Promise<RootFiles> {
  const own = await readFiles(folder, twin, build);
  const root: RootFiles = new Map([...EXPECTED, ...packages, ...own]);
  await checkEntrypoint(root, twin);
  const programs = [twin.entrypoint, ...(await interpreters(root, twin.entrypoint)), ...own.keys()];
  await addLibraries(root, programs, fromThisMachine);
  return root;
}

const text = (lines: readonly string[]): RootEntry => ({
  kind: 'text',
  bytes: Buffer.from(`${lines.join('\n')}\n`),
  mode: 0o644,
});

const EXPECTED: readonly (readonly [string, RootEntry])[] = [
  ['/etc/passwd', text(['root:x:0:0:root:/:/nonexistent', `service:x:${SERVICE_UID}:${SERVICE_UID}:service:/:/nonexistent`])],
  ['/etc/group', text(['root:x:0:', `service:x:${SERVICE_UID}:`])],
  ['/etc/hosts', text(['127.0.0.1 localhost', '::1 localhost'])],
  ['/etc/nsswitch.conf', text(['passwd: files', 'group: files', 'hosts: files dns'])],
  ['/etc/resolv.conf', { kind: 'link', to: '/run/resolv.conf' }],
];

async function checkEntrypoint(root: RootFiles, { entrypoint }: TwinFile): Promise<void> {
  const found = findEntry(root, entrypoint);
  if (found === undefined)
    throw new TwinError(
      `twin.json: entrypoint: "${entrypoint}" is neither the target of one of the files nor in one of the packages`,
    );
  const start = (await bytesOf(found.entry)).subarray(0, 64);
  if (!isElf(start) && start.toString('latin1', 0, 2) !== '#!')
    throw new TwinError(`twin.json: entrypoint: "${entrypoint}" is neither an ELF program nor a script that begins with "#!"`);
  if (found.entry.kind !== 'link' && (found.entry.mode & 0o001) === 0)
    throw new TwinError(
      `twin.json: entrypoint: "${entrypoint}" may not be executed by the service's user: give its file "mode": "0755"`,
    );
}

/** Who runs a script. */
async function interpreters(root: RootFiles, entrypoint: string): Promise<readonly string[]> {
  const found = findEntry(root, entrypoint);
  if (found === undefined) return [];
  const [, program] = /^#!\s*(\S+)/.exec((await bytesOf(found.entry)).toString('latin1', 0, 256)) ?? [];
  if (program === undefined) return [];
  if (findEntry(root, program) === undefined)
    throw new TwinError(
      `twin.json: entrypoint: "${entrypoint}" is run by ${program}, which is not in the image: add it to "files", or its package`,
    );
  return [program];
}
