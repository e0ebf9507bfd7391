/** Starts what a user would start: `npm run synth`, then the local runtime over the result, as processes of their own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '..');

export interface Running {
  readonly endpoint: string;
  readonly region: string;
  stop(): Promise<void>;
}

const tail = (lines: readonly string[]) => lines.slice(-20).join('\n');

async function finish(child: ChildProcess, what: string): Promise<void> {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n')));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`${what} failed (exit ${String(child.exitCode)}):\n${tail(lines)}`);
}

export async function synthesize(services: string, out: string): Promise<void> {
  const child = spawn(process.execPath, ['scripts/synth.ts', '--services', services, '--out', out], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await finish(child, 'synth');
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

/** Resolves when the runtime serves; rejects with its last words when it ends instead. */
export async function startRuntime(options: RuntimeOptions): Promise<Running> {
  const flags = [
    '--assembly',
    options.assembly,
    '--speed',
    String(options.speed),
    '--seed',
    String(options.seed),
    '--port',
    '0',
    '--json',
  ];
  // A process group of its own: Ctrl-C reaches the demo first, which then stops the runtime in order.
  const child = spawn(process.execPath, ['cli/main.ts', 'local', ...flags], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lines: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n')));
  const exited = once(child, 'close');
  const ready = new Promise<Ready>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const found = readReady(line);
      if (found) resolve(found);
    });
    void exited.then(() => reject(new Error(`the local runtime ended (exit ${String(child.exitCode)}):\n${tail(lines)}`)));
  });
  const stop = async () => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await exited;
  };
  return { ...(await ready), stop };
}
