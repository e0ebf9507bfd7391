/** The real app with the example service, synthesized as a user would: scripts/synth.ts, real bundles. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface RealAssembly {
  readonly directory: string;
  remove(): void;
}

export async function synthesizeRealApp(): Promise<RealAssembly> {
  const directory = mkdtempSync(join(tmpdir(), 'campaign-'));
  await promisify(execFile)(process.execPath, ['scripts/synth.ts', '--services', 'examples/services', '--out', directory], {
    cwd: ROOT,
  });
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
