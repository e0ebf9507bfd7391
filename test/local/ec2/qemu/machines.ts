/** Real machines in real time, and what a test waits for of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveClock } from '../../../../local/kernel/clock-live.ts';
import type { SnapshotReader } from '../../../../local/kernel/ports.ts';
import { MemoryTrace } from '../../../../local/kernel/trace.ts';
import type { Disk, Guest, Machine } from '../../../../local/services/ec2/drivers/driver.ts';
import { createQemuDriver } from '../../../../local/services/ec2/drivers/qemu/qemu.ts';
import type { QemuDriverOptions } from '../../../../local/services/ec2/drivers/qemu/qemu.ts';
import { TestLedger } from '../world.ts';

export const MIB = 2 ** 20;

export const readerOf = (bytes: Uint8Array, volumeBytes = 64 * MIB): SnapshotReader => ({
  volumeBytes,
  dataBytes: bytes.length,
  async read(offset, length) {
    const piece = new Uint8Array(Math.max(0, Math.min(length, volumeBytes - offset)));
    piece.set(bytes.subarray(offset, offset + length));
    return piece;
  },
});

let machines = 0;

export const guestOf = (over: Partial<Guest> = {}): Guest => {
  machines += 1;
  return {
    instanceId: `i-0${machines.toString(16).padStart(16, '0')}`,
    imageId: 'ami-00000000000000001',
    address: `127.9.${process.pid & 255}.${machines & 255}`,
    userData: undefined,
    tags: {},
    memoryMiB: 64,
    cpus: 1,
    bootMode: 'legacy-bios',
    ports: [],
    hints: {},
    metadata: undefined,
    ...over,
  };
};

/** What a machine told, and a promise of the next time it says a thing. */
export class Story {
  readonly told: string[] = [];
  console = Buffer.alloc(0);
  #isStale = false;
  readonly #waiting: { readonly isSo: () => boolean; readonly resolve: () => void }[] = [];

  readonly hooks = {
    queued: (position: number) => this.#tell(`queued ${position}`),
    started: () => this.#tell('started'),
    console: (bytes: Uint8Array) => {
      this.console = Buffer.concat(this.#isStale ? [bytes] : [this.console, bytes]);
      this.#isStale = false;
      this.#look();
    },
    startsOver: () => (this.#isStale = true),
    poweredOff: (why: string) => this.#tell(`off: ${why}`),
    failed: (why: string, blame = 'client') => this.#tell(`failed (${blame}): ${why}`),
    crashed: (why: string) => this.#tell(`crashed: ${why}`),
  };

  /** Until something it told begins so. */
  until(text: string): Promise<void> {
    return this.#until(() => this.told.some((one) => one.startsWith(text)));
  }

  untilConsoleIs(isSo: (text: string) => boolean): Promise<void> {
    return this.#until(() => isSo(this.console.toString('latin1')));
  }

  untilConsole(text: string): Promise<void> {
    return this.#until(() => this.console.includes(text));
  }

  #until(isSo: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#waiting.push({ isSo, resolve: () => resolve(undefined) });
    this.#look();
    return promise;
  }

  #tell(text: string): void {
    this.told.push(text);
    this.#look();
  }

  #look(): void {
    for (const one of this.#waiting) if (one.isSo()) one.resolve();
  }
}

export async function openHost(over: Partial<QemuDriverOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'qemu-driver-'));
  const bugs: unknown[] = [];
  const time = new LiveClock({ onError: (label, error) => bugs.push(label, error) });
  const trace = new MemoryTrace(() => time.now());
  const children = new TestLedger();
  const options = { time, trace, children, directory, speed: 1, path: process.env['PATH'] ?? '', cores: 2 };
  const driver = createQemuDriver({ ...options, ...over });
  const running: Machine[] = [];
  const boot = (bytes: Uint8Array | undefined, guest: Partial<Guest> = {}, disks: readonly Disk[] = []) => {
    const story = new Story();
    const root = { device: '/dev/xvda', volumeId: 'vol-0', bytes: 64 * MIB, writablePath: '' };
    const base = bytes === undefined ? undefined : readerOf(bytes);
    const given = guestOf(guest);
    const machine = driver.boot(given, bytes === undefined ? disks : [{ ...root, base }, ...disks], story.hooks);
    running.push(machine);
    return { machine, story, guest: given };
  };
  const close = async () => {
    for (const machine of running) machine.kill();
    await Promise.all(running.map(({ ended }) => ended));
    time.stop();
    await rm(directory, { recursive: true, force: true });
    if (bugs.length > 0) throw new Error(`failed on the timetable: ${bugs.map(String).join(' ')}`);
  };
  const traced = (kind: string) => trace.entries().filter((entry) => entry.kind === kind);
  return { driver, trace, traced, children, directory, boot, close };
}
