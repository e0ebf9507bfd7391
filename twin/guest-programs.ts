/** Compiles what runs inside the images: the first process and the supervisor. */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runTool } from './unikernel-tools/run-tool.ts';
import type { Workshop } from './workshop.ts';

/** Of the first process, for the supervisor too. */
const SHARED = ['../settings.c', '../user.c'];
const GUEST = resolve(import.meta.dirname, '../guest');

export const compileInit = (workshop: Workshop) => compile('', join(workshop.scratch, 'init'), workshop);
export const compileSupervisor = (workshop: Workshop) =>
  compile('supervisor', join(workshop.scratch, 'supervisor'), workshop, SHARED);

/** All C files of a folder, as one static program. Named from there, so that no path of this machine gets into it. */
async function compile(
  folder: string,
  to: string,
  { tools, environment, tell }: Workshop,
  more: readonly string[] = [],
): Promise<string> {
  const directory = join(GUEST, folder);
  const sources = (await readdir(directory)).filter((name) => name.endsWith('.c')).toSorted();
  await runTool({
    program: tools('gcc'),
    arguments: ['-std=gnu11', '-Os', '-static', '-s', '-Wall', '-Wextra', '-Werror', '-o', to, ...sources, ...more],
    directory,
    environment: { ...environment, LC_ALL: 'C.UTF-8' },
    tell,
  });
  return to;
}
