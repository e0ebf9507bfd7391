import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { S3ImageSource } from '../../adapters/s3-image-source.ts';
import { collect } from '../fakes/collect.ts';
import { answering, failure, fails } from './answering.ts';

const content = Uint8Array.from({ length: 1000 }, (_, n) => n % 251);
const object = { key: 'hello/1.0.0/linux.raw', versionId: 'v1', etag: 'e1' };

function rangeOf(input: Readonly<Record<string, unknown>>): readonly [number, number] {
  const [, from, last] = /^bytes=(\d+)-(\d+)$/.exec(String(input['Range'])) ?? [];
  return [Number(from), Number(last) + 1];
}
/** As much of what was asked for as `bytes` says; the rest does not come. */
function served(input: Readonly<Record<string, unknown>>, bytes = Infinity) {
  const [from, to] = rangeOf(input);
  const Body = Readable.from([content.subarray(from, Math.min(to, from + bytes))], { objectMode: false });
  return { Body, ContentLength: to - from };
}

function open(answers: Parameters<typeof answering>[1]) {
  const { client, asked } = answering(new S3Client({ region: 'eu-west-1' }), answers);
  const options = { bucket: 'images', pause: () => Promise.resolve(), rangeBytes: 100, rangesAhead: 3 };
  return { source: new S3ImageSource(client, options), asked };
}
const all = async (chunks: AsyncIterable<Uint8Array>) => Buffer.concat(await collect(chunks));

