/**
 * Whether KVM works here. On some hosts /dev/kvm opens and then the guest hangs, so it is not asked but tried: a boot
 * sector of a few bytes has to say so on the serial port.
 */
import { accessSync, constants } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { baseArguments, QMP_FD } from './arguments.ts';
import { afterReal } from './host.ts';
import type { Host } from './host.ts';
import { QemuProcess } from './qemu-process.ts';

const PROBE_MS = 2_000;

/**
 * mov dx,0x3f8; mov al,'K'; out dx,al; cli; hlt: the letter goes to COM1, then nothing.
 * (Intel SDM volume 2: BA iw, B0 ib, EE, FA, F4.)
 */
export function probeSector(): Buffer {
  const sector = Buffer.alloc(512);
  Buffer.from([0xba, 0xf8, 0x03, 0xb0, 0x4b, 0xee, 0xfa, 0xf4]).copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

const LETTER = 'K'.charCodeAt(0);

type ProbeHost = Pick<Host, 'time' | 'speed' | 'children' | 'directory' | 'tools' | 'trace'>;

export async function findAccel(host: ProbeHost, device = '/dev/kvm'): Promise<'kvm' | 'tcg'> {
  if (!isOpen(device)) return 'tcg';
  const directory = join(host.directory, 'kvm-probe');
  await mkdir(directory, { recursive: true });
  const image = join(directory, 'probe.raw');
  await writeFile(image, probeSector());
  const boots = await answers(host, image).finally(() => rm(directory, { recursive: true, force: true }));
  host.trace.add('ec2/qemu', 'kvm tried', { works: boots });
  return boots ? 'kvm' : 'tcg';
}

/** SeaBIOS is silent here: the machine has no screen to be mirrored on the serial port. */
async function answers(host: ProbeHost, image: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = new QemuProcess({
    tools: host.tools(),
    children: host.children,
    args: probeArguments(image),
    onConsole: (bytes) => bytes.includes(LETTER) && resolve(true),
  });
  const timer = afterReal(host, PROBE_MS, 'KVM is tried', () => resolve(false));
  const isFine = await Promise.race([promise, probe.ended.then(() => false)]);
  timer.cancel();
  probe.kill();
  await probe.ended;
  return isFine;
}

const probeArguments = (image: string) => [
  ...baseArguments({ accel: 'kvm', memoryMiB: 16, cpus: 1 }).map((one) => (one === 'pc,graphics=off' ? 'pc' : one)),
  ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
  ...['-chardev', `socket,id=control,fd=${QMP_FD}`, '-mon', 'chardev=control,mode=control'],
  ...['-drive', `file=${image.replaceAll(',', ',,')},format=raw,if=ide,snapshot=on`],
];

function isOpen(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
