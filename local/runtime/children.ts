/**
 * Processes that must not outlive the runtime. Each run has a directory of its own with a ledger of its children; the
 * next run ends what the ledger of a dead one still names. A pid alone may be somebody else's by then, so the ledger
 * keeps each process's start time (field 22 of /proc/<pid>/stat) with it.
 */
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildLedger } from '../kernel/ports.ts';

interface ProcessName {
  readonly pid: number;
  readonly startedAt: string;
}

interface Ledger {
  readonly owner: ProcessName;
  readonly children: readonly ProcessName[];
}

const FILE = 'children.json';

/** When the process began, in clock ticks since boot; undefined when there is none (or no /proc). */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command, stands in parentheses and may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

export const nameOf = (pid: number): ProcessName => ({ pid, startedAt: startTime(pid) ?? 'unknown' });
export const isAlive = ({ pid, startedAt }: ProcessName) => startTime(pid) === startedAt;

export class FileLedger implements ChildLedger {
  readonly #path: string;
  readonly #owner = nameOf(process.pid);
  readonly #children = new Map<number, ProcessName>();

  constructor(directory: string) {
    this.#path = join(directory, FILE);
    this.#write();
  }

  add(pid: number): void {
    this.#children.set(pid, nameOf(pid));
    this.#write();
  }

  remove(pid: number): void {
    this.#children.delete(pid);
    this.#write();
  }

  /** Renamed into place, so that a runtime killed in mid-write leaves the ledger before. */
  #write(): void {
    const ledger: Ledger = { owner: this.#owner, children: [...this.#children.values()] };
    writeFileSync(`${this.#path}.new`, JSON.stringify(ledger));
    renameSync(`${this.#path}.new`, this.#path);
  }
}

/** A directory for this run under `root`; first ends the children of runs that died, and removes their directories. */
export function openRunDirectory(root: string): string {
  mkdirSync(root, { recursive: true });
  for (const name of readdirSync(root)) reap(join(root, name));
  const directory = join(root, `run-${process.pid}-${startTime(process.pid) ?? 'unknown'}-${readdirSync(root).length}`);
  mkdirSync(directory, { recursive: true });
  return directory;
}

function reap(directory: string): void {
  const ledger = readLedger(directory);
  if (ledger === undefined || isAlive(ledger.owner)) return;
  for (const child of ledger.children) if (isAlive(child)) killGroup(child.pid);
  rmSync(directory, { recursive: true, force: true });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone between the look and the kill.
  }
}

function readLedger(directory: string): Ledger | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(join(directory, FILE), 'utf8'));
    return isLedger(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

const isLedger = (value: unknown): value is Ledger =>
  typeof value === 'object' && value !== null && 'owner' in value && 'children' in value && Array.isArray(value.children);
