/**
 * Content-Encoding aws-chunked: `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n … 0\r\n[trailer: value\r\n …]\r\n`
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html). Signatures are not verified.
 */
import { Readable } from 'node:stream';
import { AwsError } from '../kernel/aws-error.ts';
import type { WireRequest } from './wire.ts';

const LINE_LIMIT_BYTES = 16 * 1024;

/** The request with its payload decoded; `onTrailer` hears of each trailer before the body ends. */
export function decodeBody(request: WireRequest, onTrailer: (name: string, value: string) => void): WireRequest {
  const encodings = (request.headers['content-encoding'] ?? '').split(',').map((one) => one.trim());
  const isStreaming = (request.headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  if (!encodings.includes('aws-chunked') && !isStreaming) return request;
  const length = request.headers['x-amz-decoded-content-length'];
  const remaining = encodings.filter((one) => one !== 'aws-chunked' && one !== '').join(',');
  const headers = Object.entries(request.headers).filter(([name]) => name !== 'content-encoding' && name !== 'content-length');
  const chunks = decodeChunks(request.body, length === undefined ? undefined : Number(length), onTrailer);
  return {
    ...request,
    headers: {
      ...Object.fromEntries(headers),
      ...(remaining && { 'content-encoding': remaining }),
      ...(length !== undefined && { 'content-length': length }),
    },
    body: Readable.from(chunks, { objectMode: false }),
  };
}

async function* decodeChunks(
  body: Readable,
  expected: number | undefined,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Buffer> {
  const bytes = new ByteReader(body);
  let total = 0;
  for (;;) {
    const length = parseLength(await bytes.line());
    if (length === 0) break;
    yield* bytes.take(length);
    total += length;
    if ((await bytes.line()) !== '') throw incomplete('a chunk is longer than it says');
  }
  if (expected !== undefined && total !== expected) throw incomplete(`${total} bytes came, ${expected} were announced`);
  for (let line = await bytes.lastLine(); line !== ''; line = await bytes.lastLine()) {
    const colon = line.indexOf(':');
    if (colon > 0) onTrailer(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

const incomplete = (why: string) => new AwsError('IncompleteBody', `The request body is not complete: ${why}.`);

function parseLength(line: string): number {
  const size = line.split(';')[0] ?? '';
  if (!/^[0-9a-f]{1,8}$/i.test(size)) throw incomplete(`'${line.slice(0, 40)}' is no chunk header`);
  return Number.parseInt(size, 16);
}

class ByteReader {
  readonly #source: AsyncIterator<unknown>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: Readable) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const line = await this.#findLine();
    if (line === undefined) throw incomplete('it ends within a chunk');
    return line;
  }

  /** As `line`, but the end of the body ends it too. */
  async lastLine(): Promise<string> {
    return (await this.#findLine()) ?? '';
  }

  async *take(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      if (this.#held.length === 0 && !(await this.#more())) throw incomplete('it ends within a chunk');
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async #findLine(): Promise<string | undefined> {
    for (;;) {
      const end = this.#held.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#held.toString('latin1', 0, end);
        this.#held = this.#held.subarray(end + 2);
        return line;
      }
      if (this.#held.length > LINE_LIMIT_BYTES) throw incomplete('a line does not end');
      if (!(await this.#more())) return undefined;
    }
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    if (!(next.value instanceof Uint8Array)) throw new TypeError('a body must be bytes');
    this.#held = Buffer.concat([this.#held, next.value]);
    return true;
  }
}
