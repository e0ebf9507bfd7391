/** What every keeper of uploaded images, and of a bake's digests, must do. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BlockDigests, ImageSource, ObjectVersion } from '../../core/image/ports.ts';
import { collect } from '../fakes/collect.ts';

type Pinned = ObjectVersion & { readonly etag: string };

export interface SourceStore {
  readonly source: ImageSource;
  readonly put: (key: string, bytes: Uint8Array) => Promise<Pinned>;
  /** In parts of 5 MiB, with SHA-256. */
  readonly putInParts: (key: string, bytes: Uint8Array) => Promise<Pinned>;
  readonly delete: (object: ObjectVersion) => Promise<void>;
}

export const PART_BYTES = 5 * 1024 * 1024;
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
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
        expect(Buffer.concat(await collect(source.read(object, [{ from, to }]))).equals(content.subarray(from, to))).toBe(true);
    });

    it('gives the bytes of several ranges, one after the other', async () => {
      const { source, put } = await open();
      const object = await put(KEY, content);
      const ranges = [
        { from: 5, to: 6 },
        { from: 100_000, to: 250_001 },
        { from: 299_999, to: 300_000 },
      ];
      const wanted = Buffer.concat(ranges.map(({ from, to }) => content.subarray(from, to)));
      expect(Buffer.concat(await collect(source.read(object, ranges))).equals(wanted)).toBe(true);
      expect(await collect(source.read(object, []))).toEqual([]);
    });

    it('tells the SHA-256 of the parts it was uploaded in, where it was uploaded so', async () => {
      const { source, put, putInParts } = await open();
      expect(await source.parts(await put(KEY, content))).toEqual([]);
      const large = new Uint8Array(PART_BYTES + 9).fill(3, PART_BYTES);
      const parts = await source.parts(await putInParts(KEY, large));
      expect(parts.map(({ bytes, sha256 }) => [bytes, Buffer.from(sha256).toString('hex')])).toEqual([
        [PART_BYTES, sha256Of(large.subarray(0, PART_BYTES))],
        [9, sha256Of(large.subarray(PART_BYTES))],
      ]);
    });

    it('keeps to the pinned version when the key is written again', async () => {
      const { source, put } = await open();
      const object = await put(KEY, content);
      await put(KEY, new Uint8Array(7));
      expect((await source.head(object)).bytes).toBe(content.length);
      expect(Buffer.concat(await collect(source.read(object, [{ from: 0, to: 10 }]))).equals(content.subarray(0, 10))).toBe(true);
    });

    it('says ImageChanged when the version is gone, or is not the one that was meant', async () => {
      const { source, put, ...store } = await open();
      const object = await put(KEY, content);
      await expect(collect(source.read({ ...object, etag: 'another' }, [{ from: 0, to: 10 }]))).rejects.toMatchObject(changed);
      await store.delete(object);
      await expect(source.head(object)).rejects.toMatchObject(changed);
      await expect(collect(source.read(object, [{ from: 0, to: 10 }]))).rejects.toMatchObject(changed);
      await expect(source.readText(object, 10)).rejects.toMatchObject(changed);
      await expect(source.parts(object)).rejects.toMatchObject(changed);
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
