import type { Readable } from 'node:stream';
import { AwsError } from '../kernel/aws-error.ts';

/** Bodies that are not streamed are held in memory, so they have a limit; AWS's own are of this order (1 to 16 MB). */
const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

export async function readWhole(body: Readable): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a body must be bytes');
    bytes += chunk.length;
    // What is too much is still read to its end, unkept: a client that is sending does not hear an answer.
    if (bytes <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  if (bytes > BODY_LIMIT_BYTES)
    throw new AwsError('RequestEntityTooLarge', `The body has ${bytes} bytes; ${BODY_LIMIT_BYTES} are allowed.`, 413);
  return Buffer.concat(chunks, bytes);
}
