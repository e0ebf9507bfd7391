/**
 * Unikraft, through kraft: Unikraft's ready-made kernel that runs Linux programs (`base`), with the service as its initial RAM
 * disk. kraft makes the two files and no disk; a boot loader that speaks Multiboot (SYSLINUX' mboot.c32) starts them from one.
 */
import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TwinError } from '../twin-error.ts';
import type { Surroundings, UnikernelInput } from './input.ts';
import { runTool } from './run-tool.ts';

const RUNTIME = 'unikraft.org/base:latest';
const TARGET = ['--plat', 'qemu', '--arch', 'x86_64'];
/** SYSLINUX takes a line of 2047 characters. */
const LONGEST_COMMAND_LINE = 2000;

export interface MultibootFiles {
  readonly kernel: string;
  readonly modules: readonly string[];
  readonly commandLine: string;
}

/** Its values are JSON, which is YAML whose quoting holds no surprises. */
export function kraftfile(input: UnikernelInput): string {
  const fields = {
    spec: 'v0.6',
    name: input.name,
    runtime: RUNTIME,
    rootfs: input.root,
    cmd: [input.entrypoint, ...input.arguments],
    env: input.environment,
  };
  return Object.entries(fields)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('');
}

/** Kernel parameters, `--`, the program's arguments. Its parser knows quotes, but no way to have a quote inside. */
export function commandLine(input: UnikernelInput): string {
  const variables = Object.entries({ PWD: input.directory, ...input.environment }).map(([name, value]) =>
    quote(`${name}=${value}`),
  );
  const line = [
    input.name,
    'vfs.fstab=[ "initrd0:/:extract::ramfs=1:" ]',
    `env.vars=[ ${variables.join(' ')} ]`,
    '--',
    input.entrypoint,
    ...input.arguments.map(quote),
  ].join(' ');
  if (line.length <= LONGEST_COMMAND_LINE) return line;
  throw new TwinError(
    `Arguments and environment are ${line.length} characters on Unikraft's command line, which takes ${LONGEST_COMMAND_LINE}: put them into a file.`,
  );
}

function quote(word: string): string {
  if (!/["\\\n]/.test(word)) return `"${word}"`;
  throw new TwinError(`Unikraft's command line cannot carry ${JSON.stringify(word)}: it has a quote, a backslash or a line end.`);
}

export async function buildWithKraft(
  program: string,
  input: UnikernelInput,
  surroundings: Surroundings,
): Promise<MultibootFiles> {
  const line = commandLine(input);
  const [project, pulled] = [join(input.scratch, 'kraft'), join(input.scratch, 'runtime')];
  await mkdir(project, { recursive: true });
  await mkdir(pulled, { recursive: true });
  await writeFile(join(project, 'Kraftfile'), kraftfile(input));
  const call = (...args: readonly string[]) =>
    runTool({
      program,
      arguments: args,
      directory: project,
      // Without a terminal a question is never answered, and a progress display is noise.
      environment: { ...surroundings.environment, KRAFTKIT_NO_PROMPT: 'true', KRAFTKIT_LOG_TYPE: 'basic' },
      tell: surroundings.tell,
    });
  await call('build', '--no-cache', ...TARGET, project);
  await call('pkg', 'pull', '-w', pulled, ...TARGET, RUNTIME);
  return {
    kernel: await there(join(pulled, 'unikraft/bin/kernel'), 'kraft pkg pull left no kernel'),
    modules: [await initialRamDisk(join(project, '.unikraft/build'))],
    commandLine: line,
  };
}

/** Releases of kraft name it `initramfs.cpio` or `initramfs-x86_64.cpio`. */
async function initialRamDisk(directory: string): Promise<string> {
  const names = await readdir(directory).catch(() => []);
  const found = names.filter((name) => /^initramfs(-x86_64)?\.cpio$/.test(name)).toSorted();
  return there(join(directory, found.at(-1) ?? 'initramfs-x86_64.cpio'), 'kraft build left no initial RAM disk');
}

async function there(path: string, otherwise: string): Promise<string> {
  try {
    await access(path);
    return path;
  } catch {
    throw new TwinError(`${otherwise} at ${path}. This was written for kraft 0.12; does yours differ?`);
  }
}
