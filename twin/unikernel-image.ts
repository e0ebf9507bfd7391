/** `unikernel.raw`, in one of its three forms. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeBootDisk, signatureOf, type ImageParts } from './boot-disk.ts';
import { bootConfiguration, makeDisk, SYSLINUX_MODULES } from './image/disk.ts';
import { layOut } from './image/root.ts';
import type { Choice } from './unikernel-tools/find-tool.ts';
import type { UnikernelInput } from './unikernel-tools/input.ts';
import { buildWithKraft } from './unikernel-tools/kraft.ts';
import { buildWithOps } from './unikernel-tools/ops.ts';
import type { Workshop } from './workshop.ts';

export interface UnikernelParts extends ImageParts {
  readonly choice: Choice;
}

/** What goes wrong in the kernel is printed, and nothing else; a diagnostic interrupt shows where it stands. */
const COMMAND_LINE = 'console=ttyS0 loglevel=4 print-fatal-signals=1 sysctl.kernel.unknown_nmi_panic=1';

export async function buildUnikernel(parts: UnikernelParts, workshop: Workshop): Promise<void> {
  switch (parts.choice.form) {
    case 'single-process':
      return buildSingleProcess(parts, workshop);
    case 'ops':
      return buildWithOps(parts.choice.program, await toInput(parts, workshop), workshop);
    case 'kraft':
      return buildKraftDisk(parts.choice.program, parts, workshop);
  }
}

function buildSingleProcess(parts: UnikernelParts, workshop: Workshop): Promise<void> {
  const { entrypoint, arguments: rest, stop } = parts.twin;
  const configuration = { writable: 0, supervised: 0, argument: [entrypoint, ...rest], grace: stop.graceSeconds } as const;
  return makeBootDisk({ parts, root: parts.root, build: 'unikernel', commandLine: COMMAND_LINE, configuration }, workshop);
}

async function toInput({ twin, root, to }: UnikernelParts, { scratch }: Workshop): Promise<UnikernelInput> {
  const folder = join(scratch, 'unikernel-root');
  await layOut(root, folder, twin.dataVolume);
  return {
    name: twin.name,
    root: folder,
    entrypoint: twin.entrypoint,
    arguments: twin.arguments,
    environment: twin.env,
    directory: twin.directory,
    ports: twin.ports.map(({ port, protocol }) => ({ port, protocol: protocol === 'udp' ? 'udp' : 'tcp' })),
    ...(twin.memoryMiB === undefined ? {} : { memoryMiB: twin.memoryMiB }),
    scratch,
    output: to,
  };
}

/** kraft makes no disk: SYSLINUX' own loader for Multiboot starts its kernel from one. */
async function buildKraftDisk(program: string, parts: UnikernelParts, workshop: Workshop): Promise<void> {
  const made = await buildWithKraft(program, await toInput(parts, workshop), workshop);
  const modules = made.modules.map((from, index) => [`module${index}`, from] as const);
  const words = [`kernel ${made.commandLine}`, ...modules.map(([name]) => name)].join(' --- ');
  const configuration = join(workshop.scratch, 'kraft-syslinux.cfg');
  await writeFile(configuration, bootConfiguration(['COM32 mboot.c32', `APPEND ${words}`]));
  const bootFiles = {
    kernel: made.kernel,
    ...Object.fromEntries(modules),
    'mboot.c32': join(SYSLINUX_MODULES, 'mboot.c32'),
    'libcom32.c32': join(SYSLINUX_MODULES, 'libcom32.c32'),
    'syslinux.cfg': configuration,
  };
  await makeDisk(parts.to, { bootFiles, signature: signatureOf(parts, 'unikernel'), root: undefined }, workshop);
}
