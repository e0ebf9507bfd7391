import { createHash } from 'node:crypto';
import { imageChanged, imageRefused } from '../../core/errors.ts';
import type { ByteRange, CheckedPart, ImageSource, ObjectVersion } from '../../core/image/ports.ts';

/** A versioned bucket. Bytes come in chunks of `chunkBytes`, so that readers cannot lean on S3's own. */
export class MemoryImageSource implements ImageSource {
  private readonly versions = new Map<string, Uint8Array>();
  private readonly chunkBytes: number;
  private count = 0;
  /** Where it is set, every object counts as uploaded in parts of that size, with SHA-256. */
  partBytes: number | undefined;
  bytesRead = 0;

  constructor(chunkBytes = 100_000) {
    this.chunkBytes = chunkBytes;
  }

  put(key: string, bytes: Uint8Array): ObjectVersion & { readonly etag: string } {
    const versionId = `v${++this.count}`;
    this.versions.set(`${key}#${versionId}`, bytes);
    return { key, versionId, etag: etagOf(bytes) };
  }

  delete({ key, versionId }: ObjectVersion): void {
    this.versions.delete(`${key}#${versionId}`);
  }

  async head(object: ObjectVersion): Promise<{ readonly bytes: number; readonly etag: string }> {
    const bytes = this.get(object);
    return { bytes: bytes.length, etag: etagOf(bytes) };
  }

  async *read(object: ObjectVersion, ranges: readonly ByteRange[]): AsyncIterable<Uint8Array> {
    const bytes = this.get(object);
    for (const { from, to } of ranges) {
      this.bytesRead += to - from;
      for (let at = from; at < to; at += this.chunkBytes) yield bytes.slice(at, Math.min(to, at + this.chunkBytes));
    }
  }

  async parts(object: ObjectVersion): Promise<readonly CheckedPart[]> {
    const bytes = this.get(object);
    if (this.partBytes === undefined) return [];
    const parts = Math.ceil(bytes.length / this.partBytes);
    return Array.from({ length: parts }, (_, n) => toPart(bytes.subarray(n * this.partBytes!, (n + 1) * this.partBytes!)));
  }

  async readText(object: ObjectVersion, maxBytes: number): Promise<string> {
    const bytes = this.get(object);
    if (bytes.length > maxBytes) throw imageRefused(object.key, `it has ${bytes.length} bytes, and at most ${maxBytes} are read`);
    return new TextDecoder().decode(bytes);
  }

  private get({ key, versionId, etag }: ObjectVersion): Uint8Array {
    const bytes = this.versions.get(`${key}#${versionId}`);
    if (!bytes || (etag !== undefined && etag !== etagOf(bytes))) throw imageChanged(key);
    return bytes;
  }
}

const toPart = (bytes: Uint8Array) => ({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest() });
const etagOf = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');
