import {
  CompleteMultipartUpload$,
  CompleteMultipartUploadCommand,
  CreateBucket$,
  CreateBucketCommand,
  DeleteObjects$,
  DeleteObjectsCommand,
  GetBucketLocation$,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetObject$,
  GetObjectCommand,
  HeadObject$,
  HeadObjectCommand,
  ListBuckets$,
  ListBucketsCommand,
  ListObjectsV2$,
  ListObjectsV2Command,
  ListObjectVersions$,
  ListObjectVersionsCommand,
  NoSuchKey,
  NotFound,
  PutObject$,
  PutObjectCommand,
  S3Client,
  UploadPart$,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/kernel/aws-error.ts';
import { listen, madeUp } from '../gateway/harness.ts';

let asked: { operation: string; input: Record<string, unknown>; body?: Buffer }[] = [];
let answers: Record<string, (input: Record<string, unknown>) => unknown> = {};
let gateway: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  const schemas = [
    CompleteMultipartUpload$,
    CreateBucket$,
    DeleteObjects$,
    GetBucketLocation$,
    GetObject$,
    HeadObject$,
    ListBuckets$,
    ListObjectsV2$,
    ListObjectVersions$,
    PutObject$,
    UploadPart$,
  ];
  const take = (operation: string) => async (input: Record<string, unknown>) => {
    const body = input['Body'] instanceof Readable ? await buffer(input['Body']) : undefined;
    asked.push({ operation, input, ...(body && { body }) });
    return answers[operation]?.(input) ?? {};
  };
  gateway = await listen([madeUp('s3', ...schemas.map((schema) => [schema, take(schema[2])] as const))]);
});
afterAll(() => gateway.close());

function client(config: S3ClientConfig = {}, answering: typeof answers = {}) {
  asked = [];
  answers = answering;
  return new S3Client({ ...gateway.config, forcePathStyle: true, ...config });
}

describe('S3 bodies', () => {
  it('passes bytes on, with the checksum header the client sent', async () => {
    await client().send(
      new PutObjectCommand({ Bucket: 'b', Key: 'a/b c+ü.raw', Body: 'hello', Metadata: { one: '1' }, IfNoneMatch: '*' }),
    );
    expect(asked[0]).toMatchObject({ operation: 'PutObject', body: Buffer.from('hello') });
    expect(asked[0]?.input).toMatchObject({
      Bucket: 'b',
      Key: 'a/b c+ü.raw',
      ContentLength: 5,
      Metadata: { one: '1' },
      IfNoneMatch: '*',
    });
    expect(asked[0]?.input['ChecksumCRC32']).toBe('NhCmhg==');
  });

  it('decodes a chunked stream whole, across whatever pieces the network makes, and hands on its trailing checksum', async () => {
    const bytes = Buffer.alloc(700_001, 'abcdefg');
    const Body = Readable.from([bytes.subarray(0, 1), bytes.subarray(1, 300_000), bytes.subarray(300_000)]);
    await client().send(
      new PutObjectCommand({ Bucket: 'b', Key: 'k', Body, ContentLength: bytes.length, ContentEncoding: 'gzip' }),
    );
    expect(asked[0]?.body?.equals(bytes)).toBe(true);
    expect(asked[0]?.input).toMatchObject({ ContentLength: bytes.length, ContentEncoding: 'gzip' });
    expect(asked[0]?.input['ChecksumCRC32']).toMatch(/^[A-Za-z0-9+/]{6}==$/);
  });

  it('answers a body as bytes, and as a stream, with range, instants and metadata', async () => {
    const LastModified = new Date('2030-01-01T00:00:00Z');
    const output = (Body: unknown) => () => ({
      Body,
      ContentLength: 5,
      ContentRange: 'bytes 0-4/9',
      LastModified,
      Metadata: { a: 'b' },
      VersionId: 'v',
    });
    for (const Body of [Buffer.from('hello'), Readable.from([Buffer.from('he'), Buffer.from('llo')])]) {
      const answer = await client({}, { GetObject: output(Body) }).send(
        new GetObjectCommand({ Bucket: 'b', Key: 'k', Range: 'bytes=0-4', VersionId: 'v' }),
      );
      expect(await answer.Body?.transformToString()).toBe('hello');
      expect(answer).toMatchObject({
        LastModified,
        ContentLength: 5,
        Metadata: { a: 'b' },
        VersionId: 'v',
        $metadata: { httpStatusCode: 206 },
      });
      expect(asked[0]?.input).toEqual({ Bucket: 'b', Key: 'k', Range: 'bytes=0-4', VersionId: 'v', ChecksumMode: 'ENABLED' });
    }
  });
});

