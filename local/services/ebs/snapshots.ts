/**
 * The snapshots of the account. Written block by block while pending, by EBS direct or as a volume is read, then sealed for good:
 *
 *   StartSnapshot → pending (writable) → CompleteSnapshot → pending (sealed) → completed
 *                        └── nobody completes it in time → error
 */
import { createHash } from 'node:crypto';
import type { EventBus, SnapshotOf, SnapshotReader, SnapshotShelf, SnapshotView } from '../../kernel/ports.ts';
import type { Entry, World } from '../../kernel/world.ts';
import { BLOCK_BYTES, isZero } from './blocks.ts';
import type { BlockStore } from './blocks.ts';

export interface Snapshot {
  readonly id: string;
  readonly token: string | undefined;
  /** The request that made it, to compare a repeated token's with. */
  readonly request: string;
  readonly volumeGiB: number;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Of the volume it was taken of. */
  readonly volumeId?: string;
  readonly startedAt: number;
  readonly timeoutMs: number;
  /** Raw SHA-256 of every block that was written, by index. */
  readonly digests: Map<number, Buffer>;
  state: SnapshotView['state'];
  stateMessage?: string;
  isSealed: boolean;
  timeout?: Entry;
}

export const BLOCKS_PER_GIB = 2 ** 30 / BLOCK_BYTES;

export interface SnapshotsPorts {
  readonly world: World;
  readonly bus: EventBus;
  readonly blocks: BlockStore;
  /** An injected fault: writers do not see the snapshot yet. */
  readonly isNotYetVisible?: (snapshotId: string) => boolean;
}

/** How long EBS takes to complete a sealed snapshot; NixOS's uploader polls every two seconds and rarely twice. */
const COMPLETION_MS = 2_000;
/** Reading a volume of this machine's takes seconds. */
const TAKING_MS = 3_600_000;

export class Snapshots implements SnapshotShelf {
  readonly #ports: SnapshotsPorts;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #readers = new WeakMap<Snapshot, SnapshotReader>();

  constructor(ports: SnapshotsPorts) {
    this.#ports = ports;
  }

  add(snapshot: Snapshot): void {
    this.#snapshots.set(snapshot.id, snapshot);
    this.touch(snapshot);
    this.#ports.world.trace.add('ebs', 'snapshot started', { snapshot: snapshot.id, gib: snapshot.volumeGiB });
  }

  get all(): readonly Snapshot[] {
    return [...this.#snapshots.values()];
  }

  /** One of a run before: what it waited for begins anew. */
  restore(snapshot: Snapshot): void {
    this.#snapshots.set(snapshot.id, snapshot);
    if (snapshot.state !== 'pending') return;
    if (snapshot.isSealed) this.seal(snapshot);
    else this.touch(snapshot);
  }

  get(snapshotId: string): Snapshot | undefined {
    return this.#snapshots.get(snapshotId);
  }

  byToken(token: string): Snapshot | undefined {
    return [...this.#snapshots.values()].find((snapshot) => snapshot.token === token);
  }

  /** A snapshot is cancelled when nothing was written to it for its timeout. */
  touch(snapshot: Snapshot): void {
    snapshot.timeout?.cancel();
    snapshot.timeout = this.#ports.world.time.after(snapshot.timeoutMs, `snapshot ${snapshot.id} times out`, () => {
      snapshot.isSealed = true;
      snapshot.stateMessage = 'The snapshot was not completed within its timeout.';
      this.#end(snapshot, 'error');
    });
  }

  seal(snapshot: Snapshot): void {
    this.#close(snapshot);
    this.#ports.world.time.after(COMPLETION_MS, `snapshot ${snapshot.id} completes`, () => this.#end(snapshot, 'completed'));
  }

