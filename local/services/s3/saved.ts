/** The index of all buckets, as a state file keeps it; the bytes lie in a directory of their own. */
import * as z from 'zod';
import type { S3State, Version } from './bucket.ts';
import { ALGORITHMS } from './checksums.ts';

const entry = { key: z.string(), versionId: z.string(), at: z.number() };

const object = z.object({
  ...entry,
  kind: z.literal('object'),
  content: z.array(z.object({ id: z.string(), bytes: z.number() })),
  bytes: z.number(),
  etag: z.string(),
  checksum: z.object({ algorithm: z.enum(ALGORITHMS), type: z.enum(['FULL_OBJECT', 'COMPOSITE']), value: z.string() }).optional(),
  parts: z.number().optional(),
  checkedParts: z.array(z.object({ number: z.number(), bytes: z.number(), value: z.string() })).optional(),
  headers: z.object({
    ContentType: z.string(),
    CacheControl: z.string().optional(),
    ContentDisposition: z.string().optional(),
    ContentEncoding: z.string().optional(),
    ContentLanguage: z.string().optional(),
    Metadata: z.record(z.string(), z.string()),
  }),
});
const version = z.discriminatedUnion('kind', [object, z.object({ ...entry, kind: z.literal('delete-marker') })]);

const savedBuckets = z.object({
  changes: z.number(),
  buckets: z.array(z.object({ name: z.string(), madeAt: z.number(), versions: z.array(version) })),
});

/** Versions stand in the order they were written, key by key. */
export const saveBuckets = (s3: S3State) => ({
  changes: s3.changes,
  buckets: [...s3.buckets.values()].map(({ name, madeAt, versions }) => ({
    name,
    madeAt,
    versions: [...versions.values()].flat(),
  })),
});

export async function loadBuckets(s3: S3State, saved: unknown): Promise<readonly string[]> {
  const { changes, buckets } = savedBuckets.parse(saved);
  const versions = buckets.flatMap((bucket) => bucket.versions);
  const gone = await s3.blobs.keepOnly(new Set(versions.flatMap(blobsOf)));
  s3.changes = changes;
  const notes: string[] = [];
  for (const { name, madeAt, versions: kept } of buckets) {
    const bucket = s3.buckets.get(name);
    if (bucket === undefined) continue;
    s3.buckets.set(name, { ...bucket, madeAt });
    for (const one of kept) {
      if (blobsOf(one).some((id) => gone.has(id)))
        notes.push(`s3://${name}/${one.key} is lost: its bytes are not in the folder.`);
      else bucket.versions.set(one.key, [...(bucket.versions.get(one.key) ?? []), toVersion(one)]);
    }
  }
  return notes;
}

type SavedVersion = z.infer<typeof version>;

const blobsOf = (one: SavedVersion): readonly string[] => (one.kind === 'object' ? one.content.map(({ id }) => id) : []);

const toVersion = (one: SavedVersion): Version =>
  one.kind === 'object' ? { ...one, checksum: one.checksum, parts: one.parts } : one;