describe('S3ImageSource', () => {
  it('gives the bytes in order, in ranges of the pinned version', async () => {
    const { source, asked } = open({ GetObject: (input) => served(input) });
    expect((await all(source.read(object, [{ from: 50, to: 777 }]))).equals(content.subarray(50, 777))).toBe(true);
    expect(asked[0]?.input).toEqual({
      Bucket: 'images',
      Key: object.key,
      VersionId: 'v1',
      IfMatch: '"e1"',
      Range: 'bytes=50-149',
    });
    expect(asked).toHaveLength(8);
  });

  it('never has more ranges under way than it reads ahead', async () => {
    let [running, most] = [0, 0];
    const { source } = open({
      GetObject: async (input) => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running -= 1;
        return served(input);
      },
    });
    await all(source.read(object, [{ from: 0, to: 1000 }]));
    expect(most).toBe(3);
  });

  it('asks for what is missing of a range that broke off', async () => {
    const { source, asked } = open({ GetObject: (input, call) => served(input, call === 0 ? 7 : Infinity) });
    expect((await all(source.read(object, [{ from: 0, to: 1000 }]))).equals(content)).toBe(true);
    expect(asked.map(({ input }) => input['Range'])).toContain('bytes=7-99');
  });

  it('goes on as long as each try brings something', async () => {
    const { source, asked } = open({ GetObject: (input) => served(input, 1) });
    expect(await all(source.read(object, [{ from: 0, to: 10 }]))).toHaveLength(10);
    expect(asked).toHaveLength(10);
  });

  it('gives up on a range of which nothing comes, again and again', async () => {
    const { source, asked } = open({ GetObject: (input, call) => served(input, call === 0 ? 3 : 0) });
    await expect(all(source.read(object, [{ from: 0, to: 10 }]))).rejects.toThrow('broke off: 3 of 10 bytes');
    expect(asked).toHaveLength(4);
  });

  it('takes no answer that is not the range it asked for', async () => {
    const { source } = open({ GetObject: (input) => ({ ...served(input), ContentLength: content.length }) });
    await expect(all(source.read(object, [{ from: 0, to: 10 }]))).rejects.toThrow(
      '1000 bytes of hello/1.0.0/linux.raw, asked for bytes=0-9',
    );
  });

  it('lets go of what it asked for ahead when its reader gives up', async () => {
    const bodies: Readable[] = [];
    const { source } = open({
      GetObject: (input) => {
        const answer = served(input);
        bodies.push(answer.Body);
        return answer;
      },
    });
    for await (const chunk of source.read(object, [{ from: 0, to: 1000 }])) if (chunk.length > 0) break;
    await new Promise(setImmediate);
    expect(bodies.map(({ destroyed }) => destroyed)).toEqual([true, true, true]);
  });

  it.each(['NoSuchVersion', 'NoSuchKey', 'PreconditionFailed'])('says ImageChanged for %s', async (name) => {
    const { source } = open({ GetObject: fails(name) });
    await expect(all(source.read(object, [{ from: 0, to: 10 }]))).rejects.toMatchObject({ name: 'ImageChanged' });
  });

  it('says ImageChanged for a head without a body, where S3 has no name but NotFound', async () => {
    await expect(open({ HeadObject: fails('NotFound') }).source.head(object)).rejects.toMatchObject({ name: 'ImageChanged' });
    await expect(open({ HeadObject: () => Promise.reject(failure('AccessDenied')) }).source.head(object)).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  describe('and the parts of an upload', () => {
    const sha = (letter: string) => Buffer.alloc(32, letter).toString('base64');
    const part = (PartNumber: number, ChecksumSHA256?: string) => ({ PartNumber, Size: 10, ChecksumSHA256 });
    const page = (Parts: object[], more: object = {}, over: object = {}) => ({
      ...{ ETag: 'e1', ObjectSize: 20, ...over },
      ObjectParts: { TotalPartsCount: 2, Parts, ...more },
    });
    const partsOf = (answer: object) => open({ GetObjectAttributes: () => answer }).source.parts(object);

    it('asks page by page for those of the pinned version', async () => {
      const { source, asked } = open({
        GetObjectAttributes: (_input, call) =>
          call === 0 ? page([part(1, sha('a'))], { IsTruncated: true, NextPartNumberMarker: '1' }) : page([part(2, sha('b'))]),
      });
      expect((await source.parts(object)).map(({ sha256 }) => Buffer.from(sha256).toString('latin1', 0, 1))).toEqual(['a', 'b']);
      expect(asked.map(({ input }) => [input['VersionId'], input['PartNumberMarker']])).toEqual([
        ['v1', undefined],
        ['v1', '1'],
      ]);
    });

    it.each([
      ['no parts are told', { ETag: 'e1', ObjectSize: 20 }],
      ['parts are only counted', { ETag: 'e1', ObjectSize: 20, ObjectParts: { TotalPartsCount: 2 } }],
      ['one part has another checksum', page([part(1, sha('a')), part(2)])],
      ['a checksum is cut off', page([part(1, sha('a')), part(2, 'abcd')])],
      ['the parts are not all of the object', page([part(1, sha('a')), part(2, sha('b'))], {}, { ObjectSize: 21 })],
      ['a page says there are more and not where', page([part(1, sha('a'))], { IsTruncated: true })],
    ])('knows nothing where %s', async (_why, answer) => {
      expect(await partsOf(answer)).toEqual([]);
    });

    it('does without where a policy forbids it, and says ImageChanged for another object', async () => {
      expect(await open({ GetObjectAttributes: fails('AccessDenied') }).source.parts(object)).toEqual([]);
      const changed = { name: 'ImageChanged' };
      await expect(open({ GetObjectAttributes: fails('NoSuchVersion') }).source.parts(object)).rejects.toMatchObject(changed);
      await expect(partsOf(page([part(1, sha('a'))], {}, { ETag: 'e2' }))).rejects.toMatchObject(changed);
    });
  });

  it('reads a small text whole, and refuses a large one before reading it', async () => {
    const { source, asked } = open({
      HeadObject: () => ({ ContentLength: 65, ETag: '"e1"' }),
      GetObject: (input) => served(input),
    });
    expect(await source.readText(object, 65)).toHaveLength(65);
    await expect(source.readText(object, 64)).rejects.toMatchObject({ name: 'ImageRefused' });
    expect(asked.filter(({ command }) => command === 'GetObject')).toHaveLength(1);
  });
});
