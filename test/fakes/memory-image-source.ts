import { createHash } from 'node:crypto';
import { imageChanged, imageRefused } from '../../core/errors.ts';
import type { ImageSource, ObjectVersion } from '../../core/image/ports.ts';

/** A versioned bucket. Bytes come in chunks of `chunkBytes`, so that readers cannot lean on S3's own. */
export class MemoryImageSource implements ImageSource {
  private readonly versions = new Map<string, Uint8Array>();
  private readonly chunkBytes: number;
  private count = 0;

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

  async *read(object: ObjectVersion, from: number, to: number): AsyncIterable<Uint8Array> {
    const bytes = this.get(object);
    for (let at = from; at < to; at += this.chunkBytes) yield bytes.slice(at, Math.min(to, at + this.chunkBytes));
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

const etagOf = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');
