/** A process of its own: bakes one image by the function's own step and adapters, as the function has them. */
import { readFileSync } from 'node:fs';
import { copyPiece } from '../../core/image/copy-piece.ts';
import { planBake, BAKE_LIMITS } from '../../core/image/plan-bake.ts';
import type { ObjectVersion } from '../../core/image/ports.ts';
import { imagePorts, sourcePorts } from '../../lambdas/shared/ports.ts';
import { record, release, service } from '../../test/fakes/fixtures.ts';
import { MemoryRecords } from '../../test/fakes/memory-records.ts';

export interface Baked {
  readonly snapshotId: string;
  readonly seconds: number;
  /** Most this process ever had in memory, and what it had before it began. */
  readonly peakMib: number;
  readonly startMib: number;
}

const [bucket = '', text = '', whole = ''] = process.argv.slice(2);
const image = JSON.parse(text) as ObjectVersion & { readonly bytes: number; readonly etag: string };

/** `VmHWM` or `VmRSS` of /proc/self/status, in KiB. */
function memoryMib(field: string): number {
  const [, kib] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kib) / 1024;
}

async function recordsOf(): Promise<MemoryRecords> {
  const records = new MemoryRecords();
  const inFlight = release({ stage: 'baking', images: { linux: image }, pinned: service() });
  await records.putRelease(inFlight);
  await records.putService(record({ fence: inFlight.fence, inFlight: inFlight.version }));
  return records;
}

async function bake(): Promise<Baked> {
  const { snapshots } = imagePorts({ STACK_TAG: 'bench' });
  const digests = { save: () => Promise.resolve(), load: () => Promise.reject(new Error('not sealed here')) };
  const ports = {
    records: await recordsOf(),
    ...sourcePorts({ IMAGES_BUCKET: bucket }),
    ...imagePorts({ STACK_TAG: 'bench' }),
    digests,
  };
  const plan = planBake(image.bytes, BAKE_LIMITS, whole === 'whole');
  if (plan.kind === 'refuse') throw new Error(plan.why);
  const { service: name, version, fence } = release({});
  const startMib = memoryMib('VmRSS');
  const begun = performance.now();
  const snapshotId = await snapshots.start({ token: image.key, gib: Math.ceil(image.bytes / 2 ** 30), tags: {} });
  for (const piece of plan.pieces)
    await copyPiece(
      { ...ports, clock: { now: () => Date.now() } },
      { service: name, version, fence, at: Date.now(), build: 'linux', snapshotId, piece },
    );
  return { snapshotId, seconds: (performance.now() - begun) / 1000, peakMib: memoryMib('VmHWM'), startMib };
}

process.send?.(await bake());
process.disconnect();
