import { AwsError } from './aws-error.ts';

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  throw new TypeError(`a body chunk is ${typeof chunk}, not bytes`);
}

/** A request's body, however the caller handed it over, as a stream of bytes. */
export async function* bytesOf(body: unknown): AsyncIterable<Uint8Array> {
  if (body === undefined) return;
  if (isAsyncIterable(body)) for await (const chunk of body) yield toBytes(chunk);
  else yield toBytes(body);
}

/** The whole body, at most `limit` bytes of it: for bodies that are bounded by their protocol. */
export async function wholeBody(body: unknown, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of bytesOf(body)) {
    bytes += chunk.length;
    if (bytes > limit) throw new AwsError('ValidationException', `The body is longer than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
