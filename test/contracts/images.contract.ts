/** What every keeper of snapshots and images must do. Both are written by one bake, so they are opened together. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, type Images, type Snapshots } from '../../core/image/ports.ts';
import type { Service } from '../../core/service/service.ts';

export interface BakeStore {
  readonly snapshots: Snapshots;
  readonly images: Images;
  readonly service: Service;
  /** Lets that much of the account's time go by. */
  readonly pass: (ms: number) => Promise<void>;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const block = (fill: number) => {
  const bytes = new Uint8Array(BLOCK_BYTES).fill(fill);
  return { bytes, digest: sha256(bytes) };
};
const SETTLED_MS = 30_000;
const tags = (version: string, service = 'hello') => ({
  'tandem:service': service,
  'tandem:release': version,
  'tandem:build': 'linux',
});

export function imagesContract(name: string, open: () => Promise<BakeStore>): void {
  let tokens = 0;
  const start = ({ snapshots }: BakeStore, version = '1.0.0') =>
    snapshots.start({ token: `${name}-${++tokens}`.replaceAll(/\W/g, '-'), gib: 1, tags: tags(version) });
  const write = async ({ snapshots }: BakeStore, id: string) => {
    const [first, second] = [block(1), block(2)];
    await snapshots.putBlock(id, 3, second.bytes, second.digest);
    await snapshots.putBlock(id, 0, first.bytes, first.digest);
    return sha256(Buffer.concat([first.digest, second.digest]));
  };
  const bake = async (store: BakeStore) => {
    const id = await start(store);
    await store.snapshots.complete(id, 2, await write(store, id));
    await store.pass(SETTLED_MS);
    return id;
  };

  describe(`${name} keeps snapshots`, () => {
    it('answers the same snapshot to the same token', async () => {
      const { snapshots } = await open();
      const args = { token: 'one', gib: 1, tags: tags('1.0.0') };
      expect(await snapshots.start(args)).toBe(await snapshots.start(args));
      expect(await snapshots.start({ ...args, token: 'two' })).not.toBe(await snapshots.start(args));
    });

    it('is complete when count and checksum fit, and completing again is success', async () => {
      const store = await open();
      const id = await start(store);
      const checksum = await write(store, id);
      expect((await store.snapshots.state(id)).state).toBe('pending');
      await store.snapshots.complete(id, 2, checksum);
      await store.pass(SETTLED_MS);
      expect((await store.snapshots.state(id)).state).toBe('completed');
      await expect(store.snapshots.complete(id, 2, checksum)).resolves.toBeUndefined();
    });

    it('takes a block twice', async () => {
      const store = await open();
      const id = await start(store);
      await write(store, id);
      await store.snapshots.complete(id, 2, await write(store, id));
      await store.pass(SETTLED_MS);
      expect((await store.snapshots.state(id)).state).toBe('completed');
    });

    it('refuses a block, and an end, whose checksum does not fit', async () => {
      const store = await open();
      const id = await start(store);
      await expect(store.snapshots.putBlock(id, 0, block(1).bytes, block(2).digest)).rejects.toThrow();
      const checksum = await write(store, id);
      await expect(store.snapshots.complete(id, 2, block(1).digest)).rejects.toThrow();
      await expect(store.snapshots.complete(id, 3, checksum)).rejects.toThrow();
    });

    it('lists by service with the version, until it is removed; removing again is success', async () => {
      const store = await open();
      const id = await start(store, '2.0.0');
      expect((await store.snapshots.list('hello')).map(({ snapshotId, version }) => [snapshotId, version])).toEqual([
        [id, '2.0.0'],
      ]);
      expect(await store.snapshots.list('other')).toEqual([]);
      await store.snapshots.remove(id);
      await store.snapshots.remove(id);
      await store.pass(SETTLED_MS);
      expect(await store.snapshots.list('hello')).toEqual([]);
      expect((await store.snapshots.state(id)).state).toBe('none');
    });
  });

  describe(`${name} keeps images`, () => {
    const registration = (store: BakeStore, snapshotId: string, digest = 'a'.repeat(64)) =>
      ({ service: store.service, version: '1.0.0', build: 'linux', snapshotId, blocks: digest }) as const;

    it('makes an image of a snapshot, which can be found and listed', async () => {
      const store = await open();
      const snapshotId = await bake(store);
      const imageId = await store.images.register(registration(store, snapshotId));
      await store.pass(SETTLED_MS);
      const wanted = { imageId, snapshotId, version: '1.0.0', build: 'linux', state: 'available' };
      expect(await store.images.find(imageId)).toMatchObject(wanted);
      expect(await store.images.list('hello')).toMatchObject([wanted]);
      expect(await store.images.list('other')).toEqual([]);
    });

    it('takes a second registration for the first one only where the digest is the same', async () => {
      const store = await open();
      const snapshotId = await bake(store);
      const imageId = await store.images.register(registration(store, snapshotId));
      expect(await store.images.register(registration(store, snapshotId))).toBe(imageId);
      await expect(store.images.register(registration(store, snapshotId, 'b'.repeat(64)))).rejects.toMatchObject({
        name: 'ImageNameTaken',
      });
    });

    it('removes an image with its snapshot; removing again is success', async () => {
      const store = await open();
      const snapshotId = await bake(store);
      const imageId = await store.images.register(registration(store, snapshotId));
      await store.pass(SETTLED_MS);
      await store.images.remove(imageId);
      await store.images.remove(imageId);
      await store.pass(SETTLED_MS);
      expect(await store.images.find(imageId)).toBeUndefined();
      expect((await store.snapshots.state(snapshotId)).state).toBe('none');
    });
  });
}
