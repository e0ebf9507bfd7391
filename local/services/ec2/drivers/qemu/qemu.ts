/**
 * The `qemu` driver: the disk is what a machine boots from, and QEMU is the machine. Every disk that is no bundle is tried,
 * also one of zeros: that it does not boot is seen on its console, as on EC2.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildLedger } from '../../../../kernel/ports.ts';
import type { Timetable, Trace } from '../../../../kernel/world.ts';
import { isTar } from '../driver.ts';
import type { Driver } from '../driver.ts';
import { findAccel } from './accel.ts';
import { BootGate } from './gate.ts';
import type { Host } from './host.ts';
import { QemuMachine } from './machine.ts';
import { ProfileBook } from './profile.ts';
import { findTools } from './tools.ts';
import type { Tools } from './tools.ts';
import { copyAtRest } from './volumes.ts';

export interface QemuDriverOptions {
  readonly time: Timetable;
  readonly trace: Trace;
  readonly children: ChildLedger;
  /** Every machine gets a directory in it. */
  readonly directory: string;
  /** Account seconds a real second. */
  readonly speed: number;
  /** Where programs are found. */
  readonly path: string;
  /** How many boot at once, and how many a machine may have. */
  readonly cores: number;
}

export function createQemuDriver(options: QemuDriverOptions): Driver {
  const host = makeHost(options);
  let copies = 0;
  return {
    name: 'qemu',
    fits: (firstBytes) => !isTar(firstBytes),
    boot: (guest, disks, hooks) => new QemuMachine(host, guest, disks, hooks),
    async openDisk(disk) {
      const directory = join(host.directory, 'copies');
      await mkdir(directory, { recursive: true });
      copies += 1;
      return copyAtRest(host.tools().qemuImg, disk, join(directory, String(copies)));
    },
  };
}

function makeHost(options: QemuDriverOptions): Host {
  let tools: Tools | undefined;
  let accel: Promise<'kvm' | 'tcg'> | undefined;
  const { path, cores, ...rest } = options;
  const host: Host = {
    ...rest,
    cores,
    gate: new BootGate(cores),
    profiles: new ProfileBook(),
    tools: () => (tools ??= findTools(path)),
    accel: () => (accel ??= findAccel(host)),
  };
  return host;
}
