/** A world on virtual time for the tests of S3, EBS and EC2, and what they need again and again. */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { BusEvent, ChildLedger } from '../../../local/kernel/ports.ts';
import { bytesOf } from '../../../local/kernel/body.ts';
import type { Call, DeclaredResource, LocalService } from '../../../local/kernel/service.ts';
import type { World } from '../../../local/kernel/world.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import { MemoryTrace } from '../../../local/kernel/trace.ts';
import { VirtualClock } from '../../../local/kernel/clock-virtual.ts';

export interface TestWorld extends World {
  readonly time: VirtualClock;
  readonly trace: MemoryTrace;
}

export function testWorld(seed = 1): TestWorld {
  const time = new VirtualClock();
  return {
    time,
    random: createRandom(seed),
    trace: new MemoryTrace(() => time.now()),
    account: {
      id: '123456789012',
      region: 'eu-central-1',
      partition: 'aws',
      zones: ['eu-central-1a', 'eu-central-1b'],
      endpoint: 'http://127.0.0.1:4566',
    },
  };
}

/** Keeps what was put on the bus. */
export function testBus() {
  const events: BusEvent[] = [];
  const details = (kind: string) =>
    events.filter((event) => event['detail-type'] === kind).map((event) => event.detail as Detail);
  return { put: (event: BusEvent) => void events.push(event), events, details };
}
type Detail = Record<string, unknown>;

export class TestLedger implements ChildLedger {
  readonly pids = new Set<number>();
  add(pid: number): void {
    this.pids.add(pid);
  }
  remove(pid: number): void {
    this.pids.delete(pid);
  }
}

export const CALL: Call = { requestId: 'REQUEST', sourceIp: '127.0.0.1' };

/** Calls an operation as the gateway would; a thrown error is a rejection. */
export async function call<Output = Record<string, unknown>>(
  service: LocalService,
  operation: string,
  input: object,
): Promise<Output> {
  const found = service.operations[operation];
  if (found === undefined) throw new Error(`${service.name} has no ${operation}`);
  return (await found.run(input as never, CALL)) as Output;
}

export async function declare(service: LocalService, type: string, properties: object, logicalId = 'Thing') {
  const make = service.resources[type];
  if (make === undefined) throw new Error(`${service.name} does not own ${type}`);
  const resource: DeclaredResource = {
    stack: 'tandem',
    logicalId,
    type,
    path: `tandem/${logicalId}`,
    properties: { ...properties },
  };
  return make(resource);
}

export async function tarOf(files: Readonly<Record<string, string | Uint8Array>>, mode = 0o755): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mode }, Buffer.from(content));
  tar.finalize();
  return buffer(bytesOf(tar));
}

const BLOCK_BYTES = 524_288;

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/** Puts the bytes into a snapshot as the bake does, zero blocks left out, and waits until it is completed. */
export async function snapshotOf(world: TestWorld, ebs: LocalService, bytes: Uint8Array, gib = 1): Promise<string> {
  const { SnapshotId } = await call<{ SnapshotId: string }>(ebs, 'StartSnapshot', { VolumeSize: gib });
  const digests: Buffer[] = [];
  for (let index = 0; index * BLOCK_BYTES < bytes.length; index += 1) {
    const BlockData = Buffer.alloc(BLOCK_BYTES);
    BlockData.set(bytes.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES));
    if (BlockData.every((byte) => byte === 0)) continue;
    const digest = sha256(BlockData);
    digests.push(digest);
    const block = { SnapshotId, BlockIndex: index, BlockData, DataLength: BLOCK_BYTES };
    await call(ebs, 'PutSnapshotBlock', { ...block, Checksum: digest.toString('base64'), ChecksumAlgorithm: 'SHA256' });
  }
  await call(ebs, 'CompleteSnapshot', { SnapshotId, ChangedBlocksCount: digests.length });
  await world.time.advanceBy(5_000);
  return SnapshotId;
}
