/** What every keeper of uploaded images, and of a bake's digests, must do. */
import { describe, expect, it } from 'vitest';
import type { BlockDigests, ImageSource, ObjectVersion } from '../../core/image/ports.ts';
import { collect } from '../fakes/collect.ts';

type Pinned = ObjectVersion & { readonly etag: string };

export interface SourceStore {
  readonly source: ImageSource;
  readonly put: (key: string, bytes: Uint8Array) => Promise<Pinned>;
  readonly delete: (object: ObjectVersion) => Promise<void>;
}

const KEY = 'hello/1.0.0/linux.raw';
const content = Uint8Array.from({ length: 300_000 }, (_, n) => (n * 13) % 251);
const changed = { name: 'ImageChanged' };

export function imageSourceContract(name: string, open: () => Promise<SourceStore>): void {
  describe(`${name} gives uploaded images`, () => {
    it('tells size and etag, and gives the bytes asked for, in order', async () => {
      const { source, put } = await open();
      const object = await put(KEY, content);
      expect(await source.head(object)).toEqual({ bytes: content.length, etag: object.etag });
      for (const [from, to] of [
        [0, content.length],
        [1000, 250_001],
        [5, 6],
      ] as const)
        expect(Buffer.concat(await collect(source.read(object, from, to))).equals(content.subarray(from, to))).toBe(true);
    });

    it('keeps to the pinned version when the key is written again', async () => {
      const { source, put } = await open();
      const object = await put(KEY, content);
      await put(KEY, new Uint8Array(7));
      expect((await source.head(object)).bytes).toBe(content.length);
      expect(Buffer.concat(await collect(source.read(object, 0, 10))).equals(content.subarray(0, 10))).toBe(true);
    });

    it('says ImageChanged when the version is gone, or is not the one that was meant', async () => {
      const { source, put, ...store } = await open();
      const object = await put(KEY, content);
      await expect(collect(source.read({ ...object, etag: 'another' }, 0, 10))).rejects.toMatchObject(changed);
      await store.delete(object);
      await expect(source.head(object)).rejects.toMatchObject(changed);
      await expect(collect(source.read(object, 0, 10))).rejects.toMatchObject(changed);
      await expect(source.readText(object, 10)).rejects.toMatchObject(changed);
    });

    it('reads a small object as text, and refuses a larger one', async () => {
      const { source, put } = await open();
      const object = await put('hello/1.0.0/release.json', new TextEncoder().encode('{"é":1}'));
      expect(await source.readText(object, 8)).toBe('{"é":1}');
      await expect(source.readText(object, 7)).rejects.toMatchObject({ name: 'ImageRefused' });
    });
  });
}

export function blockDigestsContract(name: string, open: () => Promise<BlockDigests>): void {
  describe(`${name} keeps digests`, () => {
    it('gives back what was saved last, piece by piece', async () => {
      const digests = await open();
      await digests.save('hello/1.0.0/linux/snap-1/copy-0-8', Uint8Array.of(1, 2));
      await digests.save('hello/1.0.0/linux/snap-1/copy-0-8', Uint8Array.of(3));
      await digests.save('hello/1.0.0/linux/snap-1/copy-8-9', Uint8Array.of(4));
      expect([...(await digests.load('hello/1.0.0/linux/snap-1/copy-0-8'))]).toEqual([3]);
      expect([...(await digests.load('hello/1.0.0/linux/snap-1/copy-8-9'))]).toEqual([4]);
      await expect(digests.load('hello/1.0.0/linux/snap-1/copy-9-9')).rejects.toThrow();
    });
  });
}
