/**
 * Builds the two bundles of one hello release: a tar with an executable `run` each, for the local runtime's `process`
 * driver. Same input, same bytes. `node examples/hello/build.ts 1.0.0 DIR` writes linux.raw, unikernel.raw, release.json.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buffer } from 'node:stream/consumers';
import { build } from 'esbuild';
import { pack } from 'tar-stream';

export interface HelloRelease {
  readonly version: string;
  /** Every how many greetings one answers 500; 0: none. */
  readonly failEvery?: number;
}

export interface HelloImages {
  readonly linux: Buffer;
  readonly unikernel: Buffer;
  readonly manifest: string;
}

const here = path.dirname(fileURLToPath(import.meta.url));

async function compile(release: HelloRelease, form: 'linux' | 'unikernel'): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [path.join(here, 'hello.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minifySyntax: true,
    treeShaking: true,
    banner: { js: '#!/usr/bin/env node' },
    define: { VERSION: JSON.stringify(release.version), BUILD: JSON.stringify(form), FAIL_EVERY: String(release.failEvery ?? 0) },
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error('esbuild made no output for examples/hello/hello.ts');
  return file.contents;
}

async function bundle(run: Uint8Array): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'run', mode: 0o755, mtime: new Date(0) }, Buffer.from(run));
  tar.finalize();
  return buffer(tar);
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export async function buildHello(release: HelloRelease): Promise<HelloImages> {
  const [linux, unikernel] = await Promise.all([
    compile(release, 'linux').then(bundle),
    compile(release, 'unikernel').then(bundle),
  ]);
  const manifest = {
    service: 'hello',
    version: release.version,
    images: {
      'linux.raw': { sha256: sha256(linux), bytes: linux.length },
      'unikernel.raw': { sha256: sha256(unikernel), bytes: unikernel.length },
    },
  };
  return { linux, unikernel, manifest: JSON.stringify(manifest, null, 2) + '\n' };
}

async function main([version, directory]: readonly string[]): Promise<void> {
  if (!version || !directory) throw new Error('usage: node examples/hello/build.ts VERSION DIRECTORY');
  const images = await buildHello({ version });
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, 'linux.raw'), images.linux);
  await writeFile(path.join(directory, 'unikernel.raw'), images.unikernel);
  await writeFile(path.join(directory, 'release.json'), images.manifest);
  console.log(
    `hello ${version}: linux.raw (${images.linux.length} bytes), unikernel.raw (${images.unikernel.length} bytes), release.json in ${directory}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