describe('S3 addressing', () => {
  it('finds the bucket in the path and in the host, and keeps odd keys', async () => {
    for (const Key of ['k', 'a//b', 'dir/', 'q?x=1#&', '/lead']) {
      await client({}, { GetObject: () => ({ Body: '' }) }).send(new GetObjectCommand({ Bucket: 'b', Key }));
      expect(asked[0]?.input).toMatchObject({ Bucket: 'b', Key });
    }
    asked = [];
    const { port } = new URL(gateway.endpoint);
    const authorization = 'AWS4-HMAC-SHA256 Credential=k/20300101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0';
    const status = await new Promise((resolve) => {
      httpRequest({ port, path: '/a/b.txt', headers: { host: `my.bucket.localhost:${port}`, authorization } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(200);
    expect(asked[0]?.input).toMatchObject({ Bucket: 'my.bucket', Key: 'a/b.txt' });
  });

  it('tells operations on one path apart, also those it does not have', async () => {
    const s3 = client();
    await s3.send(new ListBucketsCommand({}));
    await s3.send(new ListObjectsV2Command({ Bucket: 'b', Prefix: 'p/', MaxKeys: 3 }));
    await s3.send(new ListObjectVersionsCommand({ Bucket: 'b' }));
    await s3.send(new UploadPartCommand({ Bucket: 'b', Key: 'k', PartNumber: 2, UploadId: 'u', Body: 'x' }));
    expect(asked.map((one) => one.operation)).toEqual(['ListBuckets', 'ListObjectsV2', 'ListObjectVersions', 'UploadPart']);
    expect(asked[1]?.input).toMatchObject({ Bucket: 'b', Prefix: 'p/', MaxKeys: 3 });
    await expect(s3.send(new GetBucketPolicyCommand({ Bucket: 'b' }))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'The local runtime does not have the operation GetBucketPolicy in its s3.',
      $metadata: { httpStatusCode: 501 },
    });
  });
});

describe('S3 documents', () => {
  it('reads one part and many, one key and many', async () => {
    for (const count of [1, 3]) {
      const Parts = Array.from({ length: count }, (_, i) => ({ PartNumber: i + 1, ETag: `"${i}"`, ChecksumCRC32: 'AAAAAA==' }));
      const s3 = client({}, { CompleteMultipartUpload: () => ({ ETag: '"e"', Bucket: 'b' }) });
      const answer = await s3.send(
        new CompleteMultipartUploadCommand({ Bucket: 'b', Key: 'k', UploadId: 'u', MultipartUpload: { Parts } }),
      );
      expect(asked[0]?.input).toMatchObject({ UploadId: 'u', MultipartUpload: { Parts } });
      expect(answer.ETag).toBe('"e"');
      const Objects = Array.from({ length: count }, (_, i) => ({ Key: `<${i}>&`, VersionId: 'v' }));
      await s3.send(new DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects, Quiet: true } }));
      expect(asked[1]?.input).toMatchObject({ Delete: { Objects, Quiet: true } });
    }
    await client().send(
      new CreateBucketCommand({ Bucket: 'b', CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }),
    );
    expect(asked[0]?.input).toMatchObject({ CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } });
  });

  it('writes lists as S3 does', async () => {
    const Contents = [{ Key: 'a&b', Size: 1, ETag: '"x"', LastModified: new Date(0) }];
    const listing = { Contents, KeyCount: 1, IsTruncated: false, CommonPrefixes: [{ Prefix: 'p/' }] };
    const answer = await client({}, { ListObjectsV2: () => listing }).send(new ListObjectsV2Command({ Bucket: 'b' }));
    expect(answer).toMatchObject(listing);
    const buckets = { Buckets: [{ Name: 'b', CreationDate: new Date(0) }] };
    expect(await client({}, { ListBuckets: () => buckets }).send(new ListBucketsCommand({}))).toMatchObject(buckets);
    const place = { LocationConstraint: 'eu-central-1' };
    expect(
      await client({}, { GetBucketLocation: () => place }).send(new GetBucketLocationCommand({ Bucket: 'b' })),
    ).toMatchObject(place);
  });
});

