/**
 * The synthesized app as a user runs it: `tandem local` as a process of its own, over AWS's protocols, with real machines.
 * Its temporary files are the test's alone, so that what it leaves behind can be told from everybody else's.
 */
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface LiveOptions {
  readonly assembly: string;
  readonly speed: number;
  /** For its temporary files. */
  readonly folder: string;
  /** Where it finds QEMU. */
  readonly path: string;
}

export interface LiveAccount {
  readonly endpoint: string;
  readonly region: string;
  stop(): Promise<void>;
  /** Without a word. */
  kill(): Promise<void>;
}

export async function openLiveAccount({ assembly, speed, folder, path }: LiveOptions): Promise<LiveAccount> {
  const flags = ['--assembly', assembly, '--speed', String(speed), '--seed', '1', '--port', '0', '--json'];
  const env = { ...process.env, TMPDIR: folder, PATH: path };
  const child = spawn(process.execPath, ['cli/main.ts', 'local', ...flags], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'close');
  const ready = await whenReady(child, exited);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return { ...ready, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

async function whenReady(child: ChildProcess, exited: Promise<unknown>): Promise<{ endpoint: string; region: string }> {
  const said: string[] = [];
  child.stderr!.on('data', (bytes: Buffer) => said.push(bytes.toString()));
  const lines = createInterface({ input: child.stdout! });
  const ready = new Promise<{ endpoint: string; region: string }>((found) => {
    lines.on('line', (line) => {
      said.push(line);
      if (line.includes('"kind":"ready"')) found(JSON.parse(line) as { endpoint: string; region: string });
    });
  });
  return Promise.race([ready, exited.then(() => Promise.reject(new Error(`the runtime ended:\n${said.join('\n')}`)))]);
}

export const configOf = ({ endpoint, region }: Pick<LiveAccount, 'endpoint' | 'region'>) => ({
  ...{ endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
});

/** What a stack tells of itself in its parameter. */
export async function factsOf<Facts>(live: LiveAccount, Name: string): Promise<Facts> {
  const { Parameter } = await new SSMClient(configOf(live)).send(new GetParameterCommand({ Name }));
  return JSON.parse(Parameter!.Value!) as Facts;
}

/** The machines whose files are below the folder. A zombie runs no more: who is to bury it is not ours to say. */
export function machinesIn(folder: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const isMachine = readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(`${folder}/`);
      return isMachine && /^\S+ \(qemu/.test(readFileSync(`/proc/${name}/stat`, 'latin1')) ? Number(name) : [];
    } catch {
      // No process, or none any more.
      return [];
    }
  });
}
