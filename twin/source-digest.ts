/**
 * What both images of a release were made of, in one digest: what `twin.json` says, every file of both roots, the kernel, and
 * the programs that run inside. Two images that name the same digest come from one source.
 */
import { createHash } from 'node:crypto';
import { bytesOf, type RootFiles } from './root-files.ts';

export const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export async function digestOf(
  parts: Readonly<Record<string, string | Uint8Array>>,
  roots: Readonly<Record<string, RootFiles>>,
): Promise<string> {
  const hash = createHash('sha256');
  for (const [name, value] of Object.entries(parts).toSorted(byName)) hash.update(`${name} ${sha256(value)}\n`);
  for (const [name, root] of Object.entries(roots).toSorted(byName)) {
    hash.update(`${name}\n`);
    for (const line of await linesOf(root)) hash.update(line);
  }
  return hash.digest('hex');
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

async function linesOf(root: RootFiles): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const [path, entry] of [...root].toSorted(byName)) {
    const mode = entry.kind === 'link' ? 'link' : entry.mode.toString(8);
    lines.push(`${JSON.stringify(path)} ${mode} ${sha256(await bytesOf(entry))}\n`);
  }
  return lines;
}
