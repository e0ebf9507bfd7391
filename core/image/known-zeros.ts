/**
 * What need not be read: a part of an upload whose SHA-256, checked by S3 itself as it came, is that of as many zeros,
 * is of zeros. A sparse image is such parts for the most part.
 */
import { toHex } from './block-digests.ts';
import { BLOCK_BYTES, type ByteRange, type CheckedPart, type Hashing } from './ports.ts';

/** Blocks [from, to). */
export interface Run {
  readonly from: number;
  readonly to: number;
}

const ZEROS = new Uint8Array(BLOCK_BYTES);

/** The parts of zeros, neighbours joined. */
export function zeroRanges(hashing: Hashing, parts: readonly CheckedPart[]): readonly ByteRange[] {
  const ofZeros = new Map<number, string>();
  const ranges: ByteRange[] = [];
  let from = 0;
  for (const { bytes, sha256 } of parts) {
    const to = from + bytes;
    const expected = ofZeros.get(bytes) ?? toHex(digestOfZeros(hashing, bytes));
    ofZeros.set(bytes, expected);
    const before = ranges.at(-1);
    if (toHex(sha256) === expected) {
      if (before?.to === from) ranges.pop();
      ranges.push({ from: before?.to === from ? before.from : from, to });
    }
    from = to;
  }
  return ranges;
}

/** What is left of a piece when the blocks that lie wholly in zeros are taken out; the image's last block may be short. */
export function runsToRead({ from, to }: Run, zeros: readonly ByteRange[], imageBytes: number): readonly Run[] {
  const runs: Run[] = [];
  let at = from;
  for (const zero of zeros) {
    const first = Math.ceil(zero.from / BLOCK_BYTES);
    const end = zero.to === imageBytes ? Math.ceil(zero.to / BLOCK_BYTES) : Math.floor(zero.to / BLOCK_BYTES);
    if (end <= at || end <= first) continue;
    if (first > at) runs.push({ from: at, to: Math.min(first, to) });
    at = end;
    if (at >= to) return runs.filter((run) => run.to > run.from);
  }
  return [...runs, { from: at, to }];
}

/** Takes blocks in their order, and the ones that were left out as zeros. */
export function hashWhole(hashing: Hashing) {
  const hash = hashing.stream();
  let at = 0;
  const fill = (to: number) => {
    for (let part = 0; at < to; at += part) {
      part = Math.min(ZEROS.length, to - at);
      hash.update(ZEROS.subarray(0, part));
    }
  };
  return {
    add(offset: number, bytes: Uint8Array): void {
      fill(offset);
      hash.update(bytes);
      at += bytes.length;
    },
    digest(imageBytes: number): Uint8Array {
      fill(imageBytes);
      return hash.digest();
    },
  };
}

function digestOfZeros(hashing: Hashing, bytes: number): Uint8Array {
  return hashWhole(hashing).digest(bytes);
}
