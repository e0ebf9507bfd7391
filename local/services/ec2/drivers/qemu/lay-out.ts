/** What a machine is made of, before it boots: its volumes, and everything of its command line that does not depend on the profile. */
import { copyFile, mkdir } from 'node:fs/promises';
import { constants } from 'node:fs';
import { join } from 'node:path';
import type { Disk, Guest } from '../driver.ts';
import type { MachineShape } from './arguments.ts';
import { toForwards } from './forwards.ts';
import type { Host } from './host.ts';
import { sniffOrder } from './profile.ts';
import type { Attempt, DiskKind } from './profile.ts';
import { missing } from './tools.ts';
import type { Tools } from './tools.ts';
import { openVolume } from './volumes.ts';
import type { Volume } from './volumes.ts';

export interface Laid {
  readonly shape: Omit<MachineShape, 'profile'>;
  readonly volumes: readonly Volume[];
  /** Nothing ever ran with its root disk. */
  readonly isFresh: boolean;
  readonly attempts: readonly Attempt[];
  readonly order: readonly DiskKind[];
}

export async function layOut(host: Host, guest: Guest, disks: readonly Disk[], directory: string): Promise<Laid> {
  const tools = host.tools();
  await mkdir(directory, { recursive: true });
  const known = host.profiles.knows(guest.imageId, guest.hints);
  const [order, ...volumes] = await Promise.all([
    known ? [] : sniffOrder(disks[0]?.base),
    ...disks.map((disk) => openVolume(tools.qemuImg, disk)),
  ]);
  const { forwards, leftOut } = toForwards(guest.ports);
  if (leftOut.length > 0) host.trace.add('ec2/qemu', 'ports not forwarded', { instance: guest.instanceId, ranges: leftOut });
  return {
    order,
    attempts: host.profiles.plan(guest.imageId, guest.hints, order),
    volumes,
    isFresh: volumes[0]?.isFresh === true,
    shape: {
      accel: await host.accel(),
      memoryMiB: Number(guest.hints['memoryMiB'] ?? guest.memoryMiB),
      cpus: Math.min(guest.cpus, host.cores),
      mac: macOf(guest.instanceId),
      address: guest.address,
      disks: volumes.map(({ volumeId, overlay }, index) => ({ node: nodeOf(index), file: overlay, serial: serialOf(volumeId) })),
      forwards,
      firmware: await firmwareOf(tools, guest, disks),
      metadata: await metadataOf(tools, guest),
      packets: join(directory, 'sent.pcap'),
    },
  };
}

export const nodeOf = (index: number) => `volume${index}`;

/** EC2's NVMe disks have their volume's id without the hyphen as serial number; QEMU's have room for 20 characters. */
const serialOf = (volumeId: string) => volumeId.replace('-', '').slice(0, 20);

/** Locally administered, and another one for each instance. */
const macOf = (instanceId: string) =>
  `06:${instanceId
    .replace(/[^0-9a-f]/g, '')
    .slice(-10)
    .padStart(10, '0')
    .replace(/..(?!$)/g, '$&:')}`;

async function firmwareOf(tools: Tools, guest: Guest, disks: readonly Disk[]): Promise<MachineShape['firmware']> {
  if (guest.bootMode !== 'uefi') return undefined;
  if (tools.firmware === undefined) throw missing('OVMF, the firmware of UEFI images,');
  const variables = join(disks[0]?.writablePath ?? '', 'uefi-variables.fd');
  await copyFile(tools.firmware.variables, variables, constants.COPYFILE_EXCL).catch(isThereAlready);
  return { code: tools.firmware.code, variables };
}

function isThereAlready(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}

async function metadataOf(tools: Tools, { metadata }: Guest): Promise<MachineShape['metadata']> {
  if (metadata === undefined) return undefined;
  if (tools.nc === undefined) throw missing('nc, which leads the guest to its metadata,');
  return { nc: tools.nc, ...(await metadata.endpoint()) };
}
