/** Bytes as they come, cut into the blocks EBS wants, and worked on a bounded number at a time. */
import { BLOCK_BYTES } from './ports.ts';

export interface Block {
  readonly index: number;
  /** Shorter than a block only at the end of the image. */
  readonly bytes: Uint8Array;
}

/** Blocks that lie whole in one chunk are views of it, not copies. */
export async function* toBlocks(chunks: AsyncIterable<Uint8Array>, firstIndex: number): AsyncGenerator<Block> {
  let index = firstIndex;
  let open = new Uint8Array(0);
  for await (const chunk of chunks) {
    let rest = chunk;
    if (open.length > 0) {
      const missing = BLOCK_BYTES - open.length;
      open = joined(open, rest.subarray(0, missing));
      rest = rest.subarray(missing);
      if (open.length < BLOCK_BYTES) continue;
      yield { index: index++, bytes: open };
    }
    for (; rest.length >= BLOCK_BYTES; rest = rest.subarray(BLOCK_BYTES))
      yield { index: index++, bytes: rest.subarray(0, BLOCK_BYTES) };
    open = rest.slice();
  }
  if (open.length > 0) yield { index, bytes: open };
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

export const padded = (bytes: Uint8Array) =>
  bytes.length === BLOCK_BYTES ? bytes : joined(bytes, new Uint8Array(BLOCK_BYTES - bytes.length));

/** Blocks never written read as zeros, so these are left out. A plain loop: an image may be zeros for the most part. */
export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] !== 0) return false;
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
