import {
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type ObjectPart,
  type S3Client,
} from '@aws-sdk/client-s3';
import { imageChanged, imageRefused } from '../core/errors.ts';
import type { ByteRange, CheckedPart, ImageSource, ObjectVersion } from '../core/image/ports.ts';
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
const ATTRIBUTES = ['ETag', 'ObjectParts', 'ObjectSize'] as const;
const SHA256_BYTES = 32;

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

  /** A few ranges are asked for ahead and streamed in order: what is not read yet waits in its socket, not in memory. */
  async *read(object: ObjectVersion, ranges: readonly ByteRange[]): AsyncIterable<Uint8Array> {
    const { rangeBytes, rangesAhead } = this.options;
    const ahead: Range[] = [];
    try {
      for (const range of cut(ranges, rangeBytes)) {
        ahead.push(this.ask(object, range));
        if (ahead.length < rangesAhead) continue;
        yield* this.streamFirst(object, ahead);
      }
      while (ahead.length > 0) yield* this.streamFirst(object, ahead);
    } finally {
      // A reader that gives up leaves ranges that nobody will read: they hold sockets.
      for (const { body } of ahead) void body.then(letGo, () => undefined);
    }
  }

  /** Only of an upload in parts with SHA-256 (`aws s3 cp --checksum-algorithm SHA256`): other checksums prove nothing. */
  async parts(object: ObjectVersion): Promise<readonly CheckedPart[]> {
    try {
      return (await this.listParts(object)) ?? [];
    } catch (cause) {
      // It only spares reading: where a policy forbids it, the bytes are read.
      if (failureName(cause) === 'AccessDenied') return [];
      throw asChanged(object, cause);
    }
  }

  async readText(object: ObjectVersion, maxBytes: number): Promise<string> {
    const { bytes } = await this.head(object);
    if (bytes > maxBytes) throw imageRefused(object.key, `it has ${bytes} bytes, and at most ${maxBytes} are read`);
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of this.read(object, [{ from: 0, to: bytes }])) text += decoder.decode(chunk, { stream: true });
    return text + decoder.decode();
  }

  /** There is no paginator for this one. Undefined where a part is without SHA-256, or the parts are not all of the object. */
  private async listParts({ key, versionId, etag }: ObjectVersion): Promise<readonly CheckedPart[] | undefined> {
    const ask = { Bucket: this.options.bucket, Key: key, VersionId: versionId, ObjectAttributes: [...ATTRIBUTES] };
    const found: CheckedPart[] = [];
    for (let PartNumberMarker: string | undefined; ;) {
      const page = await this.client.send(new GetObjectAttributesCommand({ ...ask, PartNumberMarker }));
      if (etag !== undefined && unquoted(page.ETag ?? '') !== etag) throw imageChanged(key);
      const { Parts = [], IsTruncated, NextPartNumberMarker } = page.ObjectParts ?? {};
      const checked = Parts.flatMap(toCheckedPart);
      if (checked.length < Parts.length || checked.length === 0) return undefined;
      found.push(...checked);
      if (IsTruncated !== true) return isAllOf(found, page.ObjectSize) ? found : undefined;
      if (NextPartNumberMarker === undefined) return undefined;
      PartNumberMarker = NextPartNumberMarker;
    }
  }

  private async *streamFirst(object: ObjectVersion, ahead: Range[]): AsyncIterable<Uint8Array> {
    const first = ahead.shift();
    if (first) yield* this.stream(object, first);
  }

  /** The SDK repeats a request, but not a body that breaks off: what is missing of the range is then asked for. */
  private async *stream(object: ObjectVersion, { from, to, body }: Range): AsyncIterable<Uint8Array> {
    let at = from;
    for (let tries = 1; at < to; tries += 1) {
      const before = at;
      try {
        for await (const chunk of await (tries === 1 ? body : this.ask(object, { from: at, to }).body)) {
          at += chunk.length;
          yield chunk;
        }
        if (at < to) throw new BrokenOff(object.key, at - from, to - from);
      } catch (cause) {
        if (at > before) tries = 1;
        if (tries >= TRIES || !(cause instanceof BrokenOff || isPassing(cause))) throw asChanged(object, cause);
        await this.options.pause(100 * 2 ** tries);
      }
    }
  }

  private ask(object: ObjectVersion, { from, to }: ByteRange): Range {
    const body = this.get(object, from, to);
    // It may fail long before its turn to be read comes, and that is when its failure is looked at.
    body.catch(() => undefined);
    return { from, to, body };
  }

  private async get(object: ObjectVersion, from: number, to: number): Promise<Bytes> {
    const Range = `bytes=${from}-${to - 1}`;
    const { Body, ContentLength } = await this.client.send(new GetObjectCommand({ ...this.locate(object), Range }));
    if (Body && Symbol.asyncIterator in Body && ContentLength === to - from) return Body;
    throw new Error(`S3 answered ${ContentLength ?? 'no'} bytes of ${object.key}, asked for ${Range}`);
  }

  private locate({ key, versionId, etag }: ObjectVersion) {
    return { Bucket: this.options.bucket, Key: key, VersionId: versionId, ...(etag && { IfMatch: `"${etag}"` }) };
  }
}

type Bytes = AsyncIterable<Uint8Array> & { readonly destroy?: () => unknown };

/** Asked for and not read yet. */
interface Range extends ByteRange {
  readonly body: Promise<Bytes>;
}

function* cut(ranges: readonly ByteRange[], most: number): Generator<ByteRange> {
  for (const { from, to } of ranges) for (let at = from; at < to; at += most) yield { from: at, to: Math.min(at + most, to) };
}

function toCheckedPart({ Size, ChecksumSHA256 = '' }: ObjectPart): readonly CheckedPart[] {
  const sha256 = Buffer.from(ChecksumSHA256, 'base64');
  return Size !== undefined && sha256.length === SHA256_BYTES ? [{ bytes: Size, sha256 }] : [];
}

const isAllOf = (parts: readonly CheckedPart[], objectBytes: number | undefined) =>
  parts.reduce((sum, { bytes }) => sum + bytes, 0) === objectBytes;

const letGo = (body: Bytes) => void body.destroy?.();

class BrokenOff extends Error {
  constructor(key: string, found: number, wanted: number) {
    super(`Reading ${key} broke off: ${found} of ${wanted} bytes came`);
  }
}

const unquoted = (etag: string) => etag.replaceAll('"', '');

const asChanged = (object: ObjectVersion, cause: unknown) =>
  GONE.has(failureName(cause)) ? imageChanged(object.key, cause) : cause;
