/**
 * Which devices a machine has. EC2's own (NVMe, ENA) are not what every image knows under QEMU, so the profile is declared,
 * or found by booting: virtio first, then ide.
 *
 * "This did not boot" must not be said of a service that crashed. So a trial is lost only by a guest that went off, reset or
 * hung without ever having sent a packet: an operating system that has its root disk brings up its network before, or
 * without, what it runs; one that has not never gets there. Who lost with every profile boots with the first, for good:
 * what happens then is its own doing. And a later profile is only remembered when the earlier ones lost twice, since a
 * service may crash before its network is up.
 */
import type { SnapshotReader } from '../../../../kernel/ports.ts';

const DISKS = ['virtio', 'ide', 'nvme', 'scsi'] as const;
const NICS = ['virtio', 'virtio-transitional', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3'] as const;

export type DiskKind = (typeof DISKS)[number];
export type NicKind = (typeof NICS)[number];

export interface Profile {
  readonly disk: DiskKind;
  readonly nic: NicKind;
}

export interface Attempt {
  readonly profile: Profile;
  /** It may be lost, and the next attempt is made then. */
  readonly isTrial: boolean;
}

export class HintRefused extends Error {
  override readonly name = 'HintRefused';
}

function readHint<Kind extends string>(
  hints: Readonly<Record<string, string>>,
  name: string,
  kinds: readonly Kind[],
): Kind | undefined {
  const value = hints[name];
  const kind = kinds.find((one) => one === value);
  if (value !== undefined && kind === undefined)
    throw new HintRefused(`its launch template asks for the ${name} "${value}" locally; there are ${kinds.join(', ')}`);
  return kind;
}

const TIMES_TO_BELIEVE = 2;

/** What was learnt of images. */
export class ProfileBook {
  readonly #known = new Map<string, DiskKind>();
  readonly #losses = new Map<string, number>();

  /** What to try for an image, in order; the last is no trial. */
  plan(imageId: string, hints: Readonly<Record<string, string>>, order: readonly DiskKind[]): readonly Attempt[] {
    const nic = readHint(hints, 'nic', NICS) ?? 'virtio';
    const disk = readHint(hints, 'disk', DISKS) ?? this.#known.get(imageId);
    if (disk !== undefined) return [{ profile: { disk, nic }, isTrial: false }];
    const trials = order.map((one) => ({ profile: { disk: one, nic }, isTrial: true }));
    return [...trials, ...trials.slice(0, 1).map(({ profile }) => ({ profile, isTrial: false }))];
  }

  knows(imageId: string, hints: Readonly<Record<string, string>>): boolean {
    return hints['disk'] !== undefined || this.#known.has(imageId);
  }

  lost(imageId: string, { disk }: Profile): void {
    const key = `${imageId} ${disk}`;
    this.#losses.set(key, (this.#losses.get(key) ?? 0) + 1);
  }

  /** It came up, or did no better with any other. */
  settled(imageId: string, { disk }: Profile, order: readonly DiskKind[]): void {
    const before = order.slice(0, order.indexOf(disk));
    if (before.every((one) => (this.#losses.get(`${imageId} ${one}`) ?? 0) >= TIMES_TO_BELIEVE)) this.#known.set(imageId, disk);
  }
}

const SNIFFED_BYTES = 64 * 2 ** 20;
const PIECE_BYTES = 2 ** 20;

/** Kernels that are measured to want ide first: ELF notes of Solo5 (the name after the note's type) and section names of Unikraft. */
const WANTS_IDE = ['MFT1Solo5\0', 'ABI1Solo5\0', '.uk_inittab', '.uk_ctortab'].map((text) => Buffer.from(text, 'latin1'));

/** The order of trials. Only the order: what is found in a disk's bytes proves nothing. */
export async function sniffOrder(base: SnapshotReader | undefined): Promise<readonly DiskKind[]> {
  let last: Uint8Array = new Uint8Array();
  const end = Math.min(base?.dataBytes ?? 0, SNIFFED_BYTES);
  for (let offset = 0; base !== undefined && offset < end; offset += PIECE_BYTES) {
    const piece = await base.read(offset, PIECE_BYTES);
    const seen = Buffer.concat([last.subarray(-16), piece]);
    if (WANTS_IDE.some((mark) => seen.includes(mark))) return ['ide', 'virtio'];
    last = piece;
  }
  return ['virtio', 'ide'];
}

/** SeaBIOS knows all these disks: where it finds nothing to boot there is nothing, whatever the devices. */
const NOTHING_BOOTS = [Buffer.from('No bootable device'), Buffer.from('not a bootable disk')];

export const saysNothingBoots = (console: Buffer) => NOTHING_BOOTS.some((words) => console.includes(words));

/** A kernel's own words for not having its disk, for those that then wait instead of going off. */
const NO_DISK = ['Unable to mount root fs', 'not in manifest', 'No root filesystem', 'Cannot open root device'].map((text) =>
  Buffer.from(text),
);

export const saysNoDisk = (console: Buffer) => NO_DISK.some((words) => console.includes(words));
