import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { NodeHashing } from '../../../adapters/node-hashing.ts';
import { bakeImage, type BakeInput } from '../../../core/image/bake-image.ts';
import { snapshotToken } from '../../../core/image/start-bake.ts';
import { BLOCK_BYTES } from '../../../core/image/ports.ts';
import type { Manifest, ReleaseImage, ReleaseRecord } from '../../../core/release/release.ts';
import type { Build } from '../../../core/service/service.ts';
import { aService } from '../../adapters/a-service.ts';
import { aReleaseRecord, aServiceRecord } from '../../contracts/records.contract.ts';
import { MemoryBakedImages } from '../../fakes/memory-baked-images.ts';
import { MemoryBlockDigests } from '../../fakes/memory-block-digests.ts';
import { MemoryImageSource } from '../../fakes/memory-image-source.ts';
import { MemoryRecords } from '../../fakes/memory-records.ts';
import { MemorySnapshots } from '../../fakes/memory-snapshots.ts';

/** A disk of some blocks: boot sector, data in the blocks named, zeros elsewhere, and a last block that is cut short. */
function aDisk(blocks: number, data: readonly number[] = [0, blocks - 1]): Uint8Array {
  const bytes = new Uint8Array(blocks * BLOCK_BYTES - 1000);
  for (const index of data) bytes.fill(index + 1, index * BLOCK_BYTES, index * BLOCK_BYTES + 2000);
  bytes.set([0x55, 0xaa], 510);
  return bytes;
}
const hexSha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** As docs/images.md says it: each block's SHA-256, the last block filled up with zeros, and SHA-256 over these. */
function blocksOf(bytes: Uint8Array): string {
  const full = Buffer.alloc(Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES);
  full.set(bytes);
  const digests = Array.from({ length: full.length / BLOCK_BYTES }, (_, n) =>
    Buffer.from(hexSha256(full.subarray(n * BLOCK_BYTES, (n + 1) * BLOCK_BYTES)), 'hex'),
  );
  return hexSha256(Buffer.concat(digests));
}
const step = { service: 'hello', version: '1.0.0', fence: 1, at: 0, build: 'linux' as Build };
const key = 'hello/1.0.0/linux.raw';

const aManifest = (sha256: { linux?: string } = {}, blocks?: Manifest['blocks']): Manifest => ({
  ...{
    key: 'hello/1.0.0/release.json',
    versionId: 'v9',
    sha256: { linux: 'c'.repeat(64), unikernel: 'b'.repeat(64), ...sha256 },
  },
  ...(blocks && { blocks }),
});

async function open(bytes: Uint8Array, record: Partial<ReleaseRecord> = {}, file: Readonly<Record<string, unknown>> = {}) {
  const source = new MemoryImageSource();
  const snapshots = new MemorySnapshots();
  const images = new MemoryBakedImages(snapshots);
  const records = new MemoryRecords();
  const uploaded = source.put(key, bytes);
  const image: ReleaseImage = { ...uploaded, bytes: bytes.length };
  const pinned = { stage: 'baking', fence: 1, pinned: aService(file), images: { linux: image } } as const;
  await records.putService(aServiceRecord({ fence: 1, inFlight: '1.0.0' }));
  await records.putRelease(aReleaseRecord({ ...pinned, ...record }));
  const ports = { records, source, snapshots, images, digests: new MemoryBlockDigests(), hashing: new NodeHashing() };
  const time = { now: 1_000_000 };
  const clock = { now: () => time.now };
  const bake = (input: Partial<BakeInput>) => bakeImage({ ...ports, clock }, { ...step, ...input } as BakeInput);
  const recorded = async () => (await records.findRelease('hello', '1.0.0'))!.images.linux!;
  return { ...ports, time, uploaded, bake, recorded };
}
type Bench = Awaited<ReturnType<typeof open>>;

async function start({ bake }: Bench) {
  const started = await bake({ op: 'start' });
  if (started.kind !== 'copying') throw new Error(started.kind);
  return started;
}

