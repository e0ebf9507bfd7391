import { GetBucketLocation$, GetBucketVersioning$, HeadBucket$, ListBuckets$ } from '@aws-sdk/client-s3';
import type {
  GetBucketLocationRequest,
  GetBucketVersioningOutput,
  GetBucketVersioningRequest,
  HeadBucketOutput,
  HeadBucketRequest,
  ListBucketsOutput,
  ListBucketsRequest,
} from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import { getBucket } from './bucket.ts';
import type { S3State } from './bucket.ts';

export const headBucket = (s3: S3State): Operation<HeadBucketRequest, HeadBucketOutput> => ({
  schema: HeadBucket$,
  run(input) {
    // A HEAD answer has no body to say NoSuchBucket in.
    if (!s3.buckets.has(input.Bucket ?? '')) throw new AwsError('NotFound', 'Not Found', 404);
    return { BucketRegion: s3.world.account.region };
  },
});

export const listBuckets = (s3: S3State): Operation<ListBucketsRequest, ListBucketsOutput> => ({
  schema: ListBuckets$,
  run: (input) => ({
    Owner: { ID: s3.world.account.id },
    Prefix: input.Prefix,
    Buckets: [...s3.buckets.values()]
      .filter((bucket) => bucket.name.startsWith(input.Prefix ?? ''))
      .map((bucket) => ({ Name: bucket.name, CreationDate: new Date(bucket.madeAt), BucketRegion: s3.world.account.region }))
      .sort((a, b) => (a.Name < b.Name ? -1 : 1)),
  }),
});

export const getBucketLocation = (
  s3: S3State,
): Operation<GetBucketLocationRequest, { LocationConstraint: string | undefined }> => ({
  schema: GetBucketLocation$,
  run(input) {
    getBucket(s3, input.Bucket);
    const { region } = s3.world.account;
    // us-east-1 has no constraint, for history's sake.
    return { LocationConstraint: region === 'us-east-1' ? undefined : region };
  },
});

export const getBucketVersioning = (s3: S3State): Operation<GetBucketVersioningRequest, GetBucketVersioningOutput> => ({
  schema: GetBucketVersioning$,
  run: (input) => ({ Status: getBucket(s3, input.Bucket).versioning }),
});
