/** How fast an image becomes a snapshot: the bake function's own step over HTTP, against sha256sum and cp of the same file. */
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, stat, truncate } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CompleteMultipartUploadCommand, CreateMultipartUploadCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { build } from 'esbuild';
import type { Bench, Row } from '../bench.ts';
import type { Baked } from './baker.ts';

const MIB = 2 ** 20;
const BUCKET = 'images';
const IMAGES = [
  { name: '40 MB', mib: 40, isDense: true },
  { name: '1 GB sparse', mib: 1024, isDense: false },
  { name: '1 GB dense', mib: 1024, isDense: true },
] as const;
type Image = (typeof IMAGES)[number];

/** A sparse image has a MiB of content every 64; the rest are holes. */
async function makeImage(file: string, { mib, isDense }: Image): Promise<void> {
  const handle = await open(file, 'w');
  const noise = Buffer.allocUnsafe(MIB);
  for (let at = 0; at < mib; at += isDense ? 1 : 64) await handle.write(randomFillSync(noise), 0, MIB, at * MIB);
  await handle.truncate(mib * MIB);
  await handle.close();
}

const PART_BYTES = 64 * MIB;

async function upload(client: S3Client, Key: string, file: string) {
  const { size } = await stat(file);
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
  const Parts = [];
  for (let from = 0, PartNumber = 1; from < size; from += PART_BYTES, PartNumber += 1) {
    const end = Math.min(from + PART_BYTES, size);
    const Body = createReadStream(file, { start: from, end: end - 1 });
    const part = { Bucket: BUCKET, Key, UploadId, PartNumber, Body, ContentLength: end - from };
    Parts.push({ PartNumber, ETag: (await client.send(new UploadPartCommand(part))).ETag });
  }
  const done = await client.send(
    new CompleteMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId, MultipartUpload: { Parts } }),
  );
  return { key: Key, versionId: done.VersionId ?? '', etag: (done.ETag ?? '').replaceAll('"', ''), bytes: size };
}

/** The first message of a process of the bench; its failure is the bench's. */
async function told<Message>(child: ChildProcess): Promise<Message> {
  const failed = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`a process of the bench ended with ${String(code)}`)),
  );
  const [message] = (await Promise.race([once(child, 'message'), failed])) as [Message];
  failed.catch(() => undefined);
  return message;
}

const script = (name: string) => path.join(import.meta.dirname, name);

/** Bundled as the function is: what it has in memory is then what the function would have. */
async function bundleBaker(folder: string): Promise<string> {
  const outfile = path.join(folder, 'baker.mjs');
  await build({
    ...{ entryPoints: [script('baker.ts')], outfile, bundle: true, minify: true },
    ...{ platform: 'node', target: 'node24', format: 'esm' },
    banner: { js: `import{createRequire as __c}from'node:module';const require=__c(import.meta.url);` },
  });
  return outfile;
}

async function bake(baker: string, endpoint: string, image: object): Promise<Baked> {
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  return told<Baked>(fork(baker, [BUCKET, JSON.stringify(image)], { env }));
}

function secondsOf(command: string, ...args: readonly string[]): number {
  const begun = performance.now();
  const { status, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return (performance.now() - begun) / 1000;
}

/** The snapshot's file has the image's bytes; it ends with the last block that is not of zeros. */
async function checkSame(file: string, snapshot: string, bytes: number): Promise<void> {
  await truncate(snapshot, bytes);
  const digest = async (name: string) => {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(name, { highWaterMark: 4 * MIB })) hash.update(chunk as Buffer);
    return hash.digest('hex');
  };
  if ((await digest(file)) !== (await digest(snapshot))) throw new Error(`${snapshot} does not have the bytes of ${file}`);
}

const TIMES = 3;
const fastest = (seconds: readonly number[]) => Math.min(...seconds);

async function measure(folder: string, endpoint: string, image: Image): Promise<readonly Row[]> {
  const file = path.join(folder, `${image.name.replaceAll(' ', '-')}.raw`);
  await makeImage(file, image);
  const client = new S3Client({
    endpoint,
    region: 'eu-central-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const object = await upload(client, `${image.name.replaceAll(' ', '-')}/linux.raw`, file);
  const copy = path.join(folder, 'copy.raw');
  const [hashes, copies, bakes]: [number[], number[], Baked[]] = [[], [], []];
  for (let time = 0; time < TIMES; time += 1) {
    hashes.push(secondsOf('sha256sum', file));
    copies.push(secondsOf('cp', '--sparse=always', file, copy));
    await rm(copy);
    const baked = await bake(path.join(folder, 'baker.mjs'), endpoint, object);
    bakes.push(baked);
    const snapshot = path.join(folder, 'snapshots', `${baked.snapshotId}.raw`);
    if (time === 0) await checkSame(file, snapshot, object.bytes);
    if (time === TIMES - 1) await rm(snapshot);
  }
  await rm(file);
  const [hash, cp, own] = [fastest(hashes), fastest(copies), fastest(bakes.map(({ seconds }) => seconds))];
  const speed = (seconds: number) => `${Math.round(image.mib / seconds)} MiB/s`;
  const peak = Math.round(Math.max(...bakes.map(({ peakMib }) => peakMib)));
  const start = Math.round(Math.max(...bakes.map(({ startMib }) => startMib)));
  return [
    { what: `${image.name}: sha256sum`, value: speed(hash), ratio: 1 },
    { what: `${image.name}: cp`, value: speed(cp), ratio: hash / cp },
    {
      what: `${image.name}: bake`,
      value: `${speed(own)}; peak ${peak} MiB, of which ${start} before it began`,
      ratio: hash / own,
    },
  ];
}

export const bakes: Bench = {
  name: 'bake',
  summary: 'an image in local S3 becomes a local EBS snapshot, over HTTP',
  yardstick: 'sha256sum of the same file',
  async run() {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'tandem-bake-'));
    const account = fork(script('account.ts'), [folder, BUCKET]);
    try {
      await bundleBaker(folder);
      const { port } = await told<{ port: number }>(account);
      const rows: Row[] = [];
      for (const image of IMAGES) rows.push(...(await measure(folder, `http://127.0.0.1:${port}`, image)));
      return rows;
    } finally {
      account.kill();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
