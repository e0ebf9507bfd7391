import { CopyObject$ } from '@aws-sdk/client-s3';
import type { CopyObjectOutput, CopyObjectRequest } from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import { readContent } from './blobs.ts';
import { getBucket, getObjectVersion, shownVersionId } from './bucket.ts';
import type { S3State } from './bucket.ts';
import { toFields } from './checksums.ts';
import { checkRead } from './conditions.ts';
import { checkKey, commit, ENCRYPTION, receive, toHeaders } from './put-object.ts';

interface Source {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** `[/]bucket/key[?versionId=…]`, percent-encoded. */
export function parseCopySource(header: string | undefined): Source {
  const match = /^\/?([^/]+)\/([^?]+)(?:\?versionId=(.+))?$/.exec(header ?? '');
  if (match === null)
    throw new AwsError('InvalidArgument', 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  const [, bucket = '', key = '', versionId] = match;
  return { bucket, key: decodeURIComponent(key), versionId };
}

export const copyObject = (s3: S3State): Operation<CopyObjectRequest, CopyObjectOutput> => ({
  schema: CopyObject$,
  async run(input, call) {
    const bucket = getBucket(s3, input.Bucket);
    const key = checkKey(input.Key);
    const from = parseCopySource(input.CopySource);
    const sourceBucket = getBucket(s3, from.bucket);
    const source = getObjectVersion(sourceBucket, from.key, from.versionId);
    checkRead({ IfMatch: input.CopySourceIfMatch }, source);
    const keepsHeaders = input.MetadataDirective !== 'REPLACE';
    if (keepsHeaders && sourceBucket === bucket && source.key === key && from.versionId === undefined)
      throw new AwsError(
        'InvalidRequest',
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata.",
      );
    const algorithm = input.ChecksumAlgorithm ?? source.checksum?.algorithm;
    const Body = readContent(s3.blobs, source.content, { from: 0, to: source.bytes });
    const { blob, md5, checksum } = await receive(s3, { Body, ChecksumAlgorithm: algorithm });
    const draft = {
      key,
      content: [blob],
      bytes: blob.bytes,
      etag: `"${md5.toString('hex')}"`,
      checksum,
      parts: undefined,
      headers: keepsHeaders ? source.headers : toHeaders(input),
      conditions: input,
    };
    const copy = await commit(s3, bucket, draft, { call, reason: 'CopyObject' });
    return {
      CopyObjectResult: { ETag: copy.etag, LastModified: new Date(copy.at), ...toFields(checksum) },
      CopySourceVersionId: shownVersionId(sourceBucket, source),
      VersionId: shownVersionId(bucket, copy),
      ServerSideEncryption: ENCRYPTION,
    };
  },
});
