/**
 * A virtual machine: its volumes are laid out, it waits at the gate, boots (more than once, while its devices are being
 * found), runs, and is off.
 *
 *   laying out ──► in line ──► trial ──► running ──► off
 *                     │         │  └─ lost: the next profile, on a fresh disk
 *                     └─────────┴── told to end: off
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../../../../kernel/world.ts';
import type { Blame, Disk, DiskCopy, Guest, Machine, MachineHooks } from '../driver.ts';
import { toArguments } from './arguments.ts';
import { Boot } from './boot.ts';
import type { BootEnd } from './boot.ts';
import { explain } from './explain.ts';
import { copyRunning, takeScreenshot } from './copies.ts';
import type { Place } from './gate.ts';
import { afterReal } from './host.ts';
import type { Host } from './host.ts';
import { layOut, nodeOf } from './lay-out.ts';
import type { Laid } from './lay-out.ts';
import { HintRefused } from './profile.ts';
import type { Attempt } from './profile.ts';
import { QmpFailed } from './qmp.ts';
import { copyAtRest, renewVolume } from './volumes.ts';

/** EC2 waits some minutes for a guest to shut down; what takes seconds to boot takes no longer to end. */
const GRACE_MS = 20_000;
/** A guest that is still booting does not hear the button. */
const PRESS_AGAIN_MS = 2_000;

interface End {
  readonly kind: 'off' | 'failed' | 'crashed';
  readonly why: string;
  readonly blame?: Blame;
}

export class QemuMachine implements Machine {
  readonly ended: Promise<void>;
  readonly #host: Host;
  readonly #guest: Guest;
  readonly #disks: readonly Disk[];
  readonly #hooks: MachineHooks;
  readonly #directory: string;
  readonly #timers: Entry[] = [];
  #place: Place | undefined;
  #boot: Boot | undefined;
  /** Somebody wants it off. */
  #isCalledOff = false;
  #hasLeft = false;
  #hasStarted = false;
  #copies = 0;