describe('S3 errors', () => {
  const refusing = (code: string, status: number) => () => {
    throw new AwsError(code, 'The specified key does not exist.', status);
  };

  it('raises the SDK’s error class, with body and without (HEAD)', async () => {
    const s3 = client({}, { GetObject: refusing('NoSuchKey', 404), HeadObject: refusing('NotFound', 404) });
    await expect(s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toBeInstanceOf(NoSuchKey);
    await expect(s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toBeInstanceOf(NotFound);
  });

  it('answers 304 without a body', async () => {
    const s3 = client({}, { GetObject: refusing('NotModified', 304) });
    await expect(s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k', IfNoneMatch: '"e"' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
  });
});

/** What the SDK here does not send but others do (botocore over plain HTTP signs each chunk and the trailer). */
describe('chunks as other clients send them', () => {
  const put = (body: string | Buffer, headers: Record<string, string>, path = '/b/k') =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const authorization =
        'AWS4-HMAC-SHA256 Credential=k/20300101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0';
      const { port } = new URL(gateway.endpoint);
      httpRequest({ port, method: 'PUT', path, headers: { authorization, ...headers } }, (response) => {
        void text(response).then((answer) => resolve({ status: response.statusCode, text: answer }));
      })
        .on('error', reject)
        .end(body);
    });
  const signature = createHash('sha256').update('x').digest('hex');
  const signed = {
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': '8',
    'x-amz-trailer': 'x-amz-checksum-crc32c',
  };

  it('reads signed chunks and a signed trailer', async () => {
    client();
    const body = `5;chunk-signature=${signature}\r\nhello\r\n3;chunk-signature=${signature}\r\n\r\n!\r\n0;chunk-signature=${signature}\r\nx-amz-checksum-crc32c:AAAAAA==\r\nx-amz-trailer-signature:${signature}\r\n\r\n`;
    expect((await put(body, signed)).status).toBe(200);
    expect(asked[0]?.body?.toString()).toBe('hello\r\n!');
    expect(asked[0]?.input).toMatchObject({ ChecksumCRC32C: 'AAAAAA==', ContentLength: 8 });
  });

  it('refuses a body that ends early, is shorter than announced, or is no chunks at all', async () => {
    for (const body of [
      `5;chunk-signature=${signature}\r\nhel`,
      '5\r\nhello\r\n0\r\n\r\n',
      'hello',
      '8\r\nhello-there\r\n0\r\n\r\n',
    ]) {
      client();
      const answer = await put(body, signed);
      expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('<Code>IncompleteBody</Code>') as string });
    }
  });

  it('refuses XML that is none, and parts whose numbers are none', async () => {
    client();
    expect((await put('<CreateBucketConfiguration>', {}, '/b')).text).toContain('<Code>MalformedXML</Code>');
    expect((await put('<a>'.repeat(200_000), {}, '/b')).text).toContain('<Code>MalformedXML</Code>');
    expect((await put('x', {}, '/b/k?partNumber=one&uploadId=u')).text).toContain('<Code>InvalidArgument</Code>');
    expect((await put('x', {}, '/b/%E0%A4%A')).text).toContain('<Code>InvalidURI</Code>');
  });
});
