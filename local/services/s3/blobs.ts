/** Where the bytes of objects are. Two homes, one interface: memory (in process) and a directory (live, streamed). */
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteRange } from './range.ts';

export interface Blob {
  readonly id: string;
  readonly bytes: number;
}

export interface BlobStore {
  /** Keeps nothing when `source` fails. */
  write(source: AsyncIterable<Uint8Array>): Promise<Blob>;
  /** Bytes [from, to). With `place`, what is given out may lie there, and lasts until more is asked for. */
  read(id: string, from: number, to: number, place?: Uint8Array): AsyncIterable<Uint8Array>;
  remove(id: string): Promise<void>;
  /** Lets go of all but these, and answers which of these are gone. */
  keepOnly(ids: ReadonlySet<string>): Promise<ReadonlySet<string>>;
}

export class MemoryBlobs implements BlobStore {
  readonly #blobs = new Map<string, Uint8Array>();
  #made = 0;

  async write(source: AsyncIterable<Uint8Array>): Promise<Blob> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of source) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    this.#made += 1;
    const id = `blob-${this.#made}`;
    this.#blobs.set(id, bytes);
    return { id, bytes: bytes.length };
  }

  async *read(id: string, from: number, to: number): AsyncIterable<Uint8Array> {
    const bytes = await Promise.resolve(this.#blobs.get(id));
    if (bytes === undefined) throw new Error(`blob ${id} is gone`);
    if (to > from) yield bytes.subarray(from, to);
  }

  remove(id: string): Promise<void> {
    this.#blobs.delete(id);
    return Promise.resolve();
  }

  keepOnly(ids: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    for (const id of this.#blobs.keys()) if (!ids.has(id)) this.#blobs.delete(id);
    return Promise.resolve(new Set([...ids].filter((id) => !this.#blobs.has(id))));
  }
}

/** The network gives small pieces, and every call to a file costs the same. */
const AT_ONCE_BYTES = 1 << 20;

const lengthOf = (chunks: readonly Uint8Array[]) => chunks.reduce((sum, { length }) => sum + length, 0);

async function* gathered(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[]> {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < AT_ONCE_BYTES) continue;
    yield chunks;
    [chunks, bytes] = [[], 0];
  }
  if (chunks.length > 0) yield chunks;
}

export class DirectoryBlobs implements BlobStore {
  readonly #directory: string;
  readonly #series: string;
  #made = 0;

  /** `series`: another one for every run that writes into the same directory, so that no blob is written over. */
  constructor(directory: string, series = 'blob') {
    this.#directory = directory;
    this.#series = series;
  }

  async write(source: AsyncIterable<Uint8Array>): Promise<Blob> {
    await mkdir(this.#directory, { recursive: true });
    this.#made += 1;
    const id = `${this.#series}-${this.#made}`;
    const file = await open(this.#path(id), 'w');
    try {
      let bytes = 0;
      for await (const chunks of gathered(source)) {
        await file.writev(chunks);
        bytes += lengthOf(chunks);
      }
      return { id, bytes };
    } catch (error) {
      await this.remove(id);
      throw error;
    } finally {
      await file.close();
    }
  }

  async *read(id: string, from: number, to: number, place?: Uint8Array): AsyncIterable<Uint8Array> {
    if (to <= from) return;
    const file = await open(this.#path(id), 'r');
    try {
      for (let at = from; at < to;) {
        const chunk = place ?? Buffer.allocUnsafeSlow(Math.min(AT_ONCE_BYTES, to - at));
        const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, to - at), at);
        if (bytesRead === 0) return;
        yield chunk.subarray(0, bytesRead);
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
  }

  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  async keepOnly(ids: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    await mkdir(this.#directory, { recursive: true });
    const found = new Set(await readdir(this.#directory));
    for (const id of found) if (!ids.has(id)) await this.remove(id);
    return new Set([...ids].filter((id) => !found.has(id)));
  }

  #path(id: string): string {
    return join(this.#directory, id);
  }
}

/** An object's content is its parts' blobs, one after the other: completing a multipart upload copies nothing. */
export async function* readContent(
  blobs: BlobStore,
  content: readonly Blob[],
  { from, to }: ByteRange,
  place?: Uint8Array,
): AsyncIterable<Uint8Array> {
  let start = 0;
  for (const blob of content) {
    const end = start + blob.bytes;
    if (end > from && start < to) yield* blobs.read(blob.id, Math.max(from, start) - start, Math.min(to, end) - start, place);
    start = end;
  }
}
