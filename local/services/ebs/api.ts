import {
  CompleteSnapshot$,
  GetSnapshotBlock$,
  ListSnapshotBlocks$,
  PutSnapshotBlock$,
  StartSnapshot$,
} from '@aws-sdk/client-ebs';
import type {
  CompleteSnapshotRequest,
  CompleteSnapshotResponse,
  GetSnapshotBlockRequest,
  GetSnapshotBlockResponse,
  ListSnapshotBlocksRequest,
  ListSnapshotBlocksResponse,
  PutSnapshotBlockRequest,
  PutSnapshotBlockResponse,
  StartSnapshotRequest,
  StartSnapshotResponse,
} from '@aws-sdk/client-ebs';
import { createHash } from 'node:crypto';
import { AwsError } from '../../kernel/aws-error.ts';
import { wholeBody } from '../../kernel/body.ts';
import type { SnapshotShelf } from '../../kernel/ports.ts';
import type { LocalService, Operation } from '../../kernel/service.ts';
import { BLOCK_BYTES } from './blocks.ts';
import { loadSnapshots, saveSnapshots } from './saved.ts';
import { BLOCKS_PER_GIB, Snapshots } from './snapshots.ts';
import type { Snapshot, SnapshotsPorts } from './snapshots.ts';

const GAPS = [
  'Snapshots have no parents, no encryption and no changed-block lists.',
  'A snapshot is completed two seconds after it was sealed, whatever its size; requests are not throttled unless a fault is injected.',
];

const MAX_GIB = 65_536;
const [MIN_TIMEOUT, MAX_TIMEOUT, DEFAULT_TIMEOUT] = [10, 4320, 60];
const BLOCK_TOKEN_MS = 7 * 86_400_000;
const MAX_PAGE = 10_000;
const PLACES_KEPT = 64;

const refused = (message: string) => new AwsError('ValidationException', message);

interface Ebs extends SnapshotsPorts {
  readonly snapshots: Snapshots;
  /** Where blocks are received, used again and again: new places for every block would keep the garbage collector busy. */
  readonly places: Uint8Array[];
}

function getSnapshot(ebs: Ebs, id: string | undefined): Snapshot {
  const snapshot = ebs.snapshots.get(id ?? '');
  if (snapshot === undefined || ebs.isNotYetVisible?.(snapshot.id) === true)
    throw new AwsError('ResourceNotFoundException', `The snapshot '${id ?? ''}' does not exist.`, 404);
  return snapshot;
}

function getWritable(ebs: Ebs, id: string | undefined): Snapshot {
  const snapshot = getSnapshot(ebs, id);
  if (snapshot.isSealed) throw refused(`The snapshot '${snapshot.id}' is not in the pending state: it can no longer be written.`);
  return snapshot;
}

const NEVER_SUPPORTED = ['ParentSnapshotId', 'Encrypted', 'KmsKeyArn'] as const;

function checkStart(input: StartSnapshotRequest): void {
  const size = input.VolumeSize ?? 0;
  if (!Number.isInteger(size) || size < 1 || size > MAX_GIB) throw refused(`VolumeSize must be 1 to ${MAX_GIB} GiB, is ${size}.`);
  const timeout = input.Timeout ?? DEFAULT_TIMEOUT;
  if (timeout < MIN_TIMEOUT || timeout > MAX_TIMEOUT)
    throw refused(`Timeout must be ${MIN_TIMEOUT} to ${MAX_TIMEOUT} minutes, is ${timeout}.`);
  if (!/^[!-~]{0,64}$/.test(input.ClientToken ?? '')) throw refused('ClientToken must be at most 64 printable ASCII characters.');
  if ((input.Tags?.length ?? 0) > 50) throw refused('A snapshot has at most 50 tags.');
  const unknown = NEVER_SUPPORTED.filter((name) => input[name] !== undefined && input[name] !== false);
  if (unknown.length > 0) throw refused(`The local EBS does not have ${unknown.join(', ')}.`);
}

/** What two requests with one token must agree in. */
const identityOf = (request: StartSnapshotRequest) =>
  JSON.stringify([request.VolumeSize, request.Description ?? '', request.Timeout ?? DEFAULT_TIMEOUT, sortedTags(request)]);

const sortedTags = ({ Tags = [] }: StartSnapshotRequest) => Tags.map(({ Key = '', Value = '' }) => [Key, Value] as const).sort();

