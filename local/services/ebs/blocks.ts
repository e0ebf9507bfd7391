/** Where the blocks of snapshots are. Two homes, one interface: memory (in process) and one sparse file a snapshot (live). */
import { constants } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

export const BLOCK_BYTES = 524_288;

const ZEROS = new Uint8Array(BLOCK_BYTES);

export const isZero = (block: Uint8Array) => Buffer.compare(block, ZEROS.subarray(0, block.length)) === 0;

export interface BlockStore {
  write(snapshotId: string, index: number, block: Uint8Array): Promise<void>;
  /** A block that was written. */
  read(snapshotId: string, index: number): Promise<Uint8Array>;
  remove(snapshotId: string): Promise<void>;
  /** The file of a snapshot that has blocks, where a snapshot is a file. */
  path?(snapshotId: string): string;
  /** Lets go of the blocks of all snapshots but these, and answers which of these have none. */
  keepOnly(snapshotIds: ReadonlySet<string>): Promise<ReadonlySet<string>>;
}

export class MemoryBlocks implements BlockStore {
  readonly #snapshots = new Map<string, Map<number, Uint8Array>>();

  write(snapshotId: string, index: number, block: Uint8Array): Promise<void> {
    const blocks = this.#snapshots.get(snapshotId) ?? new Map<number, Uint8Array>();
    blocks.set(index, Uint8Array.from(block));
    this.#snapshots.set(snapshotId, blocks);
    return Promise.resolve();
  }

  read(snapshotId: string, index: number): Promise<Uint8Array> {
    const block = this.#snapshots.get(snapshotId)?.get(index);
    return block === undefined ? Promise.reject(new Error(`block ${index} of ${snapshotId} is gone`)) : Promise.resolve(block);
  }

  remove(snapshotId: string): Promise<void> {
    this.#snapshots.delete(snapshotId);
    return Promise.resolve();
  }

  keepOnly(snapshotIds: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    for (const id of this.#snapshots.keys()) if (!snapshotIds.has(id)) this.#snapshots.delete(id);
    return Promise.resolve(new Set([...snapshotIds].filter((id) => !this.#snapshots.has(id))));
  }
}

const READING = constants.O_RDONLY;
/** Made where there is none, and never emptied. */
const WRITING = constants.O_RDWR | constants.O_CREAT;

interface Use {
  readonly file: Promise<FileHandle>;
  users: number;
}

/** A block stands at its own offset, so the file is the volume, and a hole is a block nobody wrote. */
export class SparseFileBlocks implements BlockStore {
  readonly #directory: string;
  readonly #open = new Map<string, Use>();
  #made: Promise<unknown> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  path(snapshotId: string): string {
    return join(this.#directory, `${snapshotId}.raw`);
  }

  async write(snapshotId: string, index: number, block: Uint8Array): Promise<void> {
    this.#made ??= mkdir(this.#directory, { recursive: true });
    await this.#made;
    await this.#with(snapshotId, WRITING, (file) => file.write(block, 0, block.length, index * BLOCK_BYTES));
  }

  async read(snapshotId: string, index: number): Promise<Uint8Array> {
    const block = new Uint8Array(BLOCK_BYTES);
    await this.#with(snapshotId, READING, (file) => file.read(block, 0, BLOCK_BYTES, index * BLOCK_BYTES));
    return block;
  }

  async remove(snapshotId: string): Promise<void> {
    await rm(this.path(snapshotId), { force: true });
  }

  async keepOnly(snapshotIds: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    await mkdir(this.#directory, { recursive: true });
    const found = new Set((await readdir(this.#directory)).map((file) => file.replace(/\.raw$/, '')));
    for (const id of found) if (!snapshotIds.has(id)) await this.remove(id);
    return new Set([...snapshotIds].filter((id) => !found.has(id)));
  }

  /** The file stays open while anybody is at it: a bake writes many blocks at once, one after the other. */
  async #with(snapshotId: string, flags: number, run: (file: FileHandle) => Promise<unknown>): Promise<void> {
    const key = `${flags} ${snapshotId}`;
    const use = this.#open.get(key) ?? { file: open(this.path(snapshotId), flags), users: 0 };
    this.#open.set(key, use);
    use.users += 1;
    try {
      await run(await use.file);
    } finally {
      use.users -= 1;
      if (use.users === 0) {
        this.#open.delete(key);
        await use.file.then((file) => file.close()).catch(() => undefined);
      }
    }
  }
}
