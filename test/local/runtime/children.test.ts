import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileLedger, openRunDirectory, startTime } from '../../../local/runtime/children.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'runs-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const sleeper = () => spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });

/** A process that was killed before says so by another signal than ours. */
async function endedByUs(child: ChildProcess): Promise<boolean> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  return (await ended)[1] === 'SIGTERM';
}

/** A run whose owner is dead, with one child; answers its directory. */
function deadRun(child: { readonly pid: number; readonly startedAt: string }): string {
  const directory = join(root, 'run-dead');
  mkdirSync(directory);
  writeFileSync(
    join(directory, 'children.json'),
    JSON.stringify({ owner: { pid: 999_999_999, startedAt: '1' }, children: [child] }),
  );
  return directory;
}

describe('the ledger of children', () => {
  it('ends the children of a run that died, and removes its directory', async () => {
    const child = sleeper();
    const ended = once(child, 'exit');
    const dead = deadRun({ pid: child.pid!, startedAt: startTime(child.pid!)! });
    openRunDirectory(root);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(existsSync(dead)).toBe(false);
  });

  it('leaves a process alone that only has the number of a dead child', async () => {
    const bystander = sleeper();
    deadRun({ pid: bystander.pid!, startedAt: 'another time' });
    openRunDirectory(root);
    expect(await endedByUs(bystander)).toBe(true);
  });

  it('leaves a run alone whose owner lives, with its children', async () => {
    const child = sleeper();
    const running = openRunDirectory(root);
    new FileLedger(running).add(child.pid!);
    openRunDirectory(root);
    expect(existsSync(running)).toBe(true);
    expect(await endedByUs(child)).toBe(true);
  });
});