const startSnapshot = (ebs: Ebs): Operation<StartSnapshotRequest, StartSnapshotResponse> => ({
  schema: StartSnapshot$,
  run(input) {
    checkStart(input);
    const before = input.ClientToken === undefined ? undefined : ebs.snapshots.byToken(input.ClientToken);
    if (before === undefined) return toStarted(ebs, makeSnapshot(ebs, input));
    if (before.request !== identityOf(input))
      throw new AwsError(
        'ConflictException',
        'The request uses the same client token as a previous, but non-identical request.',
        409,
      );
    return toStarted(ebs, before);
  },
});

function makeSnapshot(ebs: Ebs, input: StartSnapshotRequest): Snapshot {
  const snapshot: Snapshot = {
    id: `snap-${ebs.world.random.hex(17)}`,
    token: input.ClientToken,
    request: identityOf(input),
    volumeGiB: input.VolumeSize ?? 0,
    description: input.Description ?? '',
    tags: Object.fromEntries(sortedTags(input)),
    startedAt: ebs.world.time.now(),
    timeoutMs: (input.Timeout ?? DEFAULT_TIMEOUT) * 60_000,
    digests: new Map(),
    state: 'pending',
    isSealed: false,
  };
  ebs.snapshots.add(snapshot);
  return snapshot;
}

const toStarted = (ebs: Ebs, snapshot: Snapshot): StartSnapshotResponse => ({
  SnapshotId: snapshot.id,
  OwnerId: ebs.world.account.id,
  Status: snapshot.state,
  StartTime: new Date(snapshot.startedAt),
  VolumeSize: snapshot.volumeGiB,
  BlockSize: BLOCK_BYTES,
  Description: snapshot.description,
  Tags: Object.entries(snapshot.tags).map(([Key, Value]) => ({ Key, Value })),
});

function checkIndex(snapshot: Snapshot, index: number | undefined): number {
  const blocks = snapshot.volumeGiB * BLOCKS_PER_GIB;
  if (index === undefined || !Number.isInteger(index) || index < 0 || index >= blocks)
    throw refused(`BlockIndex ${index ?? ''} is outside the volume: ${snapshot.volumeGiB} GiB have blocks 0 to ${blocks - 1}.`);
  return index;
}

const putSnapshotBlock = (ebs: Ebs): Operation<PutSnapshotBlockRequest, PutSnapshotBlockResponse> => ({
  schema: PutSnapshotBlock$,
  async run(input) {
    const snapshot = getWritable(ebs, input.SnapshotId);
    const index = checkIndex(snapshot, input.BlockIndex);
    if (input.DataLength !== BLOCK_BYTES) throw refused(`DataLength must be ${BLOCK_BYTES}, is ${input.DataLength ?? ''}.`);
    if (input.ChecksumAlgorithm !== 'SHA256')
      throw refused(`ChecksumAlgorithm must be SHA256, is ${String(input.ChecksumAlgorithm)}.`);
    const place = ebs.places.pop() ?? new Uint8Array(BLOCK_BYTES);
    try {
      const digest = await writeBlock(ebs, snapshot, index, checked(index, input, await wholeBody(input.BlockData, place)));
      return { Checksum: digest.toString('base64'), ChecksumAlgorithm: 'SHA256' };
    } finally {
      if (ebs.places.length < PLACES_KEPT) ebs.places.push(place);
    }
  },
});

interface CheckedBlock {
  readonly bytes: Uint8Array;
  readonly digest: Buffer;
}

function checked(index: number, { Checksum }: PutSnapshotBlockRequest, bytes: Uint8Array): CheckedBlock {
  if (bytes.length !== BLOCK_BYTES) throw refused(`The block has ${bytes.length} bytes, not DataLength ${BLOCK_BYTES}.`);
  const digest = createHash('sha256').update(bytes).digest();
  if (Checksum !== digest.toString('base64')) throw refused(`Checksum does not match the data of block ${index}.`);
  return { bytes, digest };
}

async function writeBlock(ebs: Ebs, snapshot: Snapshot, index: number, { bytes, digest }: CheckedBlock): Promise<Buffer> {
  await ebs.blocks.write(snapshot.id, index, bytes);
  // Sealed while the block was on its way: it must not be in the snapshot.
  if (snapshot.isSealed) throw refused(`The snapshot '${snapshot.id}' was completed while block ${index} was written.`);
  snapshot.digests.set(index, digest);
  ebs.snapshots.touch(snapshot);
  return digest;
}

const ascending = (snapshot: Snapshot) => [...snapshot.digests.entries()].sort(([a], [b]) => a - b);

