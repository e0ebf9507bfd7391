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

/** The whole body, put into `place`, which is as long as the protocol lets it be. */
export async function wholeBody(body: unknown, place: Uint8Array): Promise<Uint8Array> {
  let filled = 0;
  for await (const chunk of bytesOf(body)) {
    if (filled + chunk.length > place.length)
      throw new AwsError('ValidationException', `The body is longer than ${place.length} bytes.`);
    place.set(chunk, filled);
    filled += chunk.length;
  }
  return place.subarray(0, filled);
}
