/** Snapshots read through the EBS direct APIs: nothing is booted, nothing is attached. */
import { type EBSClient, GetSnapshotBlockCommand, ListSnapshotBlocksCommand } from '@aws-sdk/client-ebs';
import type { DiskReader } from '../core/evidence/ports.ts';
import { BLOCK_BYTES, type Snapshots } from '../core/image/ports.ts';
import { failureName } from './aws-failure.ts';

/** The fewest that ListSnapshotBlocks may be asked for. */
const FEWEST_BLOCKS = 100;

export class EbsDisks implements DiskReader {
  private readonly client: EBSClient;
  private readonly snapshots: Pick<Snapshots, 'state'>;

  constructor(client: EBSClient, snapshots: Pick<Snapshots, 'state'>) {
    this.client = client;
    this.snapshots = snapshots;
  }

  async state(snapshotId: string) {
    return (await this.snapshots.state(snapshotId)).state;
  }

  async read(snapshotId: string, offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    const end = offset + length;
    for (let index = Math.floor(offset / BLOCK_BYTES); index * BLOCK_BYTES < end; index += 1) {
      const block = await this.block(snapshotId, index);
      const start = index * BLOCK_BYTES;
      const [from, to] = [Math.max(offset, start), Math.min(end, start + BLOCK_BYTES)];
      if (block) bytes.set(block.subarray(from - start, to - start), from - offset);
    }
    return bytes;
  }

  /** Undefined where the block was never written: it reads as zeros. */
  private async block(SnapshotId: string, index: number): Promise<Uint8Array | undefined> {
    const token = await this.tokenOf(SnapshotId, index);
    if (token === undefined) return undefined;
    const { BlockData } = await this.client.send(
      new GetSnapshotBlockCommand({ SnapshotId, BlockIndex: index, BlockToken: token }),
    );
    return BlockData?.transformToByteArray();
  }

  private async tokenOf(SnapshotId: string, index: number): Promise<string | undefined> {
    try {
      const query = { SnapshotId, StartingBlockIndex: index, MaxResults: FEWEST_BLOCKS };
      const { Blocks = [] } = await this.client.send(new ListSnapshotBlocksCommand(query));
      return Blocks.find(({ BlockIndex }) => BlockIndex === index)?.BlockToken;
    } catch (cause) {
      // The list begins behind the last written block.
      if (failureName(cause) === 'ValidationException') return undefined;
      throw cause;
    }
  }
}