/** As the workflow runs it: the pieces side by side, in any order. */
async function bakeAll(bench: Bench) {
  const { snapshotId, pieces } = await start(bench);
  await Promise.all(pieces.toReversed().map((piece) => bench.bake({ op: 'copy', snapshotId, piece })));
  await bench.bake({ op: 'seal', snapshotId, pieces });
  return bench.bake({ op: 'register', snapshotId });
}

describe('a bake', () => {
  it('makes an image of exactly the uploaded bytes, and records snapshot, digest of the blocks and image', async () => {
    const bytes = aDisk(5);
    const bench = await open(bytes);
    expect(await bakeAll(bench)).toMatchObject({ kind: 'ready', imageId: 'ami-1' });
    const recorded = await bench.recorded();
    expect(recorded).toMatchObject({ snapshotId: 'snap-1', imageId: 'ami-1', blocks: blocksOf(bytes) });
    expect(recorded.sha256).toBeUndefined();
    expect(Buffer.from(bench.snapshots.content('snap-1', bytes.length)).equals(bytes)).toBe(true);
  });

  it('writes no block of zeros', async () => {
    const bench = await open(aDisk(6, [0, 3]));
    await bakeAll(bench);
    expect(bench.snapshots.written('snap-1')).toEqual([0, 3]);
  });

  it('takes nothing that did not come for zeros', async () => {
    const bench = await open(aDisk(4));
    const { snapshotId, pieces } = await start(bench);
    const read = bench.source.read.bind(bench.source);
    bench.source.read = (object, [range]) => read(object, [{ from: range!.from, to: range!.to - 2 * BLOCK_BYTES }]);
    await expect(bench.bake({ op: 'copy', snapshotId, piece: pieces[0]! })).rejects.toThrow('ended before all blocks');
  });

  it('has at most 32 blocks in flight, however many there are', async () => {
    const blocks = 150;
    const bench = await open(
      aDisk(
        blocks,
        Array.from({ length: blocks }, (_, n) => n),
      ),
    );
    await bakeAll(bench);
    expect(bench.snapshots.mostInFlight).toBe(32);
  });

  it('comes to the same end when every one of its steps runs twice', async () => {
    const bytes = aDisk(4);
    const bench = await open(bytes);
    const { snapshotId, pieces } = await start(bench);
    expect((await start(bench)).snapshotId).toBe(snapshotId);
    for (const piece of [...pieces, ...pieces]) await bench.bake({ op: 'copy', snapshotId, piece });
    await bench.bake({ op: 'seal', snapshotId, pieces });
    await bench.bake({ op: 'seal', snapshotId, pieces });
    await bench.bake({ op: 'register', snapshotId });
    await bench.bake({ op: 'register', snapshotId });
    expect([bench.snapshots.ids(), bench.images.ids()]).toEqual([['snap-1'], ['ami-1']]);
  });

  it('copies nothing again when it is started anew after its snapshot was complete', async () => {
    const bench = await open(aDisk(3));
    await bakeAll(bench);
    const { snapshotId, pieces } = await start(bench);
    expect(pieces).toEqual([]);
    expect(await bench.bake({ op: 'seal', snapshotId, pieces })).toMatchObject({ kind: 'sealed' });
    expect(await bench.bake({ op: 'register', snapshotId })).toMatchObject({ kind: 'ready', imageId: 'ami-1' });
  });

  it('goes on with the snapshot that is recorded, whatever became of its token', async () => {
    const bench = await open(aDisk(2));
    const { snapshotId } = await start(bench);
    bench.snapshots.start = () => Promise.reject(new Error('the token was forgotten'));
    expect((await start(bench)).snapshotId).toBe(snapshotId);
  });

  it('waits for the snapshot and for the image, and tells why one failed', async () => {
    const bench = await open(aDisk(2));
    bench.snapshots.slow = bench.images.slow = true;
    expect(await bakeAll(bench)).toMatchObject({ kind: 'wait', why: 'snapshot snap-1 is being completed' });
    bench.snapshots.settle('snap-1', 'completed');
    const register = () => bench.bake({ op: 'register', snapshotId: 'snap-1' });
    expect(await register()).toMatchObject({ kind: 'wait', why: 'image ami-1 is not available yet' });
    bench.images.settle('ami-1', 'failed');
    await expect(register()).rejects.toMatchObject({ name: 'SnapshotFailed' });
  });

  it('waits an hour for a snapshot that hangs, and then says so', async () => {
    const bench = await open(aDisk(2));
    bench.snapshots.slow = true;
    await bakeAll(bench);
    const register = () => bench.bake({ op: 'register', snapshotId: 'snap-1' });
    bench.time.now += 59 * 60_000;
    expect(await register()).toMatchObject({ kind: 'wait' });
    bench.time.now += 60_000;
    const message = expect.stringMatching(/60 minutes after .* is being completed/) as string;
    await expect(register()).rejects.toMatchObject({ name: 'SnapshotFailed', message });
    expect(bench.snapshots.ids()).toEqual([]);
  });

  it('waits an hour for an image that somebody deleted, and then says so', async () => {
    const bench = await open(aDisk(2));
    await bakeAll(bench);
    const register = () => bench.bake({ op: 'register', snapshotId: 'snap-1' });
    await bench.images.remove('ami-1');
    bench.snapshots.state = () => Promise.resolve({ state: 'completed', why: '' });
    expect(await register()).toMatchObject({ kind: 'wait', why: 'image ami-1 is not available yet' });
    bench.time.now += 3_600_000;
    const message = expect.stringContaining('image ami-1 is not available') as string;
    await expect(register()).rejects.toMatchObject({ name: 'SnapshotFailed', message });
  });

  it('goes on to the image when it is started anew after its snapshot was sealed', async () => {
    const bench = await open(aDisk(3));
    const first = await start(bench);
    for (const piece of first.pieces) await bench.bake({ op: 'copy', snapshotId: 'snap-1', piece });
    bench.snapshots.slow = true;
    await bench.bake({ op: 'seal', ...first });

    expect(await bench.bake({ op: 'start' })).toMatchObject({ kind: 'wait', seconds: 15 });
    bench.snapshots.settle('snap-1', 'completed');
    expect((await start(bench)).pieces).toEqual([]);
    expect(await bench.bake({ op: 'register', snapshotId: 'snap-1' })).toMatchObject({ kind: 'ready' });
  });

  it('asks again for the completion that a bake before it recorded and never came to', async () => {
    const bench = await open(aDisk(3));
    const first = await start(bench);
    for (const piece of first.pieces) await bench.bake({ op: 'copy', snapshotId: 'snap-1', piece });
    const complete = bench.snapshots.complete.bind(bench.snapshots);
    bench.snapshots.complete = () => Promise.reject(new Error('the function died'));
    await expect(bench.bake({ op: 'seal', ...first })).rejects.toThrow('died');

    bench.snapshots.complete = complete;
    expect((await start(bench)).pieces).toEqual([]);
    expect(await bench.bake({ op: 'register', snapshotId: 'snap-1' })).toMatchObject({ kind: 'ready' });
  });

  it('does not wait for ever for a completion that is always refused', async () => {
    const bench = await open(aDisk(2));
    bench.snapshots.slow = true;
    await bakeAll(bench);
    bench.time.now += 3_600_000;
    await expect(bench.bake({ op: 'start' })).rejects.toMatchObject({ name: 'SnapshotFailed' });
  });

  it('records the snapshot before the first block is written, so that a death leaves nothing unowned', async () => {
    const bench = await open(aDisk(2));
    await start(bench);
    expect((await bench.recorded()).snapshotId).toBe('snap-1');
    expect(bench.snapshots.written('snap-1')).toEqual([]);
  });
});

