/** `release.json`: written last, because it completes a release where the service asks for digests. */
import { createHash } from 'node:crypto';
import { open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Form } from './unikernel-tools/find-tool.ts';
import { sha256 as sha256Of } from './source-digest.ts';

export interface MadeOf {
  /** Of the source of both images. */
  readonly sha256: string;
  readonly form: Form;
  readonly kernel: string;
  readonly packages: readonly string[];
  /** Packages of the tools that only the Linux image has. */
  readonly tools: readonly string[];
}

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** How much of it the control plane reads. */
const MOST_BYTES = 65_536;

export async function writeManifest(
  out: string,
  release: { readonly service: string; readonly version: string },
  source: MadeOf,
): Promise<readonly WrittenFile[]> {
  const images = await Promise.all(['linux.raw', 'unikernel.raw'].map((name) => measure(join(out, name))));
  const [linux, unikernel] = images.map(({ sha256, bytes, blocks }) => ({ sha256, bytes, blocks }));
  const text = toText({ ...release, images: { 'linux.raw': linux, 'unikernel.raw': unikernel }, source });
  const path = join(out, 'release.json');
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
  const written = images.map(({ blocks: _blocks, ...file }) => file);
  return [...written, { path, bytes: Buffer.byteLength(text), sha256: sha256Of(text) }];
}

function toText(manifest: Readonly<Record<string, unknown>> & { readonly source: MadeOf }): string {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  if (Buffer.byteLength(text) <= MOST_BYTES) return text;
  // A thousand packages: their digest is in the source's.
  const { packages: _packages, tools: _tools, ...rest } = manifest.source;
  return `${JSON.stringify({ ...manifest, source: rest }, null, 2)}\n`;
}

interface WrittenImage extends WrittenFile {
  /** What the bake compares: it takes the digest of every block anyway. */
  readonly blocks: string;
}

/** EBS's own, as docs/images.md says. */
const BLOCK_BYTES = 524_288;

async function measure(path: string): Promise<WrittenImage> {
  const [whole, blocks] = [createHash('sha256'), createHash('sha256')];
  const file = await open(path);
  try {
    const { size } = await file.stat();
    for (let at = 0; at < size; at += BLOCK_BYTES) {
      const block = Buffer.alloc(BLOCK_BYTES);
      const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, at);
      if (bytesRead !== Math.min(BLOCK_BYTES, size - at)) throw new Error(`${path} was cut short while it was read`);
      whole.update(block.subarray(0, bytesRead));
      blocks.update(createHash('sha256').update(block).digest());
    }
    return { path, bytes: size, sha256: whole.digest('hex'), blocks: blocks.digest('hex') };
  } finally {
    await file.close();
  }
}
