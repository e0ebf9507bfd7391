/** One QEMU, from its start to its end. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Duplex } from 'node:stream';
import type { ChildLedger } from '../../../../kernel/ports.ts';
import { QMP_FD } from './arguments.ts';
import { Qmp } from './qmp.ts';
import { Tail } from './tail.ts';
import type { Tools } from './tools.ts';

const COMPLAINT_BYTES = 4096;

export interface QemuEnd {
  /** Told by the guest or by us; otherwise QEMU failed. */
  readonly isPowerOff: boolean;
  /** What QEMU said of its failing, or how it ended. */
  readonly why: string;
}

export interface QemuOptions {
  readonly tools: Pick<Tools, 'qemu' | 'setpriv'>;
  readonly children: ChildLedger;
  readonly args: readonly string[];
  readonly onConsole: (bytes: Uint8Array) => void;
}

export class QemuProcess {
  readonly ended: Promise<QemuEnd>;
  readonly pid: number | undefined;
  readonly qmp: Qmp;
  readonly #child: ChildProcess;
  readonly #complaint = new Tail(COMPLAINT_BYTES);
  #isPowerOff = false;
  #wasKilled = false;

  constructor({ tools, children, args, onConsole }: QemuOptions) {
    const [command, ...rest] = commandOf(tools, args);
    // A group of its own, so that its children, the netcats of the metadata service, end with it.
    const child = spawn(command, rest, { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.pid = child.pid;
    if (child.pid !== undefined) children.add(child.pid);
    child.stdout?.on('data', (bytes: unknown) => bytes instanceof Uint8Array && onConsole(bytes));
    child.stderr?.on('data', (bytes: unknown) => bytes instanceof Uint8Array && this.#complaint.write(bytes));
    this.qmp = new Qmp(channelOf(child));
    this.qmp.on(({ event, data }) => {
      if (event === 'SHUTDOWN' && data['guest'] === true) this.#isPowerOff = true;
    });
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => child.pid === undefined && resolve({ isPowerOff: false, why: error.message }));
      child.once('exit', () => signalGroup(child.pid));
      child.once('close', (code, signal) => {
        if (child.pid !== undefined) children.remove(child.pid);
        resolve({ isPowerOff: this.#isPowerOff || this.#wasKilled, why: this.#why(code, signal) });
      });
    });
  }

  kill(): void {
    this.#wasKilled = true;
    if (this.#child.exitCode === null && this.#child.signalCode === null) signalGroup(this.#child.pid);
  }

  #why(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.#wasKilled) return 'its plug was pulled';
    if (this.#isPowerOff) return 'the guest powered off';
    const said = this.#complaint
      .take()
      .toString()
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^\S*qemu-system-x86_64: /, '');
    return said !== undefined && said !== '' ? said : `QEMU ended with ${signal ?? `exit code ${code ?? ''}`}`;
  }
}

/** The signal is for when the runtime dies without a word; the ledger of children is for where this does not exist. */
const commandOf = ({ qemu, setpriv }: QemuOptions['tools'], args: readonly string[]): readonly [string, ...string[]] =>
  setpriv === undefined ? [qemu, ...args] : [setpriv, '--pdeathsig', 'KILL', qemu, ...args];

function channelOf(child: ChildProcess): Duplex {
  const channel = child.stdio[QMP_FD];
  if (channel instanceof Duplex) return channel;
  throw new TypeError('a child was started without its control channel');
}

function signalGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The whole group is gone already.
  }
}