describe('a bake of an image that was uploaded in parts with SHA-256', () => {
  const MIB = 1_048_576;

  it('reads no part of zeros, and comes to the same snapshot and digest', async () => {
    const bytes = aDisk(64, [0, 40]);
    const bench = await open(bytes);
    bench.source.partBytes = 5 * MIB;
    const { snapshotId, pieces } = await start(bench);
    bench.source.bytesRead = 0;
    const copied = await bench.bake({ op: 'copy', snapshotId, piece: pieces[0]! });
    await bench.bake({ op: 'seal', snapshotId, pieces });
    expect(bench.source.bytesRead).toBe(20 * BLOCK_BYTES);
    expect(copied.why).toContain('20 were read');
    expect(bench.snapshots.written('snap-1')).toEqual([0, 40]);
    expect(await bench.recorded()).toMatchObject({ blocks: blocksOf(bytes) });
    expect(Buffer.from(bench.snapshots.content('snap-1', bytes.length)).equals(bytes)).toBe(true);
  });

  it('takes the digest of the whole with the zeros it did not read', async () => {
    const bytes = aDisk(33, [0, 11]);
    const bench = await open(bytes, { manifest: aManifest({ linux: hexSha256(bytes) }) });
    bench.source.partBytes = 5 * MIB;
    await bakeAll(bench);
    expect(await bench.recorded()).toMatchObject({ sha256: hexSha256(bytes), blocks: blocksOf(bytes) });
  });
});

