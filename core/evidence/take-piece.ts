/** How each piece is taken: one small function a piece. What it throws is told in the index; nothing here judges. */
import { evidenceUnavailable } from '../errors.ts';
import type { Capture, CapturePorts } from './capture.ts';
import { diskRecordOffset, parseDiskRecord, RECORD_BYTES, sayDiskRecord, SECTOR_BYTES } from './disk-record.ts';
import type { EvidenceIndex, Piece, PieceName, VolumeSnapshot } from './evidence.ts';

export type Taken =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly volumes?: readonly VolumeSnapshot[] }
  | { readonly kind: 'piece'; readonly piece: Piece; readonly volumes?: readonly VolumeSnapshot[] }
  /** There is nothing yet; `due`: when there may be. */
  | { readonly kind: 'not-yet'; readonly why: string; readonly due?: number }
  | { readonly kind: 'never'; readonly why: string };

export interface Task {
  readonly ports: CapturePorts;
  readonly input: Capture;
  readonly index: EvidenceIndex;
  readonly name: PieceName;
  /** Whether somebody still waits for it. */
  readonly signal: AbortSignal;
}

type Taker = (task: Task) => Promise<Taken>;

const MINUTE_MS = 60_000;
/** A kernel prints its registers and stack at once; the console's live tail follows within seconds. */
const INTERRUPT_SETTLE_MS = 8_000;
/** ALB writes its access log every five minutes, and delivers it within some more (ALB guide, "Access logs"). */
const ACCESS_LOG_MS = 7 * MINUTE_MS;
const ACCESS_LOG_EVERY_MS = 5 * MINUTE_MS;
/** And two more times, before it counts as silent. */
const ACCESS_LOG_END_MS = ACCESS_LOG_MS + 2 * ACCESS_LOG_EVERY_MS;
/** A node leaves one file after the other, the largest last. */
const REPORT_MS = 5 * MINUTE_MS;
/** What may be asked of a node's report, to keep the index small. */
const MOST_LINES = 2_000;

const text = (value: string): Taken => ({ kind: 'bytes', bytes: new TextEncoder().encode(value) });
const toJson = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
const json = (value: unknown): Taken => ({ kind: 'bytes', bytes: toJson(value) });
const orNever = (bytes: Uint8Array | undefined, why: string): Taken =>
  bytes === undefined ? { kind: 'never', why } : { kind: 'bytes', bytes };

const TAKERS: Readonly<Record<PieceName, Taker>> = {
  'console-latest.txt': async ({ ports, input }) =>
    orNever((await ports.witness.console(input.node.instanceId, 'latest'))?.output, 'EC2 had no console of it'),
  'console-posted.txt': async ({ ports, input }) =>
    orNever((await ports.witness.console(input.node.instanceId, 'posted'))?.output, 'EC2 had posted none yet'),
  'instance.json': async ({ ports, input }) => {
    const found = await ports.witness.describe(input.node.instanceId);
    return found ? text(found.json) : { kind: 'never', why: 'EC2 does not know the instance' };
  },
  'status.json': async ({ ports, input }) => text(await ports.witness.status(input.node.instanceId)),
  'target-health.json': async ({ ports, input }) =>
    text((await ports.witness.targetHealth(input.service, input.node.group, input.node.instanceId)).json),
  'metrics.json': ({ ports, input }) => metrics(ports, input, input.since - 15 * MINUTE_MS, input.since),
  'screenshot.jpg': async ({ ports, input }) => ({ kind: 'bytes', bytes: await ports.witness.screenshot(input.node.instanceId) }),
  'volumes.json': async ({ ports, input, signal }) => {
    const { service, node, faultId } = input;
    const fault = { service: service.file.name, version: node.version, faultId };
    const volumes = await ports.witness.snapshotVolumes(node.instanceId, fault, signal);
    return { kind: 'bytes', bytes: toJson(volumes), volumes };
  },
  'interrupt.json': async ({ ports, input }) => {
    await ports.witness.interrupt(input.node.instanceId);
    return json({ sentAt: new Date(ports.clock.now()).toISOString() });
  },
  'console-after-interrupt.txt': takeConsoleAfterInterrupt,
  'console-end.txt': takeConsoleEnd,
  'metrics-after.json': ({ ports, input }) => metrics(ports, input, input.since, input.since + 5 * MINUTE_MS),
  'disk-record.txt': takeDiskRecord,
  'node-report.json': takeNodeReport,
  'access-log.txt': takeAccessLog,
};

export const takePiece = (task: Task): Promise<Taken> => TAKERS[task.name](task);

