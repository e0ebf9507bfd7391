/** Snapshots written block by block through the EBS direct APIs, and looked after through EC2. */
import { CompleteSnapshotCommand, type EBSClient, PutSnapshotBlockCommand, StartSnapshotCommand } from '@aws-sdk/client-ebs';
import { DeleteSnapshotCommand, type EC2Client, type Snapshot, paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import { BLOCK_BYTES, type ListedSnapshot, type Snapshots, type SnapshotState } from '../core/image/ports.ts';
import { failureName, isPassing } from './aws-failure.ts';
import { FAULT, RELEASE, STACK, tagValue, taggedBy, toTags } from './tags.ts';

export interface SnapshotsOptions {
  readonly stack: string;
  /** Resolves after that many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
}

/** EBS's own limit for writing a snapshot after its start, at least 10 minutes. */
const WRITE_WITHIN_MINUTES = 120;
/** A snapshot may be unknown to PutSnapshotBlock for up to two minutes after its start (coldsnap #43). */
const APPEARS_WITHIN_MS = 120_000;
const PASSING_TRIES = 6;
const LONGEST_PAUSE_MS = 10_000;

const GONE = 'InvalidSnapshot.NotFound';
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

export class EbsSnapshots implements Snapshots {
  private readonly ebs: EBSClient;
  private readonly ec2: EC2Client;
  private readonly options: SnapshotsOptions;
  /** Snapshots that took a block: from then on "not found" means that somebody deleted it. */
  private readonly appeared = new Set<string>();

  constructor(ebs: EBSClient, ec2: EC2Client, options: SnapshotsOptions) {
    addPayloadHash(ebs);
    this.ebs = ebs;
    this.ec2 = ec2;
    this.options = options;
  }

  async start(args: {
    readonly token: string;
    readonly gib: number;
    readonly tags: Readonly<Record<string, string>>;
  }): Promise<string> {
    const { SnapshotId } = await this.ebs.send(
      new StartSnapshotCommand({
        VolumeSize: args.gib,
        ClientToken: args.token,
        Timeout: WRITE_WITHIN_MINUTES,
        Description: args.tags['Name'],
        Tags: toTags({ ...args.tags, [STACK]: this.options.stack }),
      }),
    );
    if (!SnapshotId) throw new Error('StartSnapshot answered without a snapshot id');
    return SnapshotId;
  }

  /** EBS lost no block it acknowledged, but some puts are never answered (coldsnap #437): each has its own tries. */
  async putBlock(snapshotId: string, index: number, block: Uint8Array, sha256: Uint8Array): Promise<void> {
    for (let tries = 1, waitedMs = 0; ; tries += 1) {
      try {
        await this.ebs.send(toPut(snapshotId, index, block, sha256));
        this.appeared.add(snapshotId);
        return;
      } catch (cause) {
        if (!this.isWorthAnotherTry(snapshotId, cause, { tries, waitedMs })) throw cause;
        const pauseMs = Math.min(LONGEST_PAUSE_MS, 250 * 2 ** tries);
        await this.options.pause(pauseMs);
        waitedMs += pauseMs;
      }
    }
  }

  /** A repeat of a call that took effect is refused by EBS; the snapshot's state then tells that it is complete. */
  async complete(snapshotId: string, blocks: number, checksum: Uint8Array): Promise<void> {
    try {
      await this.ebs.send(
        new CompleteSnapshotCommand({
          SnapshotId: snapshotId,
          ChangedBlocksCount: blocks,
          Checksum: base64(checksum),
          ChecksumAlgorithm: 'SHA256',
          ChecksumAggregationMethod: 'LINEAR',
        }),
      );
    } catch (cause) {
      if ((await this.state(snapshotId)).state !== 'completed') throw cause;
    }
  }

  async state(snapshotId: string): Promise<{ readonly state: SnapshotState; readonly why: string }> {
    try {
      for await (const page of paginateDescribeSnapshots({ client: this.ec2 }, { SnapshotIds: [snapshotId] })) {
        const [snapshot] = page.Snapshots ?? [];
        if (snapshot) return toState(snapshot);
      }
    } catch (cause) {
      if (failureName(cause) !== GONE) throw cause;
    }
    return { state: 'none', why: 'there is no such snapshot' };
  }

  async remove(SnapshotId: string): Promise<void> {
    try {
      await this.ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
    } catch (cause) {
      if (failureName(cause) !== GONE) throw cause;
    }
  }

  async list(service: string): Promise<readonly ListedSnapshot[]> {
    const query = { OwnerIds: ['self'], Filters: taggedBy(this.options.stack, service) };
    const found: ListedSnapshot[] = [];
    for await (const page of paginateDescribeSnapshots({ client: this.ec2 }, query))
      found.push(...(page.Snapshots ?? []).flatMap(toListed));
    return found;
  }

  private isWorthAnotherTry(snapshotId: string, cause: unknown, soFar: { readonly tries: number; readonly waitedMs: number }) {
    if (failureName(cause) === 'ResourceNotFoundException')
      return !this.appeared.has(snapshotId) && soFar.waitedMs < APPEARS_WITHIN_MS;
    return isPassing(cause) && soFar.tries < PASSING_TRIES;
  }
}

const toPut = (snapshotId: string, index: number, block: Uint8Array, sha256: Uint8Array) =>
  new PutSnapshotBlockCommand({
    SnapshotId: snapshotId,
    BlockIndex: index,
    BlockData: block,
    DataLength: BLOCK_BYTES,
    Checksum: base64(sha256),
    ChecksumAlgorithm: 'SHA256',
  });

/** The signature covers the payload's SHA-256. The SDK takes it from this header, or else hashes the block once more. */
function addPayloadHash(client: EBSClient): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { input, request } = args;
      if ('BlockData' in input && input.Checksum !== undefined && hasHeaders(request))
        request.headers['x-amz-content-sha256'] = Buffer.from(input.Checksum, 'base64').toString('hex');
      return next(args);
    },
    { step: 'build', name: 'withPayloadHash', override: true },
  );
}

const hasHeaders = (request: unknown): request is { readonly headers: Record<string, string> } =>
  typeof request === 'object' && request !== null && 'headers' in request;

export function toState({ State, StateMessage }: Snapshot): { readonly state: SnapshotState; readonly why: string } {
  const why = StateMessage ?? '';
  if (State === 'completed' || State === 'pending') return { state: State, why };
  return State === 'error' ? { state: 'failed', why } : { state: 'none', why: `it is ${State ?? 'unknown'}` };
}

function toListed({ SnapshotId, StartTime, Tags }: Snapshot) {
  const [version, faultId] = [tagValue(Tags, RELEASE), tagValue(Tags, FAULT)];
  const startedAt = StartTime?.getTime() ?? 0;
  return SnapshotId && version ? [{ snapshotId: SnapshotId, version, startedAt, ...(faultId && { faultId }) }] : [];
}
