import { describe, expect, it } from 'vitest';
import { createEbs } from '../../../local/services/ebs/api.ts';
import { BLOCK_BYTES, MemoryBlocks } from '../../../local/services/ebs/blocks.ts';
import type { SnapshotsPorts } from '../../../local/services/ebs/snapshots.ts';
import { call, sha256, snapshotOf, testBus, testWorld } from '../ec2/world.ts';

interface Block {
  readonly BlockIndex: number;
  readonly BlockToken: string;
}

function testEbs(over: Partial<SnapshotsPorts> = {}) {
  const world = testWorld();
  const bus = testBus();
  const ebs = createEbs({ world, bus, blocks: new MemoryBlocks(), ...over });
  const api = <Output = Record<string, unknown>>(operation: string, input: object) => call<Output>(ebs, operation, input);
  const start = async (input: object = {}) =>
    (await api<{ SnapshotId: string }>('StartSnapshot', { VolumeSize: 1, ...input })).SnapshotId;
  const put = (SnapshotId: string, BlockIndex: number, over: object = {}, fill = 'a') => {
    const BlockData = Buffer.alloc(BLOCK_BYTES, fill);
    const checked = { Checksum: sha256(BlockData).toString('base64'), ChecksumAlgorithm: 'SHA256' };
    return api('PutSnapshotBlock', { SnapshotId, BlockIndex, BlockData, DataLength: BLOCK_BYTES, ...checked, ...over });
  };
  const complete = (SnapshotId: string, ChangedBlocksCount: number, over: object = {}) =>
    api('CompleteSnapshot', { SnapshotId, ChangedBlocksCount, ...over });
  return { world, bus, ebs, api, start, put, complete };
}

