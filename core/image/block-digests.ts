/**
 * What a piece of a bake leaves behind, as bytes: the SHA-256 of the whole image (zeros where the piece did not take
 * it), then for every block that was written its index (4 bytes, big-endian) and its SHA-256, ascending by index.
 */
import { BLOCK_BYTES, type Hashing } from './ports.ts';

const DIGEST_BYTES = 32;
const ENTRY_BYTES = 4 + DIGEST_BYTES;

export interface BlockDigest {
  readonly index: number;
  readonly sha256: Uint8Array;
}

export interface PieceDigests {
  readonly whole?: Uint8Array;
  readonly blocks: readonly BlockDigest[];
}

const ascending = (blocks: readonly BlockDigest[]) => [...blocks].sort((a, b) => a.index - b.index);

export function toBytes({ whole, blocks }: PieceDigests): Uint8Array {
  const bytes = new Uint8Array(DIGEST_BYTES + blocks.length * ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  if (whole) bytes.set(whole);
  ascending(blocks).forEach(({ index, sha256 }, n) => {
    const at = DIGEST_BYTES + n * ENTRY_BYTES;
    view.setUint32(at, index);
    bytes.set(sha256, at + 4);
  });
  return bytes;
}

export function fromBytes(bytes: Uint8Array): PieceDigests {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = (bytes.length - DIGEST_BYTES) / ENTRY_BYTES;
  if (!Number.isInteger(count) || count < 0) throw new Error(`Digests of ${bytes.length} bytes are cut off`);
  const whole = bytes.slice(0, DIGEST_BYTES);
  const blocks = Array.from({ length: count }, (_, n) => {
    const at = DIGEST_BYTES + n * ENTRY_BYTES;
    return { index: view.getUint32(at), sha256: bytes.slice(at + 4, at + ENTRY_BYTES) };
  });
  return whole.some((byte) => byte !== 0) ? { whole, blocks } : { blocks };
}

/**
 * What `blocks` of a manifest means: SHA-256 over the raw SHA-256 of each of the image's blocks in their order, the last
 * filled up with zeros. Blocks that were not written are of zeros.
 */
export function digestOfBlocks(hashing: Hashing, written: readonly BlockDigest[], count: number): Uint8Array {
  const byIndex = new Map(written.map(({ index, sha256 }) => [index, sha256]));
  const zero = hashing.sha256(new Uint8Array(BLOCK_BYTES));
  const hash = hashing.stream();
  for (let index = 0; index < count; index += 1) hash.update(byIndex.get(index) ?? zero);
  return hash.digest();
}

/** EBS's LINEAR aggregate: SHA-256 over the raw digests of all written blocks, ascending by index. */
export function aggregateChecksum(hashing: Hashing, blocks: readonly BlockDigest[]): Uint8Array {
  const hash = hashing.stream();
  for (const { sha256 } of ascending(blocks)) hash.update(sha256);
  return hash.digest();
}

export const toHex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
