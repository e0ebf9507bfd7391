/**
 * Watches a guest come up, for two questions: may the next one boot now, and does this one have the devices it knows?
 *
 * A place in the gate is held until the guest listens on a port, or is idle and has printed nothing new for a while, or
 * for `CAP_MS`. That a guest listens is asked of QEMU's network: the forward accepts long before the guest has one.
 */
import { readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Forward } from './forwards.ts';
import { saysNoDisk, saysNothingBoots } from './profile.ts';
import type { QemuProcess } from './qemu-process.ts';

export const LOOK_MS = 250;
const CAP_MS = 30_000;
const QUIET_MS = 2_000;
/** Share of a core, below which a guest waits for something. */
const IDLE_SHARE = 0.25;
/** A guest that neither sent nor printed anything for so long has not found its disk. */
const HUNG_MS = 15_000;
/** QEMU repeats an unanswered SYN after seconds; a new knock is quicker. */
const PATIENCE_MS = 1_000;
/** A clock tick of /proc is 10 ms on every Linux there is (`getconf CLK_TCK`). */
const TICK_MS = 10;
/** A capture begins with a header of 24 bytes (https://wiki.wireshark.org/Development/LibpcapFileFormat). */
const EMPTY_CAPTURE_BYTES = 24;

export interface Look {
  readonly ageMs: number;
  readonly hasSent: boolean;
  readonly listens: boolean;
  readonly quietMs: number;
  readonly isIdle: boolean;
  readonly console: Buffer;
}

/** Why the next may boot; undefined while this one still needs its core. */
export function overBecause({ listens, quietMs, isIdle, ageMs }: Look): string | undefined {
  if (listens) return 'listens';
  if (isIdle && quietMs >= QUIET_MS) return 'waits';
  return ageMs >= CAP_MS ? 'takes long' : undefined;
}

export type TrialOutcome = 'came up' | 'lost' | undefined;

/** What a look says of the trial; an end or a reset before is told by QEMU. */
export function judgeTrial({ hasSent, listens, quietMs, ageMs, console }: Look): TrialOutcome {
  if (hasSent || listens || saysNothingBoots(console)) return 'came up';
  if (saysNoDisk(console) || Math.min(quietMs, ageMs) >= HUNG_MS) return 'lost';
  return ageMs >= 4 * HUNG_MS ? 'came up' : undefined;
}

interface Watched {
  readonly process: QemuProcess;
  readonly address: string;
  readonly forwards: readonly Forward[];
  readonly packets: string;
}

/** Takes the looks. */
export class Observer {
  readonly #watched: Watched;
  #cpuMs = 0;
  #ageMs = 0;
  #isIdle = false;
  #hasSent = false;
  #knock: Socket | undefined;
  #knockedMs = 0;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  async look(ageMs: number, quietMs: number, console: Buffer): Promise<Look> {
    const hasSent = await this.hasSent();
    await this.#measure(ageMs);
    return { ageMs, quietMs, console, hasSent, listens: hasSent && (await this.#listens(ageMs)), isIdle: this.#isIdle };
  }

  /** Also after the end: what was sent just before is in the file. */
  async hasSent(): Promise<boolean> {
    this.#hasSent ||= await stat(this.#watched.packets).then(
      ({ size }) => size > EMPTY_CAPTURE_BYTES,
      () => false,
    );
    return this.#hasSent;
  }

  async #measure(ageMs: number): Promise<void> {
    const cpuMs = await readCpuMs(this.#watched.process.pid);
    const share = (cpuMs - this.#cpuMs) / Math.max(1, ageMs - this.#ageMs);
    this.#isIdle = share < IDLE_SHARE;
    [this.#cpuMs, this.#ageMs] = [cpuMs, ageMs];
  }

  /** Knocks, and sees at a later look whether the guest has opened: it needs a moment to. */
  async #listens(ageMs: number): Promise<boolean> {
    const { process, address, forwards } = this.#watched;
    const tcp = forwards.find(({ protocol }) => protocol === 'tcp');
    if (tcp === undefined) return false;
    if (this.#knock !== undefined) {
      const said = await process.qmp.execute('human-monitor-command', { 'command-line': 'info usernet' }).catch(() => '');
      if (typeof said === 'string' && isEstablished(said, tcp.port)) return true;
    }
    if (this.#knock === undefined || this.#knock.closed || ageMs - this.#knockedMs >= PATIENCE_MS) {
      this.close();
      this.#knock = connect(tcp.port, address).on('error', () => undefined);
      this.#knockedMs = ageMs;
    }
    return false;
  }

  close(): void {
    this.#knock?.destroy();
  }
}

/**
 * `info usernet` lists the network's own connections, one a line: protocol[state], descriptor, source address and port,
 * destination address and port, queues. A forwarded one is established when the guest has answered.
 */
export const isEstablished = (usernet: string, port: number) =>
  usernet.split('\n').some((line) => {
    const [state, , , , , to] = line.trim().split(/\s+/);
    return state === 'TCP[ESTABLISHED]' && to === String(port);
  });

/** User and system time, fields 14 and 15 of /proc/<pid>/stat; 0 where there is no /proc. */
async function readCpuMs(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid ?? 0}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
}
