/**
 * The record Nanos writes to its root disk when the program ends with anything but 0, 4096 bytes before its first
 * partition (nanos tools/mkfs.c, `klog`): "KLOG", u64 boot id, s32 exit code, the last bytes of the log. Little-endian.
 */
export const SECTOR_BYTES = 512;
export const RECORD_BYTES = 4096;
const PARTITION_TABLE = 0x1be;
const FIRST_SECTOR_OF_PARTITION = 8;
const HEADER_BYTES = 16;
/** Nanos' first partition follows its boot loader, or is the one of UEFI (33 MiB); what is further away is no table of its. */
const FARTHEST_BYTES = 64 * 2 ** 20;
/** A status beyond this was not written by anybody who ended. */
const MOST_STATUS = 0xffff;

export interface DiskRecord {
  readonly exitCode: number;
  readonly log: string;
}

/** Where the record of a disk with this first sector would lie; undefined where it has no partition table. */
export function diskRecordOffset(sector: Uint8Array): number | undefined {
  if (sector.length < SECTOR_BYTES || sector[510] !== 0x55 || sector[511] !== 0xaa) return undefined;
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength);
  const offset = view.getUint32(PARTITION_TABLE + FIRST_SECTOR_OF_PARTITION, true) * SECTOR_BYTES - RECORD_BYTES;
  return offset >= SECTOR_BYTES && offset <= FARTHEST_BYTES ? offset : undefined;
}

/** Undefined where no record was written: a clean exit, a fault in the kernel, or another system. */
export function parseDiskRecord(bytes: Uint8Array): DiskRecord | 'unreadable' | undefined {
  if (bytes.length < HEADER_BYTES || String.fromCharCode(...bytes.subarray(0, 4)) !== 'KLOG') return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const exitCode = view.getInt32(12, true);
  if (Math.abs(exitCode) > MOST_STATUS) return 'unreadable';
  const text = bytes.subarray(HEADER_BYTES, RECORD_BYTES);
  const end = text.indexOf(0);
  return { exitCode, log: new TextDecoder().decode(end < 0 ? text : text.subarray(0, end)) };
}

/**
 * As a text for people and the classifier: the exit code on a line of its own, then the log. That there is none says
 * something too: the program ended with 0, or the kernel itself failed.
 */
export function sayDiskRecord(record: DiskRecord | 'unreadable' | undefined): string {
  if (record === undefined) return 'no record\n';
  return record === 'unreadable' ? 'a record that cannot be read\n' : `exit code ${record.exitCode}\n${record.log}`;
}
