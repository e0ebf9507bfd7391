import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { type EvidenceIndex, indexKey } from '../core/evidence/evidence.ts';
import type { EvidenceStore } from '../core/evidence/ports.ts';

/** A node leaves a handful of files; a prefix with more is cut, not read for ever. */
const MOST_LISTED = 1000;

/** Only this class writes the index, so what it reads has its shape. */
export class S3Evidence implements EvidenceStore {
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.client = client;
    this.bucket = bucket;
  }

  async findIndex(service: string, faultId: string): Promise<EvidenceIndex | undefined> {
    const bytes = await this.find(indexKey(service, faultId));
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as EvidenceIndex);
  }

  async putIndex(index: EvidenceIndex): Promise<void> {
    await this.put(indexKey(index.service, index.faultId), new TextEncoder().encode(`${JSON.stringify(index, null, 1)}\n`));
  }

  async find(Key: string): Promise<Uint8Array | undefined> {
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key }));
      return await Body?.transformToByteArray();
    } catch (cause) {
      if (cause instanceof NoSuchKey) return undefined;
      throw cause;
    }
  }

  async put(Key: string, Body: Uint8Array): Promise<void> {
    await this.client.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body }));
  }

  async list(Prefix: string): Promise<readonly { readonly key: string; readonly bytes: number }[]> {
    const found: { key: string; bytes: number }[] = [];
    for await (const page of paginateListObjectsV2({ client: this.client }, { Bucket: this.bucket, Prefix })) {
      found.push(...(page.Contents ?? []).flatMap(({ Key, Size }) => (Key ? [{ key: Key, bytes: Size ?? 0 }] : [])));
      if (found.length >= MOST_LISTED) break;
    }
    return found;
  }
}