  take(volume: SnapshotReader, of: SnapshotOf): { readonly view: SnapshotView; readonly read: Promise<void> } {
    const { world } = this.#ports;
    const snapshot: Snapshot = {
      ...of,
      id: `snap-${world.random.hex(17)}`,
      token: undefined,
      request: '',
      volumeGiB: Math.ceil(volume.volumeBytes / 2 ** 30),
      startedAt: world.time.now(),
      timeoutMs: TAKING_MS,
      digests: new Map(),
      state: 'pending',
      isSealed: false,
    };
    this.add(snapshot);
    const read = this.#copy(snapshot, volume).then(
      () => this.seal(snapshot),
      (error: unknown) => {
        snapshot.stateMessage = `The volume could not be read: ${error instanceof Error ? error.message : String(error)}`;
        this.#close(snapshot);
        this.#end(snapshot, 'error');
      },
    );
    return { view: toView(snapshot), read };
  }

  async #copy(snapshot: Snapshot, volume: SnapshotReader): Promise<void> {
    for (let index = 0; index * BLOCK_BYTES < volume.dataBytes; index += 1) {
      if (volume.hasData?.(index * BLOCK_BYTES, BLOCK_BYTES) === false) continue;
      const found = await volume.read(index * BLOCK_BYTES, BLOCK_BYTES);
      if (isZero(found)) continue;
      const block = whole(found);
      await this.#ports.blocks.write(snapshot.id, index, block);
      snapshot.digests.set(index, createHash('sha256').update(block).digest());
      // Deleted meanwhile: what was just written goes too.
      if (this.#snapshots.get(snapshot.id) !== snapshot) return this.#ports.blocks.remove(snapshot.id);
    }
  }

  #close(snapshot: Snapshot): void {
    snapshot.isSealed = true;
    snapshot.timeout?.cancel();
  }

  #end(snapshot: Snapshot, state: 'completed' | 'error'): void {
    if (this.#snapshots.get(snapshot.id) !== snapshot) return;
    const { world, bus } = this.#ports;
    snapshot.state = state;
    world.trace.add('ebs', `snapshot ${state}`, { snapshot: snapshot.id, blocks: snapshot.digests.size });
    const { partition, region } = world.account;
    bus.put({
      source: 'aws.ec2',
      'detail-type': 'EBS Snapshot Notification',
      resources: [`arn:${partition}:ec2::${region}:snapshot/${snapshot.id}`],
      detail: {
        event: 'createSnapshot',
        result: state === 'completed' ? 'succeeded' : 'failed',
        cause: snapshot.stateMessage ?? '',
        'request-id': '',
        snapshot_id: `arn:${partition}:ec2::${region}:snapshot/${snapshot.id}`,
        source: '',
        startTime: new Date(snapshot.startedAt).toISOString(),
        endTime: new Date(world.time.now()).toISOString(),
      },
    });
  }

  find(snapshotId: string): SnapshotView | undefined {
    const snapshot = this.#snapshots.get(snapshotId);
    return snapshot === undefined ? undefined : toView(snapshot);
  }

  list(): readonly SnapshotView[] {
    return [...this.#snapshots.values()].map(toView);
  }

  remove(snapshotId: string): void {
    this.#snapshots.get(snapshotId)?.timeout?.cancel();
    this.#snapshots.delete(snapshotId);
    void this.#ports.blocks.remove(snapshotId);
    this.#ports.world.trace.add('ebs', 'snapshot deleted', { snapshot: snapshotId });
  }

  open(snapshotId: string): SnapshotReader | undefined {
    const snapshot = this.#snapshots.get(snapshotId);
    if (snapshot?.state !== 'completed') return undefined;
    const reader = this.#readers.get(snapshot) ?? readerOf(snapshot, this.#ports.blocks);
    this.#readers.set(snapshot, reader);
    return reader;
  }
}

function whole(bytes: Uint8Array): Uint8Array {
  if (bytes.length === BLOCK_BYTES) return bytes;
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(bytes);
  return block;
}

const toView = (snapshot: Snapshot): SnapshotView => ({
  snapshotId: snapshot.id,
  state: snapshot.state,
  ...(snapshot.stateMessage !== undefined && { stateMessage: snapshot.stateMessage }),
  volumeGiB: snapshot.volumeGiB,
  ...(snapshot.volumeId !== undefined && { volumeId: snapshot.volumeId }),
  startedAt: snapshot.startedAt,
  description: snapshot.description,
  tags: snapshot.tags,
});

function readerOf(snapshot: Snapshot, blocks: BlockStore): SnapshotReader {
  const volumeBytes = snapshot.volumeGiB * 2 ** 30;
  const dataBytes = [...snapshot.digests.keys()].reduce((end, index) => Math.max(end, (index + 1) * BLOCK_BYTES), 0);
  const path = dataBytes === 0 ? undefined : blocks.path?.(snapshot.id);
  return {
    volumeBytes,
    dataBytes,
    ...(path !== undefined && { path }),
    async read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, volumeBytes - offset)));
      const [first, last] = [Math.floor(offset / BLOCK_BYTES), Math.floor((offset + bytes.length - 1) / BLOCK_BYTES)];
      for (let index = first; index <= last; index += 1) {
        if (!snapshot.digests.has(index)) continue;
        const block = await blocks.read(snapshot.id, index);
        const start = index * BLOCK_BYTES;
        const part = block.subarray(Math.max(0, offset - start), offset + bytes.length - start);
        bytes.set(part, Math.max(0, start - offset));
      }
      return bytes;
    },
  };
}
