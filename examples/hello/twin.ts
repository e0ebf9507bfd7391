/**
 * Writes a folder that `tandem build` makes both disk images of: hello.c, compiled twice, and its twin.json.
 * `node examples/hello/twin.ts 1.0.0 DIR`, then `npm run tandem -- build DIR --version 1.0.0`.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { HelloRelease } from './build.ts';

const run = promisify(execFile);
const here = import.meta.dirname;

const TWIN = {
  name: 'hello',
  entrypoint: '/app/hello',
  directory: '/app',
  ports: [{ port: 8080, protocol: 'http' }],
  files: [
    { source: 'hello-linux', target: '/app/hello', mode: '0755', only: 'linux' },
    { source: 'hello-unikernel', target: '/app/hello', mode: '0755', only: 'unikernel' },
  ],
  stop: { signal: 'SIGTERM', graceSeconds: 5 },
};

/** For the bug that resets its machine: the right to, and the disk on which it finds the next time what it resets for. */
const MAY_RESET = { capabilities: ['CAP_SYS_BOOT'], dataVolume: true };

interface TwinOptions {
  readonly mayReset?: boolean;
}

export async function writeTwin(release: HelloRelease, folder: string, { mayReset = false }: TwinOptions = {}): Promise<void> {
  await mkdir(folder, { recursive: true });
  await compile(release, ['-O1', '-g', '-DINSTRUMENTED'], path.resolve(folder, 'hello-linux'));
  await compile(release, ['-O2', '-s'], path.resolve(folder, 'hello-unikernel'));
  await writeFile(path.join(folder, 'twin.json'), `${JSON.stringify({ ...TWIN, ...(mayReset && MAY_RESET) }, null, 2)}\n`);
}

async function compile({ version, failEvery = 0 }: HelloRelease, flags: readonly string[], to: string): Promise<void> {
  const named = [`-DVERSION="${version}"`, `-DFAIL_EVERY=${failEvery}`];
  // The folder this lies in must not get into the program: the same source makes the same bytes on every machine.
  const anywhere = `-ffile-prefix-map=${here}=.`;
  await run('gcc', ['-std=gnu11', '-static', '-Wall', '-Wextra', anywhere, ...flags, ...named, '-o', to, 'hello.c'], {
    cwd: here,
  });
}

async function main([version, folder]: readonly string[]): Promise<void> {
  if (!version || !folder) throw new Error('usage: node examples/hello/twin.ts VERSION DIRECTORY');
  await writeTwin({ version }, folder);
  console.log(`hello ${version}: next, npm run tandem -- build ${folder} --version ${version}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
