import { describe, expect, it } from 'vitest';
import { noteOnSize, OPENING_BYTES, planFormatRefusal } from '../../../core/image/image-format.ts';

function opening(...marks: readonly (readonly [number, string | readonly number[]])[]): Uint8Array {
  const bytes = new Uint8Array(OPENING_BYTES);
  for (const [at, mark] of marks) bytes.set(typeof mark === 'string' ? Buffer.from(mark) : mark, at);
  return bytes;
}

const tar = opening([257, 'ustar']);
const mbr = opening([510, [0x55, 0xaa]]);
const gpt = opening([512, 'EFI PART']);

describe('planFormatRefusal', () => {
  it('takes a tar as a bundle, and a boot sector or a GPT as a disk', () => {
    expect(planFormatRefusal('bundle', tar)).toBeUndefined();
    expect(planFormatRefusal('disk', mbr)).toBeUndefined();
    expect(planFormatRefusal('disk', gpt)).toBeUndefined();
  });

  it('refuses a tar for a disk service, naming the fix', () => {
    expect(planFormatRefusal('disk', tar)).toMatch(/bytes are a tar bundle.*Upload the raw image.*imageFormat to "bundle"/);
  });

  it('refuses a disk for a bundle service, naming the fix', () => {
    expect(planFormatRefusal('bundle', mbr)).toMatch(/bytes are a raw disk image.*imageFormat to "disk"/);
  });

  it('refuses bytes without a boot sector, since neither BIOS nor UEFI boots them', () => {
    expect(planFormatRefusal('disk', opening())).toMatch(/neither a tar nor a disk/);
  });

  it.each([
    ['a qcow2 image', opening([0, [0x51, 0x46, 0x49, 0xfb]])],
    ['a VMDK image', opening([0, 'KDMV'])],
    ['gzip data', opening([0, [0x1f, 0x8b]])],
    ['an ELF program', opening([0, [0x7f, 0x45, 0x4c, 0x46]])],
  ])('names %s, which people upload instead of raw bytes', (what, bytes) => {
    expect(planFormatRefusal('disk', bytes)).toContain(`the bytes are ${what}.`);
  });

  it('takes no tar for a disk even where a file in it has a boot signature at that place', () => {
    expect(planFormatRefusal('disk', opening([257, 'ustar'], [510, [0x55, 0xaa]]))).toBeDefined();
  });

  it('reads an image shorter than a sector without falling over', () => {
    expect(planFormatRefusal('disk', new Uint8Array(3))).toBeDefined();
  });
});

describe('noteOnSize', () => {
  const MIB = 2 ** 20;
  /** Entries of the table of partitions: first sector and count, little-endian. */
  const table = (...parts: readonly (readonly [type: number, start: number, sectors: number])[]) => {
    const bytes = Buffer.alloc(OPENING_BYTES);
    parts.forEach(([type, start, sectors], n) => {
      bytes.writeUInt8(type, 446 + 16 * n + 4);
      bytes.writeUInt32LE(start, 446 + 16 * n + 8);
      bytes.writeUInt32LE(sectors, 446 + 16 * n + 12);
    });
    bytes.writeUInt16LE(0xaa55, 510);
    return bytes;
  };
  const disk = table([0x0c, 1, 2047], [0x83, 2048, 2048]);

  it('says where the last partition ends of an image that ends before', () => {
    expect(noteOnSize('disk', disk, 2 * MIB - 1)).toBe(
      'the image may be cut short: partition 2 ends at byte 2097152, the image at 2097151',
    );
  });

  it.each([
    ['a whole image', 'disk', disk, 2 * MIB],
    ['one that is longer', 'disk', disk, 3 * MIB],
    ['a bundle', 'bundle', disk, MIB],
    ['a boot sector alone', 'disk', mbr, 512],
    ['a GPT whose protective entry has the largest size', 'disk', table([0xee, 1, 0xff_ff_ff_ff]), MIB],
    ['an entry that is not used', 'disk', table([0, 9999, 9999]), 512],
  ] as const)('says nothing of %s', (_what, format, bytes, size) => {
    expect(noteOnSize(format, bytes, size)).toBeUndefined();
  });
});
