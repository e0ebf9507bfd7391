/** `linux.raw`: the service as in the other image, under a supervisor, with tools to find out why it died. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeBootDisk, signalNumber, type ImageParts } from './boot-disk.ts';
import { capabilityMask } from './capabilities.ts';
import { resolvePackages, unpackPackages, type Debian, type DebianPackage } from './debian/packages.ts';
import { addLibraries, type LibrarySearch } from './libraries.ts';
import { findEntry, walk, type RootFiles } from './root-files.ts';
import { SERVICE_UID } from './service-root.ts';
import { TwinError } from './twin-error.ts';
import type { TwinFile } from './twin-file.ts';
import type { Workshop } from './workshop.ts';

export interface LinuxParts extends ImageParts {
  readonly debian: Debian;
}

/** Everything the kernel says, and every deadly signal with its registers. */
const COMMAND_LINE = 'console=ttyS0 loglevel=7 print-fatal-signals=1 sysctl.kernel.unknown_nmi_panic=1';

/** What is aboard besides the service, and where its package has it. */
const TOOLS: Readonly<Record<string, string>> = { gdb: '/usr/bin/gdb', strace: '/usr/bin/strace', curl: '/usr/bin/curl' };
const TOOL_PACKAGES = ['gdb-minimal', 'strace', 'curl'];
const CERTIFICATES = 'ca-certificates';

/** How long the supervisor may take for evidence after the service's end, see guest/supervisor/supervisor.h. */
const EVIDENCE_SECONDS = 90;

/** Makes the image, and says of which packages its tools are. */
export async function buildLinux(parts: LinuxParts, workshop: Workshop): Promise<readonly DebianPackage[]> {
  const tools = await readTools(parts.debian);
  const supervisor = { kind: 'file', from: parts.programs.supervisor, mode: 0o755 } as const;
  const root: RootFiles = new Map([...parts.root, ...tools.files, ['/tandem/supervisor', supervisor]]);
  const { stop } = parts.twin;
  const configuration = {
    writable: 1,
    supervised: 1,
    argument: ['/tandem/supervisor', ...supervisorWords(parts), '--', parts.twin.entrypoint, ...parts.twin.arguments],
    grace: stop.graceSeconds + EVIDENCE_SECONDS,
  } as const;
  await makeBootDisk({ parts, root, build: 'linux', commandLine: COMMAND_LINE, configuration }, workshop);
  return tools.packages;
}

const supervisorWords = ({ twin, version }: LinuxParts): readonly string[] => [
  `name=${twin.name}`,
  `version=${version}`,
  `uid=${SERVICE_UID}`,
  `capabilities=${capabilityMask(twin.capabilities)}`,
  `stop=${signalNumber(twin.stop.signal)}`,
  `grace=${twin.stop.graceSeconds}`,
  ...httpPorts(twin).map((port) => `http=${port}`),
];

const httpPorts = ({ ports }: TwinFile) => ports.filter(({ protocol }) => protocol === 'http').map(({ port }) => port);

/**
 * The tools lie in a folder of their own with all their libraries, and are started through the loader there: whatever the
 * service brings, they work, and the service's root is the same in both images.
 */
async function readTools(debian: Debian): Promise<{ readonly files: RootFiles; readonly packages: readonly DebianPackage[] }> {
  const all = await resolvePackages(debian, [...TOOL_PACKAGES, CERTIFICATES]);
  const wanted = all.filter(({ name }) => TOOL_PACKAGES.includes(name) || name === CERTIFICATES || /^(lib|zlib)/.test(name));
  const folders = await unpackPackages(debian, wanted);
  const unpacked: RootFiles = new Map((await Promise.all(folders.map((folder) => walk(folder, '/')))).flat());
  const files: RootFiles = new Map();
  for (const [name, path] of Object.entries(TOOLS)) await addTool(files, unpacked, { name, path });
  const certificates = folders.find((_, index) => wanted[index]?.name === CERTIFICATES) ?? '';
  files.set('/tandem/certificates.pem', { kind: 'text', bytes: await readCertificates(certificates), mode: 0o644 });
  return { files, packages: wanted };
}

const onlyTheirs: LibrarySearch = { places: [], hint: () => `is in none of the packages ${TOOL_PACKAGES.join(', ')} depend on` };

async function addTool(
  files: RootFiles,
  unpacked: RootFiles,
  { name, path }: { readonly name: string; readonly path: string },
): Promise<void> {
  const program = findEntry(unpacked, path);
  if (program === undefined) throw new TwinError(`none of the packages ${TOOL_PACKAGES.join(', ')} has ${path}`);
  files.set(`/tandem/bin/${name}`, program.entry);
  for (const library of await addLibraries(unpacked, [path], onlyTheirs)) {
    const found = findEntry(unpacked, library);
    if (found !== undefined) files.set(`/tandem/lib/${library.slice(library.lastIndexOf('/') + 1)}`, found.entry);
  }
}

/** As update-ca-certificates puts them together. */
async function readCertificates(folder: string): Promise<Buffer> {
  const home = join(folder, 'usr/share/ca-certificates/mozilla');
  const names = (await readdir(home)).filter((name) => name.endsWith('.crt')).toSorted();
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(home, name)))));
}
