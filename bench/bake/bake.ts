/** How fast an image becomes a snapshot: the bake function's own step over HTTP, against sha256sum and cp of the same file. */
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, stat, truncate } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { build } from 'esbuild';
import { BAKE_SEMI_SPACE_MIB } from '../../lambdas/bake-image/contract.ts';
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

/** As `aws s3 cp` does it; with SHA-256, as `aws s3 cp --checksum-algorithm SHA256`. */
const PART_BYTES = 8 * MIB;

async function upload(client: S3Client, Key: string, file: string, ChecksumAlgorithm?: 'SHA256') {
  const { size } = await stat(file);
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key, ChecksumAlgorithm }));
  const Parts: CompletedPart[] = [];
  for (let from = 0, PartNumber = 1; from < size; from += PART_BYTES, PartNumber += 1) {
    const end = Math.min(from + PART_BYTES, size);
    const Body = createReadStream(file, { start: from, end: end - 1 });
    const part = { Bucket: BUCKET, Key, UploadId, PartNumber, Body, ContentLength: end - from, ChecksumAlgorithm };
    const { ETag, ChecksumSHA256 } = await client.send(new UploadPartCommand(part));
    Parts.push({ PartNumber, ETag, ChecksumSHA256 });
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

interface Way {
  readonly name: string;
  /** The manifest has the SHA-256 of the whole alone. */
  readonly takesWhole?: true;
  readonly upload?: 'SHA256';
}

const WAYS: readonly Way[] = [
  { name: 'bake' },
  { name: 'bake, uploaded with --checksum-algorithm SHA256', upload: 'SHA256' },
  { name: 'bake, release.json has no blocks', takesWhole: true },
];

async function bake(baker: string, endpoint: string, image: object, { takesWhole }: Way): Promise<Baked> {
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    NODE_OPTIONS: `--max-semi-space-size=${BAKE_SEMI_SPACE_MIB}`,
  };
  return told<Baked>(fork(baker, [BUCKET, JSON.stringify(image), takesWhole ? 'whole' : ''], { env }));
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

interface Place {
  readonly folder: string;
  readonly endpoint: string;
  readonly client: S3Client;
}

async function bakesOf({ folder, endpoint, client }: Place, file: string, way: Way): Promise<readonly Baked[]> {
  const bakes: Baked[] = [];
  const object = await upload(client, `${path.basename(file)}/${WAYS.indexOf(way)}`, file, way.upload);
  for (let time = 0; time < TIMES; time += 1) {
    const baked = await bake(path.join(folder, 'baker.mjs'), endpoint, object, way);
    bakes.push(baked);
    const snapshot = path.join(folder, 'snapshots', `${baked.snapshotId}.raw`);
    if (time === 0) await checkSame(file, snapshot, object.bytes);
    if (time === TIMES - 1) await rm(snapshot);
  }
  return bakes;
}

async function measure(place: Place, image: Image): Promise<readonly Row[]> {
  const file = path.join(place.folder, `${image.name.replaceAll(' ', '-')}.raw`);
  const copy = path.join(place.folder, 'copy.raw');
  await makeImage(file, image);
  const times = Array.from({ length: TIMES });
  const hash = fastest(times.map(() => secondsOf('sha256sum', file)));
  const cp = fastest(times.map(() => secondsOf('cp', '--sparse=always', file, copy)));
  await rm(copy);
  const speed = (seconds: number) => `${Math.round(image.mib / seconds)} MiB/s`;
  const rows: Row[] = [
    { what: `${image.name}: sha256sum`, value: speed(hash), ratio: 1 },
    { what: `${image.name}: cp`, value: speed(cp), ratio: hash / cp },
  ];
  for (const way of WAYS) {
    const bakes = await bakesOf(place, file, way);
    const own = fastest(bakes.map(({ seconds }) => seconds));
    const [peak, start] = [mostOf(bakes.map(({ peakMib }) => peakMib)), mostOf(bakes.map(({ startMib }) => startMib))];
    const value = `${speed(own)}; peak ${peak} MiB, of which ${start} before it began`;
    rows.push({ what: `${image.name}: ${way.name}`, value, ratio: hash / own });
  }
  await rm(file);
  return rows;
}

const mostOf = (mib: readonly number[]) => Math.round(Math.max(...mib));

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
      const endpoint = `http://127.0.0.1:${port}`;
      const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
      const client = new S3Client({ endpoint, region: 'eu-central-1', forcePathStyle: true, credentials });
      const rows: Row[] = [];
      for (const image of IMAGES) rows.push(...(await measure({ folder, endpoint, client }, image)));
      return rows;
    } finally {
      account.kill();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
