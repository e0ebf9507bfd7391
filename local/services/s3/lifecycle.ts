/**
 * Lifecycle rules, as S3 runs them: once a day, at midnight UTC, for what is then due
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html).
 */
import type { Call } from '../../kernel/service.ts';
import type { Entry } from '../../kernel/world.ts';
import type { Bucket, LifecycleRule, S3State, Version } from './bucket.ts';
import { currentVersion } from './bucket.ts';
import { deleteVersion } from './delete-object.ts';
import { dropUpload } from './multipart.ts';

const DAY_MS = 86_400_000;

const nextMidnight = (at: number) => Math.floor(at / DAY_MS + 1) * DAY_MS;

/** Due at the midnight after its last day. */
const isDue = (since: number, days: number, now: number) => nextMidnight(since + days * DAY_MS - 1) <= now;

interface Noncurrent {
  readonly version: Version;
  /** When a newer version replaced it. */
  readonly since: number;
}

function noncurrent(bucket: Bucket, prefix: string): readonly Noncurrent[] {
  return [...bucket.versions.entries()]
    .filter(([key]) => key.startsWith(prefix))
    .flatMap(([, versions]) =>
      versions.slice(0, -1).map((version, index) => ({ version, since: versions[index + 1]?.at ?? version.at })),
    );
}

async function applyRule(s3: S3State, bucket: Bucket, rule: LifecycleRule): Promise<void> {
  const now = s3.world.time.now();
  const call: Call = { requestId: s3.world.random.hex(16).toUpperCase(), sourceIp: '127.0.0.1' };
  const by = { call, reason: 'Lifecycle Expiration' } as const;
  const { expirationDays, noncurrentDays, abortUploadDays } = rule;
  if (noncurrentDays !== undefined)
    for (const { version, since } of noncurrent(bucket, rule.prefix))
      if (isDue(since, noncurrentDays, now))
        await deleteVersion(s3, bucket, { key: version.key, versionId: version.versionId }, by);
  if (expirationDays !== undefined)
    for (const key of [...bucket.versions.keys()].filter((name) => name.startsWith(rule.prefix))) {
      const current = currentVersion(bucket, key);
      if (current?.kind === 'object' && isDue(current.at, expirationDays, now)) await deleteVersion(s3, bucket, { key }, by);
    }
  if (abortUploadDays !== undefined)
    for (const upload of [...bucket.uploads.values()])
      if (upload.key.startsWith(rule.prefix) && isDue(upload.startedAt, abortUploadDays, now))
        await dropUpload(s3, bucket, upload);
}

/** Runs every midnight while there is a rule; returns what ends it. */
export function startLifecycle(s3: S3State): () => void {
  let entry: Entry | undefined;
  const schedule = () => {
    entry = s3.world.time.at(nextMidnight(s3.world.time.now()), 's3 lifecycle', async () => {
      schedule();
      for (const bucket of s3.buckets.values()) for (const rule of bucket.lifecycle) await applyRule(s3, bucket, rule);
    });
  };
  if ([...s3.buckets.values()].some((bucket) => bucket.lifecycle.length > 0)) schedule();
  return () => entry?.cancel();
}