describe('a bake and its manifest', () => {
  it('takes the digest of the whole where the manifest has no other', async () => {
    const bytes = aDisk(3);
    const bench = await open(bytes, { manifest: aManifest({ linux: hexSha256(bytes) }) });
    expect(await bakeAll(bench)).toMatchObject({ kind: 'ready' });
    expect(await bench.recorded()).toMatchObject({ sha256: hexSha256(bytes) });
  });

  it('hashes nothing whole where the manifest gives the digest of the blocks', async () => {
    const bytes = aDisk(3);
    const bench = await open(bytes, { manifest: aManifest({}, { linux: blocksOf(bytes) }) });
    expect((await start(bench)).pieces.map(({ work }) => work)).toEqual(['copy']);
    expect(await bakeAll(bench)).toMatchObject({ kind: 'ready' });
    expect((await bench.recorded()).sha256).toBeUndefined();
  });

  it('tells blocks that stand in another order, and one bit of difference', async () => {
    const bytes = aDisk(4, [0, 1, 2, 3]);
    const swapped = Uint8Array.from(bytes);
    swapped.set(bytes.subarray(BLOCK_BYTES, 2 * BLOCK_BYTES), 2 * BLOCK_BYTES);
    swapped.set(bytes.subarray(2 * BLOCK_BYTES, 3 * BLOCK_BYTES), BLOCK_BYTES);
    const flipped = Uint8Array.from(bytes);
    flipped[3 * BLOCK_BYTES + 5000]! ^= 1;
    for (const other of [swapped, flipped]) {
      const bench = await open(other, { manifest: aManifest({}, { linux: blocksOf(bytes) }) });
      const message = expect.stringMatching(/has a digest of its blocks of [0-9a-f]{64}, but release\.json says/) as string;
      await expect(bakeAll(bench)).rejects.toMatchObject({ name: 'DigestMismatch', message });
      expect(bench.snapshots.ids()).toEqual([]);
    }
  });

  it.each([
    ['and holds', true],
    ['and does not', false],
  ])('reads the image once more for a manifest with the whole alone that came while it was copied, %s', async (_how, holds) => {
    const bytes = aDisk(3);
    const bench = await open(bytes);
    const { snapshotId, pieces } = await start(bench);
    for (const piece of pieces) await bench.bake({ op: 'copy', snapshotId, piece });
    const release = (await bench.records.findRelease('hello', '1.0.0'))!;
    const manifest = aManifest({ linux: holds ? hexSha256(bytes) : 'a'.repeat(64) });
    await bench.records.putRelease({ ...release, manifest });
    const sealed = bench.bake({ op: 'seal', snapshotId, pieces });
    if (!holds) return expect(sealed).rejects.toMatchObject({ name: 'DigestMismatch' });
    expect(await sealed).toMatchObject({ kind: 'sealed' });
    expect(await bench.recorded()).toMatchObject({ sha256: hexSha256(bytes) });
  });

  it('finds its digests again when it is started anew after a manifest came', async () => {
    const bytes = aDisk(3);
    const bench = await open(bytes);
    const first = await start(bench);
    for (const piece of first.pieces) await bench.bake({ op: 'copy', snapshotId: 'snap-1', piece });
    bench.snapshots.complete = ((complete) => async () => {
      bench.snapshots.complete = complete;
      throw new Error('the function died');
    })(bench.snapshots.complete.bind(bench.snapshots));
    await expect(bench.bake({ op: 'seal', ...first })).rejects.toThrow('died');
    const release = (await bench.records.findRelease('hello', '1.0.0'))!;
    await bench.records.putRelease({ ...release, manifest: aManifest({ linux: hexSha256(bytes) }) });
    expect((await start(bench)).pieces).toEqual([]);
    expect(await bench.bake({ op: 'register', snapshotId: 'snap-1' })).toMatchObject({ kind: 'ready' });
  });
});

