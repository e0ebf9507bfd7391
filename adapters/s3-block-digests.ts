import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { BlockDigests } from '../core/image/ports.ts';

/** One object a piece, under `bakes/`; the bucket's lifecycle rule lets them expire. */
export class S3BlockDigests implements BlockDigests {
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.client = client;
    this.bucket = bucket;
  }

  async save(piece: string, digests: Uint8Array): Promise<void> {
    await this.client.send(new PutObjectCommand({ Bucket: this.bucket, Key: toKey(piece), Body: digests }));
  }

  async load(piece: string): Promise<Uint8Array> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: toKey(piece) }));
    if (!Body) throw new Error(`The digests of ${piece} came without a body`);
    return Body.transformToByteArray();
  }
}

const toKey = (piece: string) => `bakes/${piece}`;