async function metrics({ metrics: port, clock }: CapturePorts, input: Capture, from: number, to: number): Promise<Taken> {
  // A minute's point is published a little after it.
  const due = to + 2 * MINUTE_MS;
  if (input.until === 'late' && clock.now() < due) return { kind: 'not-yet', why: 'the minutes after it are not over', due };
  const { group, version, build } = input.node;
  const edgesMs = input.service.file.limits.slow.map(({ overMs }) => overMs);
  return json(await port.read(input.service, [{ group, version, build, edgesMs }], { from, to }));
}

async function takeConsoleAfterInterrupt({ ports, input, index }: Task): Promise<Taken> {
  const sent = index.pieces.find(({ name }) => name === 'interrupt.json');
  const wasRefused = index.missed.some(({ name }) => name === 'interrupt.json');
  if (wasRefused) return { kind: 'never', why: 'it was not interrupted' };
  const due = (sent?.capturedAt ?? ports.clock.now()) + INTERRUPT_SETTLE_MS;
  if (ports.clock.now() < due)
    return { kind: 'not-yet', why: sent ? 'it was interrupted a moment ago' : 'it was not interrupted in time', due };
  const found = await ports.witness.console(input.node.instanceId, 'latest');
  return orNever(found?.output, 'EC2 had no console of it');
}

async function takeConsoleEnd({ ports, input }: Task): Promise<Taken> {
  const posted = await ports.witness.console(input.node.instanceId, 'posted');
  if (posted === undefined || posted.at <= input.since)
    return { kind: 'not-yet', why: 'EC2 has not posted the console of its end' };
  return { kind: 'bytes', bytes: posted.output };
}

/** EBS direct reads completed snapshots only. */
async function takeDiskRecord({ ports, input, index }: Task): Promise<Taken> {
  if (input.node.build === 'linux') return { kind: 'never', why: 'a Linux disk has no such record' };
  const root = rootOf(index);
  if (root === undefined) return { kind: 'never', why: 'there is no snapshot of its root volume' };
  const state = await ports.disks.state(root.snapshotId);
  if (state === 'pending') return { kind: 'not-yet', why: `${root.snapshotId} is not complete` };
  if (state !== 'completed') return { kind: 'never', why: `${root.snapshotId} is ${state}` };
  const offset = diskRecordOffset(await ports.disks.read(root.snapshotId, 0, SECTOR_BYTES));
  if (offset === undefined) return { kind: 'never', why: 'the disk has no partition before which a record could lie' };
  return text(sayDiskRecord(parseDiskRecord(await ports.disks.read(root.snapshotId, offset, RECORD_BYTES))));
}

/** Where EC2 has not said which it is, an only volume is it. */
function rootOf({ volumes = [], seen }: EvidenceIndex): VolumeSnapshot | undefined {
  if (seen?.rootVolume === undefined) return volumes.length === 1 ? volumes[0] : undefined;
  return volumes.find(({ volumeId }) => volumeId === seen.rootVolume);
}

/** What the node has put into the bucket itself stays where it is; the list of it is the piece. */
async function takeNodeReport({ ports, input }: Task): Promise<Taken> {
  const { nodeRole } = input.service.resources;
  if (nodeRole === undefined) throw evidenceUnavailable('the report of the node', 'its stack does not say who its nodes are');
  const [now, first] = [ports.clock.now(), input.since + REPORT_MS];
  if (now < first) return { kind: 'not-yet', why: 'the node may not have left all of it', due: first };
  const found = await ports.evidence.list(`nodes/${nodeRole}:${input.node.instanceId}/`);
  return found.length === 0 ? { kind: 'not-yet', why: 'the node has left nothing', due: now + REPORT_MS } : json(found);
}

async function takeAccessLog({ ports, input, index }: Task): Promise<Taken> {
  const address = index.seen?.address;
  if (address === undefined) return { kind: 'never', why: 'the address of the node is not known' };
  const due = input.since + ACCESS_LOG_MS;
  if (ports.clock.now() < due) return { kind: 'not-yet', why: 'the load balancer has not written its log yet', due };
  const lines = await ports.accessLog.slice(input.service, address, input.since - 2 * MINUTE_MS, input.since + MINUTE_MS);
  if (lines === undefined) return { kind: 'never', why: 'the load balancer keeps no access log' };
  if (lines.length === 0) {
    const why = 'no request to it is in the log that was delivered';
    const [now, end] = [ports.clock.now(), input.since + ACCESS_LOG_END_MS];
    return now < end ? { kind: 'not-yet', why, due: Math.min(end, now + ACCESS_LOG_EVERY_MS) } : { kind: 'never', why };
  }
  return text(lines.slice(-MOST_LINES).join('\n'));
}