describe('a bake refuses', () => {
  const refusal = async (bench: Bench) => {
    const failed = expect(bench.bake({ op: 'start' })).rejects;
    await failed.toMatchObject({ name: 'ImageRefused', message: expect.stringContaining(key) as string });
    expect(bench.snapshots.ids()).toEqual([]);
  };

  it('an empty image', async () => refusal(await open(new Uint8Array())));

  it('a tar for a disk service', async () => {
    const tar = aDisk(1);
    tar.set(Buffer.from('ustar'), 257);
    await refusal(await open(tar));
  });

  it('a disk for a bundle service', async () => refusal(await open(aDisk(1), {}, { imageFormat: 'bundle', localOnly: true })));

  it('an image whose bytes are gone', async () => {
    const bench = await open(aDisk(2));
    bench.source.delete(bench.uploaded);
    await expect(bench.bake({ op: 'start' })).rejects.toMatchObject({ name: 'ImageChanged' });
  });

  it('an image that is not the one that was admitted', async () => {
    const bench = await open(aDisk(2));
    const release = (await bench.records.findRelease('hello', '1.0.0'))!;
    const admitted = { ...bench.uploaded, bytes: aDisk(2).length };
    for (const other of [{ etag: 'another' }, { bytes: admitted.bytes - 1 }]) {
      const { revision } = (await bench.records.findRelease('hello', '1.0.0'))!;
      await bench.records.putRelease({ ...release, revision, images: { linux: { ...admitted, ...other } } });
      await expect(bench.bake({ op: 'start' })).rejects.toMatchObject({ name: 'ImageChanged' });
    }
  });
});

