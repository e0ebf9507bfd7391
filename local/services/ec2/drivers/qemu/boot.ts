/** One boot of a machine with one profile, until it is off or has lost its trial. */
import type { Entry } from '../../../../kernel/world.ts';
import { PACKET_FILTER } from './arguments.ts';
import { judgeTrial, LOOK_MS, Observer, overBecause } from './boot-watch.ts';
import type { Forward } from './forwards.ts';
import { afterReal, realNow } from './host.ts';
import type { Host } from './host.ts';
import type { QmpEvent } from './qmp.ts';
import { QemuProcess } from './qemu-process.ts';
import type { QemuEnd } from './qemu-process.ts';
import { Tail } from './tail.ts';

export interface BootPlan {
  readonly args: readonly string[];
  readonly isTrial: boolean;
  readonly instanceId: string;
  readonly address: string;
  readonly forwards: readonly Forward[];
  /** Where QEMU records what the guest sends. */
  readonly packets: string;
}

export interface BootHooks {
  started(): void;
  console(bytes: Uint8Array): void;
  /** The trial is won. */
  cameUp(): void;
  /** This guest leaves its core to others now. */
  over(why: string): void;
}

export interface BootEnd {
  readonly kind: 'off' | 'never ran' | 'crashed' | 'lost';
  readonly why: string;
}

/** QEMU is ready in a tenth of a second; on a host that swaps, in some. */
const START_MS = 30_000;
const CONSOLE_BYTES = 65_536;
/** Resets that make a loop: an installer may want one or two. */
const LOOP = 3;

export class Boot {
  readonly ended: Promise<BootEnd>;
  readonly process: QemuProcess;
  readonly #host: Host;
  readonly #plan: BootPlan;
  readonly #hooks: BootHooks;
  readonly #observer: Observer;
  readonly #heard = new Tail(CONSOLE_BYTES);
  readonly #startedAt: number;
  readonly #deadline: Entry;
  #heardAt: number;
  #isReady = false;
  #isOnTrial: boolean;
  #isOver = false;
  #isEnded = false;
  #lostBecause: string | undefined;
  #resets = 0;

  constructor(host: Host, plan: BootPlan, hooks: BootHooks) {
    this.#host = host;
    this.#plan = plan;
    this.#hooks = hooks;
    this.#isOnTrial = plan.isTrial;
    this.#startedAt = this.#heardAt = realNow(host);
    const onConsole = (bytes: Uint8Array) => this.#hear(bytes);
    this.process = new QemuProcess({ tools: host.tools(), children: host.children, args: plan.args, onConsole });
    this.#observer = new Observer({ ...plan, process: this.process });
    this.process.qmp.on((event) => this.#onEvent(event));
    this.#deadline = afterReal(host, START_MS, `${plan.instanceId} has no QEMU`, () => this.process.kill());
    this.process.qmp.execute('qmp_capabilities').then(
      () => this.#onReady(),
      () => undefined,
    );
    this.ended = this.process.ended.then((end) => this.#end(end));
  }

  /** Somebody wants the guest off: however it ends now, the trial is over. */
  settle(): void {
    this.#isOnTrial = false;
  }

  #onReady(): void {
    this.#isReady = true;
    this.#deadline.cancel();
    this.#hooks.started();
    this.#lookLater();
  }

  #hear(bytes: Uint8Array): void {
    this.#heardAt = realNow(this.#host);
    if (this.#isOnTrial) this.#heard.write(bytes);
    this.#hooks.console(bytes);
  }

  /** A guest that resets goes on in the same machine; in a trial it has lost. */
  #onEvent({ event, data }: QmpEvent): void {
    if (event !== 'RESET' || data['guest'] !== true) return;
    this.#resets += 1;
    // A guest may reset many times a second, for ever.
    if (Number.isInteger(Math.log2(this.#resets))) this.#trace('guest reset', { times: this.#resets });
    if (this.#isOnTrial) void this.#loseUnlessItSent(`reset after ${this.#ageMs()} ms`);
    // It would use a core for ever, and come up no more.
    else if (this.#resets === LOOP) this.#leave('resets again and again');
  }

  async #loseUnlessItSent(why: string): Promise<void> {
    if (await this.#observer.hasSent()) this.#win();
    else if (this.#isOnTrial) this.#lose(why);
  }

  #win(): void {
    if (!this.#isOnTrial) return;
    this.#hooks.cameUp();
    this.settle();
  }

  #lookLater(): void {
    if (this.#isEnded || (this.#isOver && !this.#isOnTrial)) this.#observer.close();
    else afterReal(this.#host, LOOK_MS, `${this.#plan.instanceId} is watched`, () => this.#look());
  }

  async #look(): Promise<void> {
    const quietMs = realNow(this.#host) - this.#heardAt;
    const console = this.#isOnTrial ? this.#heard.peek() : Buffer.alloc(0);
    const look = await this.#observer.look(this.#ageMs(), quietMs, console);
    if (this.#isEnded) return;
    const outcome = judgeTrial(look);
    if (outcome === 'came up') this.#win();
    if (outcome === 'lost' && this.#isOnTrial) this.#lose(`has sent and printed nothing for ${Math.round(quietMs)} ms`);
    if (look.hasSent) this.process.qmp.execute('object-del', { id: PACKET_FILTER }).catch(() => undefined);
    const over = overBecause(look);
    if (over !== undefined) this.#leave(over);
    this.#lookLater();
  }

  #leave(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#trace('boot over', { why, ms: this.#ageMs() });
    this.#hooks.over(why);
  }

  #lose(why: string): void {
    this.#lostBecause ??= why;
    this.process.kill();
  }

  async #end({ isPowerOff, why }: QemuEnd): Promise<BootEnd> {
    this.#isEnded = true;
    this.#deadline.cancel();
    this.#observer.close();
    if (!this.#isReady) return { kind: 'never ran', why: isPowerOff ? 'QEMU was not ready in time' : why };
    if (this.#lostBecause === undefined && (await this.#observer.hasSent())) this.#win();
    if (this.#isOnTrial && isPowerOff) return { kind: 'lost', why: this.#lostBecause ?? `${why} after ${this.#ageMs()} ms` };
    this.settle();
    return { kind: isPowerOff ? 'off' : 'crashed', why };
  }

  #ageMs(): number {
    return Math.round(realNow(this.#host) - this.#startedAt);
  }

  #trace(kind: string, data: Readonly<Record<string, unknown>>): void {
    this.#host.trace.add('ec2/qemu', kind, { instance: this.#plan.instanceId, ...data });
  }
}
