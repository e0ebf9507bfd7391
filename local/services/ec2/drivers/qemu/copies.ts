/** What is taken of a running machine: its screen, and its disks as they are at one instant. */
import { open, readFile, rm } from 'node:fs/promises';
import { encode } from 'jpeg-js';
import type { DiskCopy } from '../driver.ts';
import type { Qmp, QmpEvent } from './qmp.ts';
import { QmpFailed } from './qmp.ts';
import { readCopy } from './volumes.ts';

const JPEG_QUALITY = 75;

export async function takeScreenshot(qmp: Qmp, path: string): Promise<Uint8Array> {
  try {
    await qmp.execute('screendump', { filename: path, format: 'ppm' });
    return toJpeg(await readFile(path));
  } finally {
    await rm(path, { force: true });
  }
}

/** PPM: `P6`, width, height and 255 in text, then three bytes a pixel (https://netpbm.sourceforge.net/doc/ppm.html). */
export function toJpeg(ppm: Buffer): Uint8Array {
  const header = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(ppm.subarray(0, 64).toString('latin1'));
  if (header === null) throw new Error('QEMU did not give its screen as PPM');
  const [width, height] = [Number(header[1]), Number(header[2])];
  const pixels = ppm.subarray(header[0].length);
  const data = Buffer.alloc(width * height * 4, 0xff);
  for (let pixel = 0; pixel < width * height; pixel += 1) pixels.copy(data, pixel * 4, pixel * 3, pixel * 3 + 3);
  return encode({ width, height, data }, JPEG_QUALITY).data;
}

export interface Copied {
  /** QEMU's name of the disk. */
  readonly node: string;
  readonly bytes: number;
  readonly path: string;
}

/** In one transaction, so that all are of the same instant, however long the copying takes: what is overwritten meanwhile is copied before. */
export async function copyRunning(qemuImg: string, qmp: Qmp, copies: readonly Copied[]): Promise<readonly DiskCopy[]> {
  const done = jobsOf(qmp, copies);
  try {
    for (const copy of copies) await addTarget(qmp, copy);
    const actions = copies.map((copy) => ({ type: 'blockdev-backup', data: jobOf(copy) }));
    await qmp.execute('transaction', { actions });
    await done.all;
  } finally {
    done.forget();
    for (const { node } of copies) await qmp.execute('blockdev-del', { 'node-name': targetOf(node) }).catch(() => undefined);
  }
  return Promise.all(copies.map(({ path, bytes }) => readCopy(qemuImg, path, bytes)));
}

const targetOf = (node: string) => `copy-${node}`;
const jobOf = ({ node }: Copied) => ({ 'job-id': targetOf(node), device: node, target: targetOf(node), sync: 'full' });

async function addTarget(qmp: Qmp, { node, bytes, path }: Copied): Promise<void> {
  const file = await open(path, 'w');
  await file.truncate(bytes).finally(() => file.close());
  // Zeros become holes.
  const sparse = { discard: 'unmap', 'detect-zeroes': 'unmap' };
  const target = { driver: 'raw', 'node-name': targetOf(node), ...sparse, file: { driver: 'file', filename: path, ...sparse } };
  await qmp.execute('blockdev-add', target);
}

function jobsOf(qmp: Qmp, copies: readonly Copied[]) {
  const { promise: all, resolve, reject } = Promise.withResolvers<undefined>();
  const left = new Set(copies.map(({ node }) => targetOf(node)));
  const forget = qmp.on(({ event, data }: QmpEvent) => {
    const id = data['device'];
    if (typeof id !== 'string' || !left.has(id)) return;
    const failure = event === 'BLOCK_JOB_CANCELLED' ? 'cancelled' : data['error'];
    if (typeof failure === 'string') reject(new QmpFailed(`a disk was not copied: ${failure}`));
    if (event === 'BLOCK_JOB_COMPLETED') left.delete(id);
    if (left.size === 0) resolve(undefined);
  });
  qmp.onClose(() => reject(new QmpFailed('the machine went off while its disks were copied')));
  // Rejected before anybody waits, it is told by the command that failed.
  all.catch(() => undefined);
  return { all, forget };
}
