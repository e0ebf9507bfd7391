/**
 * The real app with the services of test/fixtures/services, synthesized once for whatever its sources are now: all test
 * files, and the next run, find it again. An account opens it with the services its story needs.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../../..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'tandem-scenarios');
const SERVICES = 'test/fixtures/services';
const SOURCES = ['core', 'adapters', 'lambdas', 'lib', 'bin', 'scripts', 'package-lock.json'];
const PATIENCE_MS = 120_000;

export function assemblyWith(services: readonly string[]): string {
  const whole = wholeAssembly(SERVICES);
  const part = `${whole}.${services.toSorted().join('.')}`;
  if (existsSync(part)) return part;
  const made = `${part}.${process.pid}`;
  mkdirSync(made, { recursive: true });
  for (const name of readdirSync(whole)) if (name !== 'manifest.json') symlinkSync(join(whole, name), join(made, name));
  writeFileSync(join(made, 'manifest.json'), manifestWith(whole, services));
  return publish(made, part);
}

/** Service stacks need nothing of each other. */
function manifestWith(whole: string, services: readonly string[]): string {
  const manifest = JSON.parse(readFileSync(join(whole, 'manifest.json'), 'utf8')) as { artifacts: Record<string, unknown> };
  const isWanted = ([id]: [string, unknown]) => {
    const service = /^tandem-(.+?)(\.assets)?$/.exec(id)?.[1];
    return service === undefined || services.includes(service);
  };
  return JSON.stringify({ ...manifest, artifacts: Object.fromEntries(Object.entries(manifest.artifacts).filter(isWanted)) });
}

/** With all services of a folder. */
export function wholeAssembly(services: string): string {
  const name = digestOfSources(services);
  const whole = join(CACHE, name);
  const lock = `${whole}.lock`;
  while (!existsSync(whole)) {
    mkdirSync(CACHE, { recursive: true });
    if (isLockedByMe(lock)) return synthesize(services, whole, lock);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  return whole;
}

/** Made by one process at a time; the lock of one that was killed is taken over. */
function isLockedByMe(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - made > PATIENCE_MS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function synthesize(services: string, whole: string, lock: string): string {
  const made = `${whole}.${process.pid}`;
  try {
    removeOthers(basename(whole));
    execFileSync(process.execPath, ['scripts/synth.ts', '--services', services, '--out', made], { cwd: ROOT, stdio: 'pipe' });
    return publish(made, whole);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function publish(made: string, name: string): string {
  try {
    renameSync(made, name);
  } catch (error) {
    // Another process was as far at the same moment.
    if (!existsSync(name)) throw error;
    rmSync(made, { recursive: true });
  }
  return name;
}

/** Assemblies of sources that are no more; what is young may be somebody's who runs beside us. */
function removeOthers(name: string): void {
  for (const other of readdirSync(CACHE)) {
    const path = join(CACHE, other);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (!other.startsWith(name) && age > 30 * 60_000) rmSync(path, { recursive: true, force: true });
  }
}

function digestOfSources(services: string): string {
  const hash = createHash('sha256');
  for (const source of [...SOURCES, services]) {
    const path = join(ROOT, source);
    const files = statSync(path).isDirectory() ? readdirSync(path, { recursive: true, encoding: 'utf8' }).toSorted() : [''];
    for (const file of files) {
      const full = join(path, file);
      if (statSync(full).isFile()) hash.update(`${source}/${file}\n`).update(readFileSync(full));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
