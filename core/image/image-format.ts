/** Told from an image's first bytes: whether it is what its service declares. Told before anything is made of it. */
import type { Service } from '../service/service.ts';

type Format = Service['file']['imageFormat'];

/** Enough for the boot sector, a GPT header's signature and a tar header. */
export const OPENING_BYTES = 1024;

interface Signature {
  readonly what: string;
  readonly offset: number;
  readonly bytes: readonly number[];
}

const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));

const TAR: Signature = { what: 'a tar', offset: 257, bytes: ascii('ustar') };
const MBR: Signature = { what: 'a boot sector', offset: 510, bytes: [0x55, 0xaa] };
const GPT: Signature = { what: 'a GPT', offset: 512, bytes: ascii('EFI PART') };
/** What people upload instead of raw bytes. */
const CONTAINERS: readonly Signature[] = [
  { what: 'a qcow2 image', offset: 0, bytes: [...ascii('QFI'), 0xfb] },
  { what: 'a VMDK image', offset: 0, bytes: ascii('KDMV') },
  { what: 'a VHDX image', offset: 0, bytes: ascii('vhdxfile') },
  { what: 'gzip data', offset: 0, bytes: [0x1f, 0x8b] },
  { what: 'xz data', offset: 0, bytes: [0xfd, ...ascii('7zXZ')] },
  { what: 'zstd data', offset: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { what: 'an ELF program', offset: 0, bytes: [0x7f, ...ascii('ELF')] },
];

const bears = (opening: Uint8Array, { offset, bytes }: Signature) => bytes.every((byte, n) => opening[offset + n] === byte);

/** Why the bytes are not of the declared format, with the fix; undefined when they are. */
export function planFormatRefusal(format: Format, opening: Uint8Array): string | undefined {
  const isTar = bears(opening, TAR);
  const isDisk = !isTar && (bears(opening, MBR) || bears(opening, GPT));
  if (format === 'bundle' ? isTar : isDisk) return undefined;
  const found = foundIn(opening, isTar, isDisk);
  return format === 'bundle'
    ? `its service declares imageFormat "bundle", a tar with an executable "run", but the bytes are ${found}. Upload a tar, or set imageFormat to "disk"`
    : `its service declares imageFormat "disk", a raw disk image that boots, but the bytes are ${found}. Upload the raw image (qemu-img convert -O raw, unpacked), or set imageFormat to "bundle" for a tar`;
}

const SECTOR = 512;
const LARGEST = 0xff_ff_ff_ff;
/** Of the table of partitions in the boot sector: four entries of 16 bytes (type at 4, first sector at 8, count at 12). */
const TABLE = { offset: 446, entries: 4, bytes: 16 } as const;

/**
 * What the last partition lacks of the image, in a sentence for whoever sees it fail. No refusal: there are images that boot
 * and leave out the empty end of their last partition. The protective entry of a GPT has the whole disk's size, or, by many
 * tools, the largest there is.
 */
export function noteOnSize(format: Format, opening: Uint8Array, bytes: number): string | undefined {
  if (format !== 'disk' || !bears(opening, MBR)) return undefined;
  const view = new DataView(opening.buffer, opening.byteOffset, opening.byteLength);
  const ends = Array.from({ length: TABLE.entries }, (_, n) => {
    const at = TABLE.offset + n * TABLE.bytes;
    const [type, start, sectors] = [opening[at + 4], view.getUint32(at + 8, true), view.getUint32(at + 12, true)];
    return type === 0 || sectors === LARGEST ? 0 : (start + sectors) * SECTOR;
  });
  const end = Math.max(...ends);
  if (end <= bytes) return undefined;
  return `the image may be cut short: partition ${ends.indexOf(end) + 1} ends at byte ${end}, the image at ${bytes}`;
}

function foundIn(opening: Uint8Array, isTar: boolean, isDisk: boolean): string {
  if (isTar) return 'a tar bundle';
  if (isDisk) return 'a raw disk image';
  const container = CONTAINERS.find((signature) => bears(opening, signature));
  return container ? container.what : 'neither a tar nor a disk with a boot sector (55AA at byte 510) or a GPT (at byte 512)';
}
