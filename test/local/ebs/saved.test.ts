import { beforeEach, expect, it } from 'vitest';
import { createEbs } from '../../../local/services/ebs/api.ts';
import { MemoryBlocks } from '../../../local/services/ebs/blocks.ts';
import { call, snapshotOf, testBus, testWorld } from '../ec2/world.ts';

let world: ReturnType<typeof testWorld>;
let blocks: MemoryBlocks;
let ebs: ReturnType<typeof createEbs>;
beforeEach(() => {
  world = testWorld();
  blocks = new MemoryBlocks();
  ebs = createEbs({ world, bus: testBus(), blocks });
});

/** Another run over the same blocks. */
async function reopened(over = blocks) {
  const again = createEbs({ world, bus: testBus(), blocks: over });
  return { again, notes: await again.load?.(JSON.parse(JSON.stringify(ebs.save?.()))) };
}

it('a snapshot that was sealed as the run ended is completed', async () => {
  const { SnapshotId } = await call<{ SnapshotId: string }>(ebs, 'StartSnapshot', { VolumeSize: 1 });
  await call(ebs, 'CompleteSnapshot', { SnapshotId, ChangedBlocksCount: 0 });
  const { again } = await reopened();
  expect(again.snapshots.find(SnapshotId)?.state).toBe('pending');
  await world.time.advanceBy(2_000);
  expect(again.snapshots.find(SnapshotId)?.state).toBe('completed');
});

it('a snapshot that is still written fails when nobody goes on in time', async () => {
  const { SnapshotId } = await call<{ SnapshotId: string }>(ebs, 'StartSnapshot', { VolumeSize: 1, Timeout: 10 });
  const { again } = await reopened();
  await world.time.advanceBy(10 * 60_000);
  expect(again.snapshots.find(SnapshotId)?.state).toBe('error');
});

it('a snapshot whose blocks are gone is said to be lost', async () => {
  const id = await snapshotOf(world, ebs, Buffer.from('data'));
  const { again, notes } = await reopened(new MemoryBlocks());
  expect(notes).toEqual([`The snapshot ${id} is lost: its blocks are not in the folder.`]);
  expect(again.snapshots.find(id)).toBeUndefined();
});
