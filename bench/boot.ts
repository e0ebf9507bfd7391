/** From the launch call to the first 200: an instance of the local EC2, against QEMU by hand with the same image. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { writeTwin } from '../examples/hello/twin.ts';
import { LiveClock } from '../local/kernel/clock-live.ts';
import { createRandom } from '../local/kernel/random.ts';
import type { SnapshotReader } from '../local/kernel/ports.ts';
import type { Guest } from '../local/services/ec2/drivers/driver.ts';
import { createQemuDriver } from '../local/services/ec2/drivers/qemu/qemu.ts';
import { median, type Bench } from './bench.ts';

const root = path.resolve(import.meta.dirname, '..');
const TIMES = 5;
const PORT = 8080;
/** What a t3.micro has. */
const [MEMORY_MIB, CPUS] = [1024, 2];
const ASK_AGAIN_MS = 20;
/** QEMU accepts for the guest before that has a network, and repeats an unanswered SYN only after seconds. */
const PATIENCE_MS = 250;

async function buildImage(folder: string): Promise<string> {
  await writeTwin({ version: '1.0.0' }, path.join(folder, 'source'));
  const args = [
    'cli/main.ts',
    'build',
    path.join(folder, 'source'),
    '--version',
    '1.0.0',
    '--out',
    folder,
    '--form',
    'single-process',
  ];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the image could not be built: ${stderr}`);
  return path.join(folder, 'unikernel.raw');
}

function isHealthy(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host, port: PORT, path: '/healthz', timeout: PATIENCE_MS, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.on('timeout', () => request.destroy()).on('error', () => resolve(false));
  });
}

async function secondsToFirst200(host: string, begun: number): Promise<number> {
  while (!(await isHealthy(host))) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  return (performance.now() - begun) / 1000;
}

async function byHand(image: string, host: string): Promise<number> {
  const begun = performance.now();
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...['-machine', 'pc', '-accel', 'tcg', '-m', String(MEMORY_MIB), '-smp', String(Math.min(CPUS, os.availableParallelism()))],
      ...['-display', 'none', '-nodefaults', '-monitor', 'none', '-serial', 'null', '-snapshot'],
      ...['-drive', `file=${image},format=raw,if=virtio`],
      ...['-netdev', `user,id=n,hostfwd=tcp:${host}:${PORT}-:${PORT}`, '-device', 'virtio-net-pci,netdev=n'],
    ],
    { stdio: 'ignore' },
  );
  try {
    return await secondsToFirst200(host, begun);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** The driver as the runtime has it; its image lies in a file, as a snapshot does. */
function openDriver(directory: string) {
  const time = new LiveClock({ onError: (label, error) => console.error(label, error) });
  const children = { add: () => undefined, remove: () => undefined };
  const shared = { time, trace: { add: () => undefined }, children, directory, speed: 1, path: process.env['PATH'] ?? '' };
  return {
    driver: createQemuDriver({ ...shared, cores: os.availableParallelism() }),
    stop: () => time.stop(),
    random: createRandom(1),
  };
}

async function readerOf(image: string): Promise<SnapshotReader> {
  const bytes = await readFile(image);
  const read = (offset: number, length: number) => Promise.resolve(bytes.subarray(offset, offset + length));
  return { volumeBytes: 2 ** 30, dataBytes: bytes.length, path: image, read };
}

const guestOf = (instanceId: string, address: string): Guest => ({
  ...{ instanceId, address, imageId: 'ami-bench', userData: undefined, tags: {}, memoryMiB: MEMORY_MIB, cpus: CPUS },
  ...{ bootMode: 'legacy-bios', ports: [{ protocol: 'tcp', from: PORT, to: PORT }], hints: {}, metadata: undefined },
});

type Opened = ReturnType<typeof openDriver>;

async function byRuntime({ driver, random }: Opened, base: SnapshotReader, address: string): Promise<number> {
  const begun = performance.now();
  const disk = { device: '/dev/xvda', volumeId: 'vol-root', base, bytes: base.volumeBytes, writablePath: '' };
  const silent = () => undefined;
  const hooks = {
    started: silent,
    console: silent,
    poweredOff: silent,
    failed: (why: string) => console.error(why),
    crashed: silent,
  };
  const machine = driver.boot(guestOf(`i-0${random.hex(16)}`, address), [disk], hooks);
  try {
    return await secondsToFirst200(address, begun);
  } finally {
    machine.kill();
    await machine.ended;
    await machine.discard();
  }
}

export const boot: Bench = {
  name: 'boot',
  summary: 'launch to the first 200 of the hello service, the image `tandem build` makes',
  yardstick: 'QEMU by hand, the same image',
  async run() {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'tandem-boot-'));
    const opened = openDriver(path.join(folder, 'machines'));
    try {
      const image = await buildImage(folder);
      const base = await readerOf(image);
      const [hand, runtime]: [number[], number[]] = [[], []];
      // The first of each warms the caches; the runtime's also learns which devices the image has.
      for (let time = 0; time <= TIMES; time += 1) {
        hand.push(await byHand(image, `127.8.0.${time + 1}`));
        runtime.push(await byRuntime(opened, base, `127.8.1.${time + 1}`));
      }
      const [first = NaN] = runtime;
      const [bare, own] = [median(hand.slice(1)), median(runtime.slice(1))];
      const over = (seconds: number) => `${seconds.toFixed(2)} s (${(seconds - bare).toFixed(2)} s more)`;
      return [
        { what: 'QEMU by hand', value: `${bare.toFixed(2)} s`, ratio: 1 },
        { what: 'an instance', value: over(own), ratio: own / bare },
        { what: 'the first instance of an image', value: over(first), ratio: first / bare },
      ];
    } finally {
      opened.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
