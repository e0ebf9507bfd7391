/**
 * The `process` driver: the disk is a tar with an executable `run`, which is run as a child process with the instance's
 * own loopback address. It proves the control flow, not the boundary of a virtual machine.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat, symlink } from 'node:fs/promises';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ChildLedger, SnapshotReader } from '../../../kernel/ports.ts';
import type { Entry, Timetable } from '../../../kernel/world.ts';
import { readBundle } from './bundle.ts';
import type { BundleEntry } from './bundle.ts';
import { isTar, rootBaseOf } from './driver.ts';
import type { Driver, Guest, Machine, MachineHooks } from './driver.ts';

export interface ProcessDriverOptions {
  /** Every machine gets a directory in it. */
  readonly directory: string;
  readonly children: ChildLedger;
  readonly time: Timetable;
  /** Where the bundles' interpreters are found. */
  readonly path: string;
}

/** What a boot is known by on a console. The kernel is this machine's: a process has none of its own. */
const BANNER = Buffer.from(`Linux version ${release()} (of the machine whose process this instance is)\n`);
/** What the first process of a container ends by when it calls reboot(2): here, too, that is a guest that resets itself. */
const RESETS: NodeJS.Signals = 'SIGHUP';
/** EC2 waits some minutes for a guest to shut down; a process that ignores SIGTERM needs no more. */
const GRACE_MS = 60_000;

export const createProcessDriver = (options: ProcessDriverOptions): Driver => ({
  name: 'process',
  fits: isTar,
  boot: (guest, disks, hooks) => new ProcessMachine(options, guest, hooks).boot(rootBaseOf(disks)),
});

class ProcessMachine implements Machine {
  readonly #options: ProcessDriverOptions;
  readonly #guest: Guest;
  readonly #hooks: MachineHooks;
  readonly #directory: string;
  #child: ChildProcess | undefined;
  #grace: Entry | undefined;
  /** Told to end before there was a process. */
  #isCalledOff = false;
  #hasStarted = false;
  #isResetting = false;
  readonly #end = Promise.withResolvers<undefined>();

  constructor(options: ProcessDriverOptions, guest: Guest, hooks: MachineHooks) {
    this.#options = options;
    this.#guest = guest;
    this.#hooks = hooks;
    this.#directory = join(options.directory, guest.instanceId);
  }

  get ended(): Promise<undefined> {
    return this.#end.promise;
  }

  boot(disk: SnapshotReader): this {
    this.#unpack(disk).then(
      () => this.#start(),
      (error: unknown) => this.#fail(`the bundle cannot be unpacked: ${textOf(error)}`),
    );
    return this;
  }

  stop(): void {
    this.#isCalledOff = true;
    this.#signal('SIGTERM');
    this.#grace ??= this.#options.time.after(GRACE_MS, `${this.#guest.instanceId} is given up`, () => this.kill());
  }

  kill(): void {
    this.#isCalledOff = true;
    this.#signal('SIGKILL');
  }

  reset(): void {
    if (!this.#isAlive()) return;
    this.#isResetting = true;
    this.#signal('SIGKILL');
  }

  async discard(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #unpack(disk: SnapshotReader): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    await readBundle(disk, (entry, content) => writeEntry(this.#directory, entry, content));
    const run = await stat(join(this.#directory, 'run')).catch(() => undefined);
    if (run?.isFile() !== true) throw new Error('it has no file "run"');
    if ((run.mode & 0o100) === 0) throw new Error('its file "run" is not executable');
  }

  #start(): void {
    if (this.#isCalledOff) {
      this.#powerOff('called off before it started');
      return;
    }
    const { address, userData } = this.#guest;
    const child = spawn(join(this.#directory, 'run'), [], {
      cwd: this.#directory,
      // A group of its own, so that the plug is pulled for its children too.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { HOST: address, PATH: this.#options.path, ...(userData && { USER_DATA: userData.toString() }) },
    });
    this.#child = child;
    this.#isResetting = false;
    this.#hooks.console(BANNER);
    this.#watch(child);
  }

  #watch(child: ChildProcess): void {
    const { children } = this.#options;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (bytes: unknown) => {
        if (bytes instanceof Uint8Array) this.#hooks.console(bytes);
      });
    if (child.pid !== undefined) children.add(child.pid);
    child.once('spawn', () => this.#onSpawned());
    child.once('error', (error) => {
      if (child.pid === undefined) this.#fail(`"run" cannot be started: ${error.message}`);
    });
    // Children that outlive their leader die with it, as processes do when a machine is off.
    child.once('exit', () => signalGroup(child.pid, 'SIGKILL'));
    child.once('close', (code, signal) => {
      if (child.pid === undefined) return;
      children.remove(child.pid);
      if ((this.#isResetting || signal === RESETS) && !this.#isCalledOff) this.#start();
      else this.#powerOff(signal === null ? `exit code ${code ?? ''}` : `signal ${signal}`);
    });
  }

  /** Once: nobody is told of a reset. */
  #onSpawned(): void {
    if (!this.#hasStarted) this.#hooks.started();
    this.#hasStarted = true;
  }

  #powerOff(why: string): void {
    this.#grace?.cancel();
    this.#end.resolve(undefined);
    this.#hooks.poweredOff(why);
  }

  #fail(why: string): void {
    this.#grace?.cancel();
    this.#end.resolve(undefined);
    this.#hooks.failed(why);
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#isAlive()) signalGroup(this.#child?.pid, signal);
  }

  #isAlive(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: the whole group is gone already.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function writeEntry(directory: string, entry: BundleEntry, content: AsyncIterable<Uint8Array>): Promise<void> {
  const path = join(directory, entry.name);
  if (entry.kind === 'directory') {
    await mkdir(path, { recursive: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  if (entry.kind === 'link') await symlink(entry.target, path);
  else await pipeline(Readable.from(content), createWriteStream(path, { flags: 'wx', mode: (entry.mode & 0o777) | 0o600 }));
}
