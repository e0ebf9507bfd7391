/** No machine outlives its runtime, however that ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRunDirectory } from '../../../../local/runtime/children.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dying-runtime-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Killed without a word while its machine runs; answers the machine's pid. */
async function killedRuntime(path: string): Promise<number> {
  const script = join(import.meta.dirname, 'runtime-that-dies.ts');
  const runtime = spawn(process.execPath, [script, root, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: root },
  });
  await once(runtime.stdout, 'data');
  const run = readdirSync(root).find((name) => name.startsWith('run-')) ?? '';
  const ledger = JSON.parse(readFileSync(join(root, run, 'children.json'), 'utf8')) as { children: { pid: number }[] };
  const exited = once(runtime, 'exit');
  runtime.kill('SIGKILL');
  await exited;
  return ledger.children[0]!.pid;
}

/** A zombie runs no more; who is to bury it is not ours to say. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
}

async function untilGone(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
}

it('a machine ends with a runtime that is killed', async () => {
  const pid = await killedRuntime(process.env['PATH'] ?? '');
  await untilGone(pid);
});

it('and where the kernel is not asked to see to it, the next run ends it', async () => {
  const tools = mkdtempSync(join(root, '..', 'tools-'));
  for (const name of ['qemu-system-x86_64', 'qemu-img']) {
    const found = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((directory) => join(directory, name))
      .find(existsSync);
    symlinkSync(found!, join(tools, name));
  }
  const pid = await killedRuntime(tools);
  expect(isRunning(pid)).toBe(true);
  openRunDirectory(root);
  await untilGone(pid);
  rmSync(tools, { recursive: true });
});
