/** A virtual machine for one test: from its first disk, or a kernel started directly; and the console as text. */
import { spawn } from 'node:child_process';
import { createServer, connect } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Qmp } from '../../local/services/ec2/drivers/qemu/qmp.ts';

export interface MachineOptions {
  /** Started directly; without it the machine boots from its first disk, as it would on EC2. */
  readonly direct?: { readonly kernel: string; readonly ramDisk: string };
  /** Raw files; the root first. */
  readonly disks: readonly string[];
  /** Guest ports to reach. */
  readonly ports?: readonly number[];
  /** Where the guest's 169.254.169.254:80 leads, on this machine. */
  readonly metadataPort?: number;
  readonly diskKind?: 'virtio-blk-pci' | 'nvme' | 'ide-hd';
  readonly memoryMiB?: number;
  /** What the guest's clock says at power-on, as `2030-01-01T12:00:00`; otherwise the time it is. */
  readonly clock?: string;
  /** The disks' files are written to; otherwise what the guest writes is forgotten. */
  readonly keepsWrites?: boolean;
}

export interface TestMachine {
  readonly console: () => string;
  /** Resolves with the console as soon as it has this. */
  readonly says: (what: string | RegExp) => Promise<string>;
  /** The port here that leads to the guest's. */
  readonly port: (guest: number) => number;
  readonly pressPowerButton: () => void;
  /** QEMU's exit status, when it has ended. */
  readonly ended: Promise<number | null>;
  readonly kill: () => Promise<void>;
}

export async function boot(options: MachineOptions): Promise<TestMachine> {
  const directory = await mkdtemp(join(tmpdir(), 'vm-'));
  const ports = new Map<number, number>();
  for (const guest of options.ports ?? []) ports.set(guest, await freePort());
  const control = join(directory, 'qmp');
  const child = spawn('qemu-system-x86_64', [...machineArguments(options, ports), '-qmp', `unix:${control},server=on,wait=off`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const waiting = new Set<() => void>();
  const take = (bytes: Buffer) => {
    text += bytes.toString('latin1');
    for (const look of waiting) look();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      for (const look of waiting) look();
      resolve(code);
    });
  });
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  return {
    console: () => text,
    says: (what) => promiseText({ what, text: () => text, isOver, waiting }),
    port: (guest) => ports.get(guest) ?? 0,
    pressPowerButton: () => void tellQemu(control, 'system_powerdown'),
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function machineArguments(options: MachineOptions, ports: ReadonlyMap<number, number>): readonly string[] {
  const forwards = [...ports].map(([guest, host]) => `,hostfwd=tcp:127.0.0.1:${host}-:${guest}`).join('');
  const metadata =
    options.metadataPort === undefined ? '' : `,guestfwd=tcp:169.254.169.254:80-cmd:nc -N 127.0.0.1 ${options.metadataPort}`;
  return [
    ...[
      '-machine',
      'pc',
      '-accel',
      'tcg',
      '-m',
      String(options.memoryMiB ?? 256),
      '-display',
      'none',
      '-nodefaults',
      '-no-user-config',
    ],
    ...['-serial', 'stdio'],
    ...(options.clock === undefined ? [] : ['-rtc', `base=${options.clock}`]),
    ...directBoot(options.direct),
    ...options.disks.flatMap((file, index) => [
      ...['-drive', `file=${file},format=raw,if=none,id=disk${index},snapshot=${options.keepsWrites === true ? 'off' : 'on'}`],
      ...['-device', `${options.diskKind ?? 'virtio-blk-pci'},drive=disk${index},serial=disk${index}`],
    ]),
    ...['-netdev', `user,id=net,net=169.254.0.0/16,host=169.254.0.2${forwards}${metadata}`],
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
  ];
}

const directBoot = (direct: MachineOptions['direct']) =>
  direct === undefined
    ? []
    : ['-kernel', direct.kernel, '-initrd', direct.ramDisk, '-append', 'console=ttyS0 loglevel=4 mitigations=off'];

interface Look {
  readonly what: string | RegExp;
  readonly text: () => string;
  readonly isOver: () => boolean;
  readonly waiting: Set<() => void>;
}

const promiseText = ({ what, text, isOver, waiting }: Look) =>
  new Promise<string>((resolve, reject) => {
    const look = () => {
      const found = typeof what === 'string' ? text().includes(what) : what.test(text());
      if (!found && !isOver()) return;
      waiting.delete(look);
      if (found) resolve(text());
      else reject(new Error(`The machine ended without saying ${String(what)}. Its console:\n${text()}`));
    };
    waiting.add(look);
    look();
  });

/** Answer by answer: commands that wait when the channel closes are dropped. */
async function tellQemu(path: string, command: string): Promise<void> {
  const socket = connect(path);
  const qmp = new Qmp(socket);
  await qmp.execute('qmp_capabilities');
  await qmp.execute(command);
  socket.end();
}

export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
  });
