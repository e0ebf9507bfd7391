/** `twin.json` → `linux.raw`, `unikernel.raw`, `release.json`: two images of one source, the same bytes each time. */
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { versionFault } from '../core/release/version.ts';
import { modulesFor } from './capabilities.ts';
import { fetchKernel } from './debian/kernel.ts';
import { addFileSystemMaker, fetchFileSystemMaker } from './data-volume.ts';
import { cacheDirectory, nameOf, type Debian } from './debian/packages.ts';
import { compileInit, compileSupervisor } from './guest-programs.ts';
import { buildLinux } from './linux-image.ts';
import { writeManifest } from './manifest.ts';
import { sayProgress, type BuildProgress } from './progress.ts';
import { readPackages, readServiceRoot } from './service-root.ts';
import { digestOf } from './source-digest.ts';
import { findTools } from './tools.ts';
import { TwinError } from './twin-error.ts';
import { parseTwin, type TwinFile } from './twin-file.ts';
import { buildUnikernel } from './unikernel-image.ts';
import { chooseForm, type Choice, type Form } from './unikernel-tools/find-tool.ts';
import type { Workshop } from './workshop.ts';

export interface BuildRequest {
  readonly folder: string;
  readonly version: string;
  /** Where the three files go. */
  readonly out: string;
  /** Which of the three forms `unikernel.raw` takes; without it, what the PATH has. */
  readonly form?: Form | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

export interface BuiltTwin {
  readonly service: string;
  readonly version: string;
  readonly form: Form;
  /** What `unikernel.raw` is, in a sentence. */
  readonly statement: string;
  readonly source: string;
  readonly kernel: string;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** When nothing says otherwise; any constant would do that FAT can hold. */
const DEFAULT_EPOCH = Date.UTC(2020, 0, 1) / 1000;

type Hear = (progress: BuildProgress) => void;

/** What was read before anything is made: mistakes are told before a kernel is downloaded. */
interface Order {
  readonly twin: TwinFile;
  readonly folder: string;
  readonly version: string;
  readonly out: string;
  readonly choice: Choice;
  readonly workshop: Workshop;
  readonly debian: Debian;
}

export async function buildTwin(request: BuildRequest, hear: Hear): Promise<BuiltTwin> {
  const { environment, version } = request;
  checkVersion(version);
  const [folder, out, path] = [resolve(request.folder), resolve(request.out), environment['PATH'] ?? ''];
  const twin = await readTwin(join(folder, 'twin.json'));
  const choice = chooseForm(request.form, path);
  const tools = findTools(path);
  const epoch = epochOf(environment);
  await mkdir(out, { recursive: true });
  const scratch = await mkdtemp(join(tmpdir(), 'tandem-build-'));
  try {
    const workshop: Workshop = { tools, scratch, epoch, environment, tell: (line) => hear({ kind: 'tool', line }) };
    const tell = (line: string) => hear(sayProgress('packages', line));
    const debian = { tools, environment, tell, cache: cacheDirectory(environment) };
    return await make({ twin, folder, version, out, choice, workshop, debian }, hear);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function make(order: Order, hear: Hear): Promise<BuiltTwin> {
  const { twin, version, out, choice, workshop, debian } = order;
  const source = await readSource(order, hear);
  const parts = { twin, version, source: source.sha256, kernel: source.kernel, programs: source.programs };

  hear(sayProgress('unikernel.raw', choice.statement));
  await buildUnikernel({ ...parts, root: source.roots.unikernel, choice, to: join(out, '.unikernel.raw') }, workshop);
  hear(sayProgress('linux.raw', 'Debian kernel, the service under its supervisor, gdb and strace'));
  const tools = await buildLinux({ ...parts, root: source.roots.linux, debian, to: join(out, '.linux.raw') }, workshop);
  for (const name of ['unikernel.raw', 'linux.raw']) await rename(join(out, `.${name}`), join(out, name));

  const { form, statement } = choice;
  const kernel = nameOf(source.kernel.package);
  const madeOf = { sha256: source.sha256, form, kernel, packages: source.packages.map(nameOf), tools: tools.map(nameOf) };
  const files = await writeManifest(out, { service: twin.name, version }, madeOf);
  for (const file of files) hear({ kind: 'written', ...file });
  return { service: twin.name, version, form, statement, source: source.sha256, kernel, files };
}

async function readSource({ twin, folder, version, choice, workshop, debian }: Order, hear: Hear) {
  hear(sayProgress('source', `${twin.name} ${version}: reading ${folder}`));
  const { packages: named, files } = await readPackages(debian, twin.packages);
  const roots = {
    linux: await readServiceRoot(folder, twin, 'linux', files),
    unikernel: await readServiceRoot(folder, twin, 'unikernel', files),
  };
  const maker = twin.dataVolume ? await fetchFileSystemMaker(debian) : { packages: [], folders: [] };
  if (twin.dataVolume) await addFileSystemMaker(roots.linux, maker.folders);
  // The other forms start nothing but the service.
  if (twin.dataVolume && choice.form === 'single-process') await addFileSystemMaker(roots.unikernel, maker.folders);
  const packages = [...new Map([...named, ...maker.packages].map((one) => [nameOf(one), one])).values()];
  const kernel = await fetchKernel(debian, { pinned: twin.kernel, modules: modulesFor(twin.capabilities) });
  hear(sayProgress('source', `kernel: ${nameOf(kernel.package)}, ${kernel.modules.length} modules`));
  const programs = { init: await compileInit(workshop), supervisor: await compileSupervisor(workshop) };
  const [init, supervisor] = await Promise.all([readFile(programs.init), readFile(programs.supervisor)]);
  const sha256 = await digestOf({ twin: JSON.stringify(twin), kernel: nameOf(kernel.package), init, supervisor }, roots);
  return { packages, roots, kernel, programs, sha256 };
}

function checkVersion(version: string): void {
  const fault = versionFault(version);
  if (fault !== undefined) throw new TwinError(fault);
}

async function readTwin(path: string): Promise<TwinFile> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TwinError(`there is no ${path}: docs/images.md has what goes into it`, { cause });
  });
  return parseTwin(text, path);
}

function epochOf({ SOURCE_DATE_EPOCH: given }: NodeJS.ProcessEnv): number {
  if (given === undefined || given === '') return DEFAULT_EPOCH;
  const seconds = Number(given);
  // FAT begins in 1980, and squashfs ends in 2106.
  if (Number.isInteger(seconds) && seconds >= 315_532_800 && seconds < 2 ** 32) return seconds;
  throw new TwinError(`SOURCE_DATE_EPOCH is "${given}", and must be whole seconds from 315532800 (1980) to ${2 ** 32 - 1}`);
}
