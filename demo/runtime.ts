/** Starts what a user would start: `npm run synth`, then the local runtime over the result, as processes of their own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '..');

/** Compiled code is kept beside what npm installed, so that the next demo starts sooner. */
const env = { ...process.env, NODE_COMPILE_CACHE: path.join(root, 'node_modules/.cache/tandem-compiled') };

export interface Running {
  readonly endpoint: string;
  readonly region: string;
  stop(): Promise<void>;
}

export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** Never resolves; rejects when the signal is, or already was, aborted. */
export function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const refuse = () => reject(new Interrupted());
    if (signal.aborted) refuse();
    else signal.addEventListener('abort', refuse, { once: true });
  });
}

const tail = (lines: readonly string[]) => lines.slice(-20).join('\n');

/** A process group of its own: Ctrl-C reaches the demo alone, which then ends the child in order. */
function start(args: readonly string[], stdio: ('ignore' | 'pipe' | 'ipc')[]): ChildProcess {
  return spawn(process.execPath, args, { cwd: root, env, stdio, detached: true });
}

/** Asks it to end, and waits until it has. */
async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  await exited;
}

export async function synthesize(services: string, out: string, signal: AbortSignal): Promise<void> {
  const child = start(['scripts/synth.ts', '--services', services, '--out', out], ['ignore', 'pipe', 'pipe']);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n')));
  const exited = once(child, 'close');
  try {
    await Promise.race([exited, whenAborted(signal)]);
  } finally {
    await end(child, exited);
  }
  if (child.exitCode !== 0) throw new Error(`synth failed (exit ${String(child.exitCode)}):\n${tail(lines)}`);
}

export interface RuntimeOptions {
  readonly assembly: string;
  readonly speed: number;
  readonly seed: number;
}

interface Ready {
  readonly endpoint: string;
  readonly region: string;
}

function readReady(line: string): Ready | undefined {
  if (!line.startsWith('{')) return undefined;
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'ready') return undefined;
  if (!('endpoint' in value) || !('region' in value)) return undefined;
  return { endpoint: String(value.endpoint), region: String(value.region) };
}

/** Resolves at the line in which the runtime says that it serves; rejects with its last words when it ends instead. */
function whenReady(child: ChildProcess, exited: Promise<unknown>): Promise<Ready> {
  const lines: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n')));
  return new Promise<Ready>((resolve, reject) => {
    if (!child.stdout) throw new TypeError('the runtime has no standard output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const found = readReady(line);
      if (found) resolve(found);
    });
    void exited.then(() => reject(new Error(`the local runtime ended (exit ${String(child.exitCode)}):\n${tail(lines)}`)));
  });
}

export async function startRuntime(options: RuntimeOptions, signal: AbortSignal): Promise<Running> {
  const { assembly, speed, seed } = options;
  const flags = ['--assembly', assembly, '--speed', String(speed), '--seed', String(seed), '--port', '0', '--json'];
  // The channel tells the runtime when this process is gone, however it went.
  const child = start(['cli/main.ts', 'local', ...flags], ['ignore', 'pipe', 'pipe', 'ipc']);
  const exited = once(child, 'close');
  try {
    const ready = await Promise.race([whenReady(child, exited), whenAborted(signal)]);
    return { ...ready, stop: () => end(child, exited) };
  } catch (error) {
    await end(child, exited);
    throw error;
  }
}