  constructor(host: Host, guest: Guest, disks: readonly Disk[], hooks: MachineHooks) {
    this.#host = host;
    this.#guest = guest;
    this.#hooks = hooks;
    this.#directory = join(host.directory, guest.instanceId);
    this.#disks = disks.map((disk) =>
      disk.writablePath === '' ? { ...disk, writablePath: join(this.#directory, disk.volumeId) } : disk,
    );
    this.ended = this.#live().then((end) => this.#tell(end));
  }

  stop(): void {
    if (this.#isCalledOff) return;
    this.#callOff();
    this.#press();
    this.#timers.push(afterReal(this.#host, GRACE_MS, `${this.#guest.instanceId} is given up`, () => this.kill()));
  }

  kill(): void {
    this.#callOff();
    this.#boot?.process.kill();
  }

  reset(): void {
    this.#boot?.process.qmp.execute('system_reset').catch(() => undefined);
  }

  async discard(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  async screenshot(): Promise<Uint8Array> {
    return takeScreenshot(this.#running.process.qmp, this.#newPath('screen'));
  }

  async diagnose(): Promise<void> {
    await this.#running.process.qmp.execute('inject-nmi');
  }

  async openDisks(volumeIds: readonly string[]): Promise<readonly DiskCopy[]> {
    const wanted = volumeIds.map((id) => this.#getDisk(id));
    const { qemuImg } = this.#host.tools();
    if (this.#boot !== undefined) {
      const copies = wanted.map(({ disk, node }) => ({ node, bytes: disk.bytes, path: this.#newPath('copy') }));
      return copyRunning(qemuImg, this.#boot.process.qmp, copies);
    }
    return Promise.all(wanted.map(({ disk }) => copyAtRest(qemuImg, disk, this.#newPath('copy'))));
  }

  #getDisk(volumeId: string) {
    const index = this.#disks.findIndex((disk) => disk.volumeId === volumeId);
    const disk = this.#disks[index];
    if (disk === undefined) throw new TypeError(`${this.#guest.instanceId} has no volume ${volumeId}`);
    return { disk, node: nodeOf(index) };
  }

  #newPath(what: string): string {
    this.#copies += 1;
    return join(this.#directory, `${what}-${this.#copies}`);
  }

  get #running(): Boot {
    if (this.#boot === undefined) throw new QmpFailed(`${this.#guest.instanceId} is not running`);
    return this.#boot;
  }

  async #live(): Promise<End> {
    try {
      const laid = await layOut(this.#host, this.#guest, this.#disks, this.#directory);
      if (!(await this.#isItsTurn())) return { kind: 'off', why: 'called off before it booted' };
      return await this.#bootUntilSettled(laid);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { kind: 'failed', why, blame: error instanceof HintRefused ? 'client' : 'server' };
    } finally {
      this.#place?.leave();
      for (const timer of this.#timers) timer.cancel();
    }
  }

  async #isItsTurn(): Promise<boolean> {
    if (this.#isCalledOff) return false;
    this.#hasLeft = false;
    this.#place = this.#host.gate.enter((position) => {
      this.#trace('boot waits', { position });
      this.#hooks.queued?.(position);
    });
    return this.#place.turn;
  }

  async #bootUntilSettled(laid: Laid): Promise<End> {
    for (const [index, attempt] of laid.attempts.entries()) {
      // One that waited for something has left the gate.
      if (index > 0 && this.#hasLeft && !(await this.#isItsTurn())) return { kind: 'off', why: 'called off between two boots' };
      if (this.#isCalledOff) return { kind: 'off', why: 'called off before it booted' };
      if (!attempt.isTrial) this.#settle(laid, attempt);
      const end = await this.#tryOnce(laid, attempt);
      if (end.kind !== 'lost') return this.#toEnd(end);
      this.#host.profiles.lost(this.#guest.imageId, attempt.profile);
      this.#trace('profile lost', { ...attempt.profile, why: end.why });
      this.#hooks.startsOver?.();
      if (laid.isFresh) await this.#renewVolumes();
    }
    throw new TypeError('the last attempt to boot was a trial');
  }

  async #tryOnce(laid: Laid, attempt: Attempt): Promise<BootEnd> {
    const { instanceId, address } = this.#guest;
    this.#trace('boots', { ...attempt.profile, trial: attempt.isTrial, accel: laid.shape.accel });
    const { forwards, packets } = laid.shape;
    const args = toArguments({ ...laid.shape, profile: attempt.profile });
    const boot = new Boot(
      this.#host,
      { args, isTrial: attempt.isTrial, instanceId, address, forwards, packets },
      {
        started: () => this.#onStarted(),
        console: (bytes) => this.#hooks.console(bytes),
        cameUp: () => this.#settle(laid, attempt),
        over: () => this.#leave(),
      },
    );
    this.#boot = boot;
    try {
      return await boot.ended;
    } finally {
      this.#boot = undefined;
    }
  }

  /** Once: a trial that was lost is nobody's event. */
  #onStarted(): void {
    if (!this.#hasStarted) this.#hooks.started();
    this.#hasStarted = true;
  }

  #settle({ order }: Laid, { profile }: Attempt): void {
    if (order.length === 0) return;
    this.#trace('profile settled', { ...profile });
    this.#host.profiles.settled(this.#guest.imageId, profile, order);
  }

  /** As they were before the trial: what it wrote is no part of the guest's life. */
  async #renewVolumes(): Promise<void> {
    const { qemuImg } = this.#host.tools();
    await Promise.all(this.#disks.map((disk) => renewVolume(qemuImg, disk)));
  }

  #leave(): void {
    this.#hasLeft = true;
    this.#place?.leave();
  }

  #callOff(): void {
    this.#isCalledOff = true;
    this.#boot?.settle();
    this.#place?.leave();
  }

  #press(): void {
    this.#boot?.process.qmp.execute('system_powerdown').catch(() => undefined);
    this.#timers.push(afterReal(this.#host, PRESS_AGAIN_MS, `${this.#guest.instanceId} is to end`, () => this.#press()));
  }

  #toEnd({ kind, why }: BootEnd): End {
    if (kind === 'off') return { kind, why };
    return kind === 'never ran' ? { kind: 'failed', why: explain(why, this.#guest), blame: 'server' } : { kind: 'crashed', why };
  }

  #tell({ kind, why, blame }: End): void {
    if (kind === 'off') this.#hooks.poweredOff(why);
    else if (kind === 'failed' && !this.#hasStarted) this.#hooks.failed(why, blame);
    else this.#hooks.crashed(why);
  }

  #trace(kind: string, data: Readonly<Record<string, unknown>>): void {
    this.#host.trace.add('ec2/qemu', kind, { instance: this.#guest.instanceId, ...data });
  }
}
