import { createHash } from 'node:crypto';
import { BLOCK_BYTES, type Snapshots, type SnapshotState } from '../../core/image/ports.ts';

interface Snapshot {
  readonly id: string;
  readonly token: string;
  readonly gib: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly blocks: Map<number, Uint8Array>;
  state: SnapshotState;
  why: string;
  /** Completion was asked for: pending still, and closed. */
  isSealed: boolean;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/** As strict as EBS: block size, checksum of each block, count and aggregate checksum at the end. */
export class MemorySnapshots implements Snapshots {
  private readonly snapshots = new Map<string, Snapshot>();
  /** With it, completing leaves a snapshot pending until `settle`. */
  slow = false;
  inFlight = 0;
  mostInFlight = 0;

  async start(args: { token: string; gib: number; tags: Readonly<Record<string, string>> }): Promise<string> {
    const known = [...this.snapshots.values()].find(({ token }) => token === args.token);
    if (known) return known.id;
    const id = `snap-${this.snapshots.size + 1}`;
    this.snapshots.set(id, { ...args, id, blocks: new Map(), state: 'pending', why: '', isSealed: false });
    return id;
  }

  async putBlock(snapshotId: string, index: number, block: Uint8Array, digest: Uint8Array): Promise<void> {
    const snapshot = this.unsealed(snapshotId);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    await new Promise(setImmediate);
    this.inFlight -= 1;
    if (block.length !== BLOCK_BYTES) throw new Error(`block ${index} has ${block.length} bytes`);
    if (!sha256(block).equals(digest)) throw new Error(`block ${index} does not have its checksum`);
    if (index >= (snapshot.gib * 1024 ** 3) / BLOCK_BYTES) throw new Error(`block ${index} is beyond the volume`);
    snapshot.blocks.set(index, block.slice());
  }

  async complete(snapshotId: string, blocks: number, checksum: Uint8Array): Promise<void> {
    const snapshot = this.find(snapshotId);
    if (snapshot?.state === 'completed') return;
    const open = this.unsealed(snapshotId);
    if (open.blocks.size !== blocks) throw new Error(`${open.blocks.size} blocks were put, not ${blocks}`);
    const digests = [...open.blocks].sort(([a], [b]) => a - b).map(([, block]) => sha256(block));
    if (!sha256(Buffer.concat(digests)).equals(checksum)) throw new Error('the aggregate checksum does not fit');
    open.isSealed = true;
    if (!this.slow) open.state = 'completed';
  }

  async state(snapshotId: string): Promise<{ state: SnapshotState; why: string }> {
    const snapshot = this.find(snapshotId);
    return snapshot ? { state: snapshot.state, why: snapshot.why } : { state: 'none', why: 'there is no such snapshot' };
  }

  async remove(snapshotId: string): Promise<void> {
    const snapshot = this.find(snapshotId);
    if (snapshot) snapshot.state = 'none';
  }

  async list(service: string): Promise<readonly { snapshotId: string; version: string; startedAt: number }[]> {
    return this.there()
      .filter(({ tags }) => tags['tandem:service'] === service)
      .map(({ id, tags }) => ({ snapshotId: id, version: tags['tandem:release'] ?? '', startedAt: 0 }));
  }

  /** What EBS does by itself, in its own time. */
  settle(snapshotId: string, state: 'completed' | 'failed', why = ''): void {
    Object.assign(this.open(snapshotId), { state, why });
  }

  /** Ids of what is there. */
  ids(): readonly string[] {
    return this.there().map(({ id }) => id);
  }

  /** The volume's first bytes; blocks that were never put read as zeros. */
  content(snapshotId: string, bytes: number): Uint8Array {
    const content = new Uint8Array(Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES);
    for (const [index, block] of this.find(snapshotId)?.blocks ?? []) content.set(block, index * BLOCK_BYTES);
    return content.subarray(0, bytes);
  }

  written(snapshotId: string): readonly number[] {
    return [...(this.find(snapshotId)?.blocks.keys() ?? [])].sort((a, b) => a - b);
  }

  /** A deleted snapshot is still what its token answers, as on EBS. */
  private there(): readonly Snapshot[] {
    return [...this.snapshots.values()].filter(({ state }) => state !== 'none');
  }

  private find(snapshotId: string): Snapshot | undefined {
    return this.there().find(({ id }) => id === snapshotId);
  }

  private unsealed(snapshotId: string): Snapshot {
    const snapshot = this.open(snapshotId);
    if (snapshot.isSealed) throw Object.assign(new Error(`${snapshotId} is sealed`), { name: 'ValidationException' });
    return snapshot;
  }

  private open(snapshotId: string): Snapshot {
    const snapshot = this.find(snapshotId);
    if (snapshot?.state !== 'pending') throw Object.assign(new Error(snapshotId), { name: 'ResourceNotFoundException' });
    return snapshot;
  }
}
