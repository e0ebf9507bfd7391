/** Where a request's bucket is: in the path (`/bucket/key`), or in the host (`bucket.localhost`, `bucket.s3.region.amazonaws.com`). */
export interface S3Address {
  readonly bucket: string | undefined;
  /** Path below the bucket, percent-encoded, with its leading slash. */
  readonly path: string;
}

const IN_HOST = /^(.+)\.(?:s3[.-][^:]*|localhost)(?::\d+)?$/;

export function addressOf(host: string, path: string): S3Address {
  const bucket = IN_HOST.exec(host)?.[1];
  if (bucket !== undefined && bucket !== 's3') return { bucket, path };
  const [, first = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(path) ?? [];
  // Bucket names need no decoding: they have letters, digits, dots and hyphens.
  if (first === '') return { bucket: undefined, path: '/' };
  return { bucket: first, path: rest === '' ? '/' : rest };
}
