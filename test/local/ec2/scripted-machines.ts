/** A driver whose machines do what a test says, and keep what they were told. */
import type { SnapshotReader } from '../../../local/kernel/ports.ts';
import type { Disk, Driver, Guest, Machine, MachineHooks } from '../../../local/services/ec2/drivers/driver.ts';

export interface Scripted {
  readonly guest: Guest;
  readonly disks: readonly Disk[];
  readonly hooks: MachineHooks;
  readonly told: string[];
  /** As when its guest, or its plug, ended it. */
  off(): void;
}

export function scriptedDriver(contents: Readonly<Record<string, Uint8Array>> = {}) {
  const machines: Scripted[] = [];
  const driver: Driver = {
    name: 'scripted',
    fits: () => true,
    boot(guest, disks, hooks) {
      const told: string[] = [];
      const end = Promise.withResolvers<undefined>();
      const off = () => {
        end.resolve(undefined);
        hooks.poweredOff('');
      };
      machines.push({ guest, disks, hooks, told, off });
      const machine: Machine = {
        stop: () => void told.push('stop'),
        kill: () => void told.push('kill'),
        reset: () => undefined,
        ended: end.promise,
        discard: () => Promise.resolve(void told.push('discard')),
        screenshot: () => Promise.resolve(Uint8Array.of(0xff, 0xd8, 0xff)),
        diagnose: () => Promise.resolve(void told.push('interrupt')),
        openDisks: (ids) =>
          Promise.resolve(ids.map((id) => copyOf(contents[disks.find((d) => d.volumeId === id)!.device]!, told))),
      };
      return machine;
    },
  };
  return { driver, machines };
}

const copyOf = (bytes: Uint8Array, told: string[]): SnapshotReader & { release(): Promise<void> } => ({
  volumeBytes: 2 ** 30,
  dataBytes: bytes.length,
  read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
  release: () => Promise.resolve(void told.push('copy released')),
});
