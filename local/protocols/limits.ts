import type { Readable } from 'node:stream';
import { AwsError } from '../kernel/aws-error.ts';

/** Bodies that are not streamed are held in memory, so they have a limit; AWS's own are of this order (1 to 16 MB). */
export const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

export async function readWhole(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const part = Buffer.from(chunk as Uint8Array);
    bytes += part.length;
    if (bytes > BODY_LIMIT_BYTES)
      throw new AwsError('RequestEntityTooLarge', `The body is larger than ${BODY_LIMIT_BYTES} bytes.`, 413);
    chunks.push(part);
  }
  return Buffer.concat(chunks, bytes);
}
