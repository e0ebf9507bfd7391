import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseManifest } from '../../core/release/parse-manifest.ts';
import { writeManifest } from '../../twin/manifest.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'manifest-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The script of docs/images.md, about the linux.raw of a folder. */
async function scriptOfTheDocs(): Promise<string> {
  const page = await readFile(join(import.meta.dirname, '../../docs/images.md'), 'utf8');
  const [script] = page.match(/(?<=```sh\n)size=[^`]*(?=```)/) ?? [];
  if (script === undefined) throw new Error('docs/images.md has no script that computes blocks');
  return script;
}

const bytesOf = (length: number, seed: number) => Uint8Array.from({ length }, (_, n) => (n * seed) % 251);

describe('release.json', () => {
  it.each([
    ['a whole number of blocks', 2 * 524_288],
    ['a last block that is cut short', 524_288 + 1001],
  ])('has digests of each image as coreutils compute them, of %s', async (_what, length) => {
    await writeFile(join(folder, 'linux.raw'), bytesOf(length, 7));
    await writeFile(join(folder, 'unikernel.raw'), bytesOf(1000, 3));
    const madeOf = { sha256: 'a'.repeat(64), form: 'single-process', kernel: 'linux', packages: [], tools: [] } as const;
    await writeManifest(folder, { service: 'hello', version: '1.0.0' }, madeOf);

    const text = await readFile(join(folder, 'release.json'), 'utf8');
    const given = { service: 'hello', version: '1.0.0', key: 'k', versionId: '1', text };
    const run = (script: string) => execFileSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' }).slice(0, 64);
    expect(parseManifest(given, { integrity: 'digest' }, () => true)).toMatchObject({
      kind: 'manifest',
      manifest: {
        sha256: { linux: run('sha256sum linux.raw'), unikernel: run('sha256sum unikernel.raw') },
        blocks: { linux: run(await scriptOfTheDocs()) },
        bytes: { linux: length, unikernel: 1000 },
      },
    });
  });
});
