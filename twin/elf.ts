/** What is read of ELF files: who loads them, what they need, and a section by its name. 64-bit little-endian, as x86-64 is. */

export interface Elf {
  /** The program that loads it (PT_INTERP); none: it is static. */
  readonly interpreter: string | undefined;
  /** Libraries by their sonames. */
  readonly needed: readonly string[];
  /** Where the program says to look first (DT_RUNPATH, or else DT_RPATH), as written. */
  readonly searched: readonly string[];
}

export type ElfReading =
  | { readonly kind: 'elf'; readonly elf: Elf }
  | { readonly kind: 'other-machine'; readonly what: string }
  | { readonly kind: 'no-elf' };

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT = { needed: 1, stringTable: 5, runPath: 29, rPath: 15 } as const;
const X86_64 = 62;
const MACHINES: Readonly<Record<number, string>> = { 3: '32-bit x86', 40: '32-bit ARM', 183: 'ARM64', 243: 'RISC-V' };

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly length: number;
}

export function readElf(bytes: Buffer): ElfReading {
  if (!isElf(bytes)) return { kind: 'no-elf' };
  const machine = bytes.readUInt16LE(18);
  if (bytes[4] !== 2 || bytes[5] !== 1 || machine !== X86_64)
    return { kind: 'other-machine', what: MACHINES[machine] ?? `machine ${machine}` };
  const segments = readSegments(bytes);
  const interpreter = segments.find(({ type }) => type === PT_INTERP);
  const dynamic = readDynamic(bytes, segments);
  return {
    kind: 'elf',
    elf: {
      interpreter: interpreter && textAt(bytes, interpreter.offset),
      needed: dynamic(DT.needed),
      searched: (dynamic(DT.runPath)[0] ?? dynamic(DT.rPath)[0] ?? '').split(':').filter((part) => part !== ''),
    },
  };
}

export const isElf = (bytes: Buffer) => bytes.length >= 64 && bytes.readUInt32BE(0) === 0x7f454c46;

function readSegments(bytes: Buffer): readonly Segment[] {
  const [start, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => start + index * size)
    .filter((at) => at + 56 <= bytes.length)
    .map((at) => ({
      type: bytes.readUInt32LE(at),
      offset: Number(bytes.readBigUInt64LE(at + 8)),
      address: Number(bytes.readBigUInt64LE(at + 16)),
      length: Number(bytes.readBigUInt64LE(at + 32)),
    }));
}

/** The strings of the dynamic section by their tag. */
function readDynamic(bytes: Buffer, segments: readonly Segment[]): (tag: number) => readonly string[] {
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined) return () => [];
  const entries: { readonly tag: number; readonly value: number }[] = [];
  for (let at = dynamic.offset; at + 16 <= Math.min(dynamic.offset + dynamic.length, bytes.length); at += 16)
    entries.push({ tag: Number(bytes.readBigInt64LE(at)), value: Number(bytes.readBigUInt64LE(at + 8)) });
  const table = entries.find(({ tag }) => tag === DT.stringTable)?.value ?? 0;
  const home = segments.find(({ type, address, length }) => type === PT_LOAD && table >= address && table < address + length);
  const strings = table - (home?.address ?? 0) + (home?.offset ?? 0);
  return (wanted) => entries.filter(({ tag }) => tag === wanted).map(({ value }) => textAt(bytes, strings + value));
}

function textAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('latin1', at, end < 0 ? bytes.length : end);
}

/** A section's bytes, such as a kernel module's `.modinfo`. */
export function readSection(bytes: Buffer, name: string): Buffer | undefined {
  const [start, size, count, names] = [
    Number(bytes.readBigUInt64LE(40)),
    bytes.readUInt16LE(58),
    bytes.readUInt16LE(60),
    bytes.readUInt16LE(62),
  ];
  const section = (index: number) => {
    const at = start + index * size;
    return {
      name: bytes.readUInt32LE(at),
      offset: Number(bytes.readBigUInt64LE(at + 24)),
      length: Number(bytes.readBigUInt64LE(at + 32)),
    };
  };
  const table = section(names);
  const found = Array.from({ length: count }, (_, index) => section(index)).find(
    (one) => textAt(bytes, table.offset + one.name) === name,
  );
  return found && bytes.subarray(found.offset, found.offset + found.length);
}
