import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { imageChanged, imageRefused } from '../core/errors.ts';
import type { ImageSource, ObjectVersion } from '../core/image/ports.ts';
import { failureName, isPassing } from './aws-failure.ts';

export interface ImageSourceOptions {
  readonly bucket: string;
  /** Resolves after that many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
  readonly rangeBytes?: number;
  readonly rangesAhead?: number;
}

const RANGE_BYTES = 8 * 1024 * 1024;
const RANGES_AHEAD = 4;
const TRIES = 4;

/** A version that is gone answers 404, or 405 where the version id is a delete marker's; a changed one 412. */
const GONE = new Set(['NoSuchKey', 'NoSuchVersion', 'NotFound', 'MethodNotAllowed', 'PreconditionFailed']);

export class S3ImageSource implements ImageSource {
  private readonly client: S3Client;
  private readonly options: Required<ImageSourceOptions>;

  constructor(client: S3Client, options: ImageSourceOptions) {
    this.client = client;
    this.options = { rangeBytes: RANGE_BYTES, rangesAhead: RANGES_AHEAD, ...options };
  }

  async head(object: ObjectVersion): Promise<{ readonly bytes: number; readonly etag: string }> {
    try {
      const { ContentLength, ETag } = await this.client.send(new HeadObjectCommand(this.locate(object)));
      return { bytes: ContentLength ?? 0, etag: unquoted(ETag ?? '') };
    } catch (cause) {
      throw asChanged(object, cause);
    }
  }

  /** Ranges are fetched a few ahead and given out in order, so memory is bounded by rangeBytes × rangesAhead. */
  async *read(object: ObjectVersion, from: number, to: number): AsyncIterable<Uint8Array> {
    const { rangeBytes, rangesAhead } = this.options;
    const ahead: Promise<Uint8Array>[] = [];
    let next = from;
    const fetchNext = () => {
      const end = Math.min(next + rangeBytes, to);
      const range = this.range(object, next, end);
      // A reader that gives up leaves ranges unawaited; their failure is then nobody's business.
      range.catch(() => undefined);
      ahead.push(range);
      next = end;
    };
    while (next < to || ahead.length > 0) {
      while (next < to && ahead.length < rangesAhead) fetchNext();
      const first = ahead.shift();
      if (first) yield await first;
    }
  }

  async readText(object: ObjectVersion, maxBytes: number): Promise<string> {
    const { bytes } = await this.head(object);
    if (bytes > maxBytes) throw imageRefused(object.key, `it has ${bytes} bytes, and at most ${maxBytes} are read`);
    return bytes === 0 ? '' : new TextDecoder().decode(await this.range(object, 0, bytes));
  }

  /** The SDK repeats a request, but not a body that breaks off: the whole range is then asked for again. */
  private async range(object: ObjectVersion, from: number, to: number): Promise<Uint8Array> {
    for (let tries = 1; ; tries += 1) {
      try {
        const Range = `bytes=${from}-${to - 1}`;
        const { Body } = await this.client.send(new GetObjectCommand({ ...this.locate(object), Range }));
        const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
        if (bytes.length === to - from) return bytes;
        throw new BrokenOff(object.key, bytes.length, to - from);
      } catch (cause) {
        if (tries >= TRIES || !(cause instanceof BrokenOff || isPassing(cause))) throw asChanged(object, cause);
        await this.options.pause(100 * 2 ** tries);
      }
    }
  }

  private locate({ key, versionId, etag }: ObjectVersion) {
    return { Bucket: this.options.bucket, Key: key, VersionId: versionId, ...(etag && { IfMatch: `"${etag}"` }) };
  }
}

class BrokenOff extends Error {
  constructor(key: string, found: number, wanted: number) {
    super(`Reading ${key} broke off: ${found} of ${wanted} bytes came`);
  }
}

const unquoted = (etag: string) => etag.replaceAll('"', '');

const asChanged = (object: ObjectVersion, cause: unknown) =>
  GONE.has(failureName(cause)) ? imageChanged(object.key, cause) : cause;