describe('a failed bake leaves no snapshot', () => {
  it('when the digest is not what the manifest says', async () => {
    const bench = await open(aDisk(2), { manifest: aManifest({ linux: 'a'.repeat(64) }) });
    await expect(bakeAll(bench)).rejects.toMatchObject({
      name: 'DigestMismatch',
      message: expect.stringContaining('a'.repeat(64)) as string,
    });
    expect(bench.snapshots.ids()).toEqual([]);
  });

  it('when the image disappears while it is copied', async () => {
    const bench = await open(aDisk(3));
    const { snapshotId, pieces } = await start(bench);
    bench.source.delete(bench.uploaded);
    await expect(bench.bake({ op: 'copy', snapshotId, piece: pieces[0]! })).rejects.toMatchObject({ name: 'ImageChanged' });
    expect(bench.snapshots.ids()).toEqual([]);
  });

  it('when EBS fails the snapshot', async () => {
    const bench = await open(aDisk(2));
    bench.snapshots.slow = true;
    await bakeAll(bench);
    bench.snapshots.settle('snap-1', 'failed', 'the key is disabled');
    await expect(bench.bake({ op: 'register', snapshotId: 'snap-1' })).rejects.toMatchObject({
      name: 'SnapshotFailed',
      message: expect.stringContaining('the key is disabled') as string,
    });
  });

  it('but not when EC2 does not list it yet: asking again can help', async () => {
    const bench = await open(aDisk(2));
    bench.snapshots.slow = true;
    await bakeAll(bench);
    const state = bench.snapshots.state.bind(bench.snapshots);
    bench.snapshots.state = () => Promise.resolve({ state: 'none', why: 'there is no such snapshot' });
    await expect(bench.bake({ op: 'register', snapshotId: 'snap-1' })).rejects.toMatchObject({ name: 'Error' });
    bench.snapshots.state = state;
    bench.snapshots.settle('snap-1', 'completed');
    expect(await bench.bake({ op: 'register', snapshotId: 'snap-1' })).toMatchObject({ kind: 'ready' });
  });

  it('but keeps it over a failure that passes, for the next try', async () => {
    const bench = await open(aDisk(2));
    const { snapshotId, pieces } = await start(bench);
    const put = bench.snapshots.putBlock.bind(bench.snapshots);
    bench.snapshots.putBlock = () => Promise.reject(Object.assign(new Error('slow down'), { name: 'RequestThrottledException' }));
    await expect(bench.bake({ op: 'copy', snapshotId, piece: pieces[0]! })).rejects.toMatchObject({
      name: 'RequestThrottledException',
    });
    bench.snapshots.putBlock = put;
    expect(await bench.bake({ op: 'copy', snapshotId, piece: pieces[0]! })).toMatchObject({ kind: 'copied' });
  });
});

describe('a bake and its fence', () => {
  it('does nothing once a rollback has taken the release over', async () => {
    const bench = await open(aDisk(2));
    const { snapshotId, pieces } = await start(bench);
    const service = (await bench.records.findService('hello'))!;
    await bench.records.putService({ ...service, fence: 2 });
    await expect(bench.bake({ op: 'copy', snapshotId, piece: pieces[0]! })).rejects.toMatchObject({ name: 'FenceMoved' });
    await expect(bench.bake({ op: 'seal', snapshotId, pieces })).rejects.toMatchObject({ name: 'FenceMoved' });
    expect(bench.snapshots.written(snapshotId)).toEqual([]);
  });

  it('discards images and snapshots of a release that is rolled back, recorded or not, and nothing else', async () => {
    const bench = await open(aDisk(2));
    await bakeAll(bench);
    const tags = (version: string) => ({ 'tandem:service': 'hello', 'tandem:release': version });
    await bench.snapshots.start({ token: 'unrecorded', gib: 1, tags: tags('1.0.0') });
    await bench.snapshots.start({ token: 'other', gib: 1, tags: tags('0.9.0') });
    const service = (await bench.records.findService('hello'))!;
    const release = (await bench.records.findRelease('hello', '1.0.0'))!;
    await bench.records.putService({ ...service, fence: 2 });
    await bench.records.putRelease({ ...release, fence: 2, stage: 'rolling-back' });

    const discard = () => bench.bake({ op: 'discard', fence: 2 });
    expect(await discard()).toEqual({ kind: 'discarded', why: '1 image(s) and 2 snapshot(s) of hello@1.0.0 removed' });
    expect([bench.images.ids(), bench.snapshots.ids()]).toEqual([[], ['snap-3']]);
    expect(await bench.recorded()).not.toHaveProperty('imageId');
    expect(await discard()).toMatchObject({ kind: 'discarded' });
  });

  it('has a client token that EBS takes, for the longest names there are', () => {
    const token = snapshotToken({
      ...step,
      service: 'a'.repeat(20),
      version: `1.0.0-${'b'.repeat(26)}`,
      build: 'unikernel',
      fence: 999_999,
    });
    expect(token).toMatch(/^[\x21-\x7e]{1,64}$/);
  });
});
