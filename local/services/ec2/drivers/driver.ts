/** What runs an instance. Which driver does is read from the first bytes of its disk. */
import type { SnapshotReader } from '../../../kernel/ports.ts';

export const FIRST_BYTES = 1024;

export interface Guest {
  readonly instanceId: string;
  /** The loopback address that is the instance's own. */
  readonly address: string;
  readonly userData: Buffer | undefined;
}

/** How a machine tells what becomes of it. After `poweredOff` or `failed` it says nothing more. */
export interface MachineHooks {
  /** The machine runs; its guest may still be booting. */
  started(): void;
  console(bytes: Uint8Array): void;
  /** The guest is off: by itself, or because it was told to. */
  poweredOff(why: string): void;
  /** It never ran. */
  failed(why: string): void;
}

export interface Machine {
  /** Asks the guest to shut down, as ACPI's power button does; pulls the plug when it does not in time. */
  stop(): void;
  /** Pulls the plug. */
  kill(): void;
  /** When nothing of it runs any more. */
  readonly ended: Promise<void>;
  /** Lets go of its disk; after the end. */
  discard(): Promise<void>;
}

export interface Driver {
  readonly name: string;
  fits(firstBytes: Uint8Array): boolean;
  boot(guest: Guest, disk: SnapshotReader, hooks: MachineHooks): Machine;
}

/** POSIX tar says so at 257 (https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06). */
export const isTar = (firstBytes: Uint8Array) => Buffer.from(firstBytes.subarray(257, 262)).toString('latin1') === 'ustar';
