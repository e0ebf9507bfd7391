/** What runs an instance. Which driver does is read from the first bytes of its root disk. */
import type { SnapshotReader } from '../../../kernel/ports.ts';

export const FIRST_BYTES = 1024;

export interface PortRange {
  readonly protocol: 'tcp' | 'udp';
  readonly from: number;
  readonly to: number;
}

export interface Guest {
  readonly instanceId: string;
  readonly imageId: string;
  /** The loopback address that is the instance's own. */
  readonly address: string;
  readonly userData: Buffer | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly bootMode: 'legacy-bios' | 'uefi';
  /** What the instance's security groups let in. */
  readonly ports: readonly PortRange[];
  /** What its launch template says to local runtimes only. */
  readonly hints: Readonly<Record<string, string>>;
  /** Where the guest's 169.254.169.254:80 leads; without it, nowhere. */
  readonly metadata: MetadataDoor | undefined;
}

export interface MetadataDoor {
  endpoint(): Promise<{ readonly host: string; readonly port: number }>;
}

/** A volume as it is attached. */
export interface Disk {
  readonly device: string;
  readonly volumeId: string;
  /** What it was made from; undefined: it is blank. */
  readonly base: SnapshotReader | undefined;
  readonly bytes: number;
  /**
   * A path that is this volume's alone: the driver keeps what the guest writes there, in a file or a directory, so that it
   * is still there when the next machine boots with the volume. Who deletes the volume removes the path, with all in it.
   */
  readonly writablePath: string;
}

/** Whose failing it is: `server`, of what runs instances here; `client`, of what was to run. */
export type Blame = 'client' | 'server';

/** How a machine tells what becomes of it. After `poweredOff`, `failed` or `crashed` it says nothing more. */
export interface MachineHooks {
  /** It waits for its turn to boot, as the nth in the queue. */
  queued?(position: number): void;
  /** The machine runs; its guest may still be booting. A guest that resets stays in the same machine: nobody is told. */
  started(): void;
  console(bytes: Uint8Array): void;
  /** What was printed so far was of a boot that does not count; it is kept until the next prints something. */
  startsOver?(): void;
  /** The guest is off: by itself, or because it was told to. */
  poweredOff(why: string): void;
  /** It never ran. `client` unless said otherwise. */
  failed(why: string, blame?: Blame): void;
  /** It ran, and what ran it died under it. */
  crashed(why: string): void;
}

export interface Machine {
  /** Asks the guest to shut down, as ACPI's power button does; pulls the plug when it does not in time. */
  stop(): void;
  /** Pulls the plug. */
  kill(): void;
  /** Presses the reset button: the guest boots anew in the same machine, and nobody is told. */
  reset(): void;
  /** When nothing of it runs any more. */
  readonly ended: Promise<void>;
  /** Lets go of what is the machine's own, and not a volume's; after the end. */
  discard(): Promise<void>;
  /** What its screen shows, as JPEG. */
  screenshot?(): Promise<Uint8Array>;
  /** A non-maskable interrupt, as a diagnostic interrupt is. */
  diagnose?(): Promise<void>;
  /** Copies of its volumes as they are at one instant, as after a power cut; in the order asked for. Also of a machine that is off. */
  openDisks?(volumeIds: readonly string[]): Promise<readonly DiskCopy[]>;
}

export interface DiskCopy extends SnapshotReader {
  /** Lets go of the copy. */
  release(): Promise<void>;
}

export interface Driver {
  readonly name: string;
  fits(firstBytes: Uint8Array): boolean;
  /** The root disk is the first. */
  boot(guest: Guest, disks: readonly Disk[], hooks: MachineHooks): Machine;
  /** A copy of a volume that no machine has booted with, or none runs with now. */
  openDisk?(disk: Disk): Promise<DiskCopy>;
}

/** POSIX tar says so at 257 (https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06). */
export const isTar = (firstBytes: Uint8Array) => Buffer.from(firstBytes.subarray(257, 262)).toString('latin1') === 'ustar';

/** What a tar is read from: the image's own disk. */
export function rootBaseOf(disks: readonly Disk[]): SnapshotReader {
  const base = disks[0]?.base;
  if (base === undefined) throw new TypeError('a machine without a root disk from a snapshot was to boot');
  return base;
}