describe('StartSnapshot', () => {
  it('answers a pending snapshot with what was asked for', async () => {
    const { api } = testEbs();
    const Tags = [{ Key: 'tandem:service', Value: 'hello' }];
    expect(await api('StartSnapshot', { VolumeSize: 2, Tags, Description: 'd' })).toMatchObject({
      SnapshotId: expect.stringMatching(/^snap-[0-9a-f]{17}$/) as string,
      Status: 'pending',
      VolumeSize: 2,
      BlockSize: 524_288,
      OwnerId: '123456789012',
      Tags,
    });
  });

  it('with the same token and request answers the same snapshot, whatever the order of tags', async () => {
    const { start, ebs } = testEbs();
    const [a, b] = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ];
    const first = await start({ ClientToken: 't', Tags: [a, b] });
    expect(await start({ ClientToken: 't', Tags: [b, a] })).toBe(first);
    expect(await start({ ClientToken: 'u', Tags: [a, b] })).not.toBe(first);
    expect(ebs.snapshots.list()).toHaveLength(2);
  });

  it('with the same token and another request is a conflict', async () => {
    const { start } = testEbs();
    await start({ ClientToken: 't' });
    await expect(start({ ClientToken: 't', VolumeSize: 2 })).rejects.toMatchObject({ code: 'ConflictException', status: 409 });
    await expect(start({ ClientToken: 't', Tags: [{ Key: 'k', Value: 'v' }] })).rejects.toMatchObject({
      code: 'ConflictException',
    });
  });

  it.each([
    { VolumeSize: 0 },
    { VolumeSize: 65_537 },
    { VolumeSize: 1.5 },
    { Timeout: 9 },
    { ClientToken: 'x'.repeat(65) },
    { ClientToken: 'tokén' },
    { ParentSnapshotId: 'snap-0' },
    { Encrypted: true },
    { Tags: Array.from({ length: 51 }, (_, n) => ({ Key: `k${n}`, Value: '' })) },
  ])('refuses %j', async (input) => {
    await expect(testEbs().start(input)).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

describe('PutSnapshotBlock', () => {
  it('takes a block, and takes it again in place of itself', async () => {
    const { start, put, complete, world, ebs } = testEbs();
    const id = await start();
    await put(id, 3);
    expect(await put(id, 3, {}, 'b')).toMatchObject({ ChecksumAlgorithm: 'SHA256' });
    await complete(id, 1);
    await world.time.advanceBy(5_000);
    expect(await ebs.snapshots.open(id)!.read(3 * BLOCK_BYTES, 2)).toEqual(new Uint8Array(Buffer.from('bb')));
  });

  it.each([
    ['an index outside the volume', { BlockIndex: 2048 }],
    ['a negative index', { BlockIndex: -1 }],
    ['another length', { DataLength: 5 }],
    ['less bytes than its length', { BlockData: Buffer.from('short') }],
    ['more bytes than its length', { BlockData: Buffer.alloc(BLOCK_BYTES + 1) }],
    ['a checksum that is not the data’s', { Checksum: sha256(Buffer.from('x')).toString('base64') }],
    ['no checksum', { Checksum: undefined }],
    ['another algorithm', { ChecksumAlgorithm: 'MD5' }],
  ])('refuses %s', async (_what, over) => {
    const { start, put, complete } = testEbs();
    const id = await start();
    await expect(put(id, 0, over)).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(complete(id, 0)).resolves.toBeDefined();
  });

  it('is refused when the snapshot is unknown, completed, or only not to be seen yet', async () => {
    let isHidden = true;
    const { start, put, complete } = testEbs({ isNotYetVisible: () => isHidden });
    const id = await start();
    await expect(put('snap-00000000000000000', 0)).rejects.toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
    await expect(put(id, 0)).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    isHidden = false;
    await put(id, 0);
    await complete(id, 1);
    await expect(put(id, 1)).rejects.toMatchObject({ code: 'ValidationException' });
  });

  it('changes nothing of a completed snapshot', async () => {
    const { start, put, complete, world, ebs } = testEbs();
    const id = await start();
    await put(id, 0, {}, 'a');
    await complete(id, 1);
    await expect(put(id, 0, {}, 'b')).rejects.toMatchObject({ code: 'ValidationException' });
    await world.time.advanceBy(5_000);
    expect(Buffer.from(await ebs.snapshots.open(id)!.read(0, 1)).toString()).toBe('a');
  });
});

describe('CompleteSnapshot', () => {
  it('is pending at once and completed later, with an event', async () => {
    const { start, put, complete, world, ebs, bus } = testEbs();
    const id = await start();
    await put(id, 0);
    expect(await complete(id, 1)).toEqual({ Status: 'pending' });
    expect(ebs.snapshots.open(id)).toBeUndefined();
    await world.time.advanceBy(2_000);
    expect(ebs.snapshots.find(id)).toMatchObject({ state: 'completed' });
    expect(bus.details('EBS Snapshot Notification')).toMatchObject([{ event: 'createSnapshot', result: 'succeeded' }]);
    expect(await complete(id, 1)).toEqual({ Status: 'completed' });
    expect(world.time.entries).toBe(0);
  });

  it('is refused when blocks are missing or more than said', async () => {
    const { start, put, complete } = testEbs();
    const id = await start();
    await put(id, 0);
    for (const count of [0, 2, undefined])
      await expect(complete(id, count as number)).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(put(id, 1)).resolves.toBeDefined();
  });

  it('holds the blocks to a linear checksum: their digests, ascending by index', async () => {
    const { start, put, complete } = testEbs();
    const id = await start();
    await put(id, 7, {}, 'b');
    await put(id, 2, {}, 'a');
    const [a, b] = ['a', 'b'].map((fill) => sha256(Buffer.alloc(BLOCK_BYTES, fill)));
    const linear = { ChecksumAlgorithm: 'SHA256', ChecksumAggregationMethod: 'LINEAR' };
    const wrong = sha256(Buffer.concat([b!, a!])).toString('base64');
    await expect(complete(id, 2, { Checksum: wrong, ...linear })).rejects.toMatchObject({ code: 'ValidationException' });
    const right = sha256(Buffer.concat([a!, b!])).toString('base64');
    await expect(complete(id, 2, { Checksum: right })).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(complete(id, 2, { Checksum: right, ...linear })).resolves.toEqual({ Status: 'pending' });
  });

  it('never comes for a snapshot nobody writes to: it ends in error', async () => {
    const { start, put, complete, world, ebs } = testEbs();
    const id = await start({ Timeout: 10 });
    await world.time.advanceBy(9 * 60_000);
    await put(id, 0);
    await world.time.advanceBy(9 * 60_000);
    expect(ebs.snapshots.find(id)?.state).toBe('pending');
    await world.time.advanceBy(60_000);
    expect(ebs.snapshots.find(id)).toMatchObject({ state: 'error', stateMessage: expect.stringContaining('timeout') as string });
    await expect(complete(id, 1)).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(put(id, 0)).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

describe('a completed snapshot', () => {
  it('lists its blocks in order, page by page, each with the token that reads it', async () => {
    const { api, put, start, complete, world } = testEbs();
    const id = await start();
    for (const index of [9, 1, 5]) await put(id, index, {}, String(index));
    await complete(id, 3);
    await expect(api('ListSnapshotBlocks', { SnapshotId: id })).rejects.toMatchObject({ code: 'ValidationException' });
    await world.time.advanceBy(2_000);
    const page = await api<{ Blocks: Block[]; NextToken?: string }>('ListSnapshotBlocks', { SnapshotId: id, MaxResults: 2 });
    expect(page).toMatchObject({ Blocks: [{ BlockIndex: 1 }, { BlockIndex: 5 }], VolumeSize: 1, BlockSize: BLOCK_BYTES });
    expect(await api('ListSnapshotBlocks', { SnapshotId: id, NextToken: page.NextToken })).toMatchObject({
      Blocks: [{ BlockIndex: 9 }],
      NextToken: undefined,
    });
    expect(await api('ListSnapshotBlocks', { SnapshotId: id, StartingBlockIndex: 6 })).toMatchObject({
      Blocks: [{ BlockIndex: 9 }],
    });

    const [one, five] = page.Blocks;
    const block = await api<{ BlockData: Uint8Array }>('GetSnapshotBlock', { SnapshotId: id, ...one! });
    expect(block).toMatchObject({ DataLength: BLOCK_BYTES, Checksum: sha256(Buffer.alloc(BLOCK_BYTES, '1')).toString('base64') });
    expect(Buffer.compare(block.BlockData, Buffer.alloc(BLOCK_BYTES, '1'))).toBe(0);
    const others = { SnapshotId: id, BlockIndex: 1, BlockToken: five!.BlockToken };
    await expect(api('GetSnapshotBlock', others)).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(api('GetSnapshotBlock', { SnapshotId: id, BlockIndex: 2, BlockToken: '' })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('reads as the volume: written blocks, zeros between and behind, nothing past its end', async () => {
    const { world, ebs } = testEbs();
    const bytes = Buffer.alloc(3 * BLOCK_BYTES);
    bytes.write('start', 10);
    bytes.write('end', 3 * BLOCK_BYTES - 3);
    const reader = ebs.snapshots.open(await snapshotOf(world, ebs, bytes))!;
    expect(reader).toMatchObject({ volumeBytes: 2 ** 30, dataBytes: 3 * BLOCK_BYTES });
    expect(Buffer.from(await reader.read(0, bytes.length)).equals(bytes)).toBe(true);
    expect(Buffer.from(await reader.read(3 * BLOCK_BYTES - 3, 5)).toString()).toBe('end\0\0');
    expect(await reader.read(2 ** 30 - 2, 10)).toHaveLength(2);
    expect(await reader.read(2 ** 30, 10)).toHaveLength(0);
  });
});