/** LINEAR: SHA-256 over the raw digests of all written blocks, ascending by index. */
function checkAggregate(snapshot: Snapshot, input: CompleteSnapshotRequest): void {
  if (input.Checksum === undefined) return;
  if (input.ChecksumAlgorithm !== 'SHA256' || input.ChecksumAggregationMethod !== 'LINEAR')
    throw refused('An aggregated Checksum needs ChecksumAlgorithm SHA256 and ChecksumAggregationMethod LINEAR.');
  const hash = createHash('sha256');
  for (const [, digest] of ascending(snapshot)) hash.update(digest);
  if (hash.digest('base64') !== input.Checksum) throw refused('Checksum does not match the blocks that were written.');
}

const completeSnapshot = (ebs: Ebs): Operation<CompleteSnapshotRequest, CompleteSnapshotResponse> => ({
  schema: CompleteSnapshot$,
  run(input) {
    const snapshot = getSnapshot(ebs, input.SnapshotId);
    if (snapshot.state === 'error') throw refused(snapshot.stateMessage ?? 'The snapshot is in the error state.');
    if (input.ChangedBlocksCount !== snapshot.digests.size)
      throw refused(`ChangedBlocksCount is ${input.ChangedBlocksCount ?? ''}, but ${snapshot.digests.size} blocks were written.`);
    checkAggregate(snapshot, input);
    if (!snapshot.isSealed) ebs.snapshots.seal(snapshot);
    return { Status: snapshot.state };
  },
});

const blockToken = (snapshot: Snapshot, index: number) =>
  createHash('sha256')
    .update(`${snapshot.id}/${index}`)
    .update(snapshot.digests.get(index) ?? '')
    .digest('base64');

function getCompleted(ebs: Ebs, id: string | undefined): Snapshot {
  const snapshot = getSnapshot(ebs, id);
  if (snapshot.state !== 'completed') throw refused(`The snapshot '${snapshot.id}' is ${snapshot.state}, not completed.`);
  return snapshot;
}

const listSnapshotBlocks = (ebs: Ebs): Operation<ListSnapshotBlocksRequest, ListSnapshotBlocksResponse> => ({
  schema: ListSnapshotBlocks$,
  run(input) {
    const snapshot = getCompleted(ebs, input.SnapshotId);
    const from = Number(input.NextToken ?? input.StartingBlockIndex ?? 0);
    if (!Number.isInteger(from)) throw refused(`NextToken is not one of this snapshot's: ${input.NextToken ?? ''}`);
    const limit = Math.min(input.MaxResults ?? MAX_PAGE, MAX_PAGE);
    const rest = ascending(snapshot).filter(([index]) => index >= from);
    const page = rest.slice(0, limit);
    const next = rest[limit];
    return {
      Blocks: page.map(([BlockIndex]) => ({ BlockIndex, BlockToken: blockToken(snapshot, BlockIndex) })),
      BlockSize: BLOCK_BYTES,
      VolumeSize: snapshot.volumeGiB,
      ExpiryTime: new Date(ebs.world.time.now() + BLOCK_TOKEN_MS),
      NextToken: next === undefined ? undefined : String(next[0]),
    };
  },
});

type BlockAnswer = Omit<GetSnapshotBlockResponse, 'BlockData'> & { readonly BlockData: Uint8Array };

const getSnapshotBlock = (ebs: Ebs): Operation<GetSnapshotBlockRequest, BlockAnswer> => ({
  schema: GetSnapshotBlock$,
  async run(input) {
    const snapshot = getCompleted(ebs, input.SnapshotId);
    const index = checkIndex(snapshot, input.BlockIndex);
    const digest = snapshot.digests.get(index);
    if (digest === undefined || input.BlockToken !== blockToken(snapshot, index))
      throw refused(`BlockToken is not the one of block ${index}; ListSnapshotBlocks answers it.`);
    const BlockData = await ebs.blocks.read(snapshot.id, index);
    return { BlockData, DataLength: BLOCK_BYTES, Checksum: digest.toString('base64'), ChecksumAlgorithm: 'SHA256' };
  },
});

/** EBS direct: snapshots written and read block by block. */
export function createEbs(ports: SnapshotsPorts): LocalService & { readonly snapshots: SnapshotShelf } {
  const snapshots = new Snapshots(ports);
  const ebs: Ebs = { ...ports, snapshots, places: [] };
  return {
    name: 'ebs',
    operations: {
      StartSnapshot: startSnapshot(ebs),
      PutSnapshotBlock: putSnapshotBlock(ebs),
      CompleteSnapshot: completeSnapshot(ebs),
      ListSnapshotBlocks: listSnapshotBlocks(ebs),
      GetSnapshotBlock: getSnapshotBlock(ebs),
    },
    resources: {},
    gaps: GAPS,
    save: () => saveSnapshots(snapshots),
    load: (saved) => loadSnapshots(snapshots, ports.blocks, saved),
    snapshots,
  };
}
