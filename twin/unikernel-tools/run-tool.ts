/** Runs a user's tool: arguments as they are, no shell, its lines as they come, and its last words when it fails. */
import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { TwinError } from '../twin-error.ts';

export interface ToolCall {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly tell: (line: string) => void;
}

/** A build that downloads a kernel over a slow line takes minutes; one that waits for an answer to a prompt, for ever. */
const MOST_MINUTES = 20;
const LAST_LINES = 12;

export async function runTool(call: ToolCall): Promise<readonly string[]> {
  const name = [basename(call.program), call.arguments[0]].join(' ');
  const child = spawn(call.program, call.arguments, {
    cwd: call.directory,
    env: call.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MOST_MINUTES * 60_000,
    killSignal: 'SIGKILL',
  });
  const lines: string[] = [];
  const take = (line: string) => {
    if (line.trim() === '') return;
    lines.push(line);
    call.tell(`${name}: ${line}`);
  };
  const [end] = await Promise.all([ended(child), readLines(child.stdout, take), readLines(child.stderr, take)]);
  if (end === 'exit 0') return lines;
  const why = child.killed ? `did not end within ${MOST_MINUTES} minutes` : `failed (${end})`;
  throw new TwinError([`${name} ${why}. Its last words:`, ...lines.slice(-LAST_LINES)].join('\n  '));
}

const ended = (child: ReturnType<typeof spawn>) =>
  new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('close', (code, signal) => {
      resolve(code === null ? String(signal) : `exit ${code}`);
    });
  });

async function readLines(from: Readable, take: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: from })) take(line);
}
