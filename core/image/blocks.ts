/** Bytes as they come, cut into the blocks EBS wants, and worked on a bounded number at a time. */
import { BLOCK_BYTES } from './ports.ts';

export interface Block {
  readonly index: number;
  /** Shorter than a block only at the end of the image. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const newBlock = () => new Uint8Array(BLOCK_BYTES);

/**
 * The blocks take the indexes in turn. The chunks' bytes are copied, so the reader may use its buffers again. `take`
 * gives a buffer of a block's size.
 */
export async function* toBlocks(
  chunks: AsyncIterable<Uint8Array>,
  indexes: Iterator<number, unknown>,
  take = newBlock,
): AsyncGenerator<Block> {
  let open = take();
  let filled = 0;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const part = chunk.subarray(from, from + BLOCK_BYTES - filled);
      open.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < BLOCK_BYTES) break;
      yield { index: next(indexes), bytes: open };
      open = take();
      filled = 0;
    }
  }
  if (filled > 0) yield { index: next(indexes), bytes: open.subarray(0, filled) };
}

function next(indexes: Iterator<number, unknown>): number {
  const step = indexes.next();
  if (step.done === true) throw new Error('The source gave more bytes than it was asked for');
  return step.value;
}

export function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length === BLOCK_BYTES) return bytes;
  const whole = newBlock();
  whole.set(bytes);
  return whole;
}

/** Blocks never written read as zeros, so these are left out. By words of 8 bytes: an image may be zeros for the most part. */
export function isZero(bytes: Uint8Array): boolean {
  const isOfWords = bytes.byteOffset % 8 === 0 && bytes.length % 8 === 0;
  if (!isOfWords) return bytes.every((byte) => byte === 0);
  const words = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  for (let at = 0; at < words.length; at += 1) if (words[at] !== 0n) return false;
  return true;
}

/** At most `width` at once. After the first failure nothing more is taken in, and what is under way is waited for. */
export async function forEachBounded<Item>(
  items: AsyncIterable<Item>,
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const item of items) {
    const one: Promise<void> = work(item)
      .catch((cause: unknown) => void failures.push(cause))
      .finally(() => running.delete(one));
    running.add(one);
    if (running.size >= width) await Promise.race(running);
    if (failures.length > 0) break;
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}
