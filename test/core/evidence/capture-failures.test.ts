/** Evidence is taken while things fail: each piece alone, none at the cost of another or of the deadline. */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { captureEvidence, type CaptureInput, type CapturePorts } from '../../../core/evidence/capture.ts';
import type { EvidenceIndex } from '../../../core/evidence/evidence.ts';
import { EARLY_PIECES, LATE_PIECES } from '../../../core/evidence/evidence.ts';
import { evidenceUnavailable } from '../../../core/errors.ts';
import { MINUTE, T0 } from '../../fakes/fixtures.ts';
import { captureFakes, earlyOrder, lateOrder } from '../../fakes/capture.ts';
import type { MemoryAccessLog, MemoryDisks, MemoryEvidence, MemoryWitness } from '../../fakes/memory-evidence.ts';

let now: number;
let witness: MemoryWitness;
let disks: MemoryDisks;
let evidence: MemoryEvidence;
let accessLog: MemoryAccessLog;
let ports: CapturePorts;

beforeEach(() => {
  now = T0;
  waits = [];
  ({ witness, disks, evidence, accessLog, ports } = captureFakes({ now: () => now, pause: passing }));
});

const never = () => new Promise<never>(() => undefined);
let waits: { readonly at: number; readonly over: () => void }[];
const passing = (ms: number) => new Promise<void>((over) => void waits.push({ at: now + ms, over }));

/** Time goes on only while nobody has anything to do but to wait. */
async function driven<T>(work: Promise<T>): Promise<T> {
  const ended = new Set<string>();
  const end = () => void ended.add('work');
  work.then(end, end);
  for (;;) {
    await new Promise(setImmediate);
    if (ended.size > 0) return work;
    waits.sort((one, other) => one.at - other.at);
    const next = waits.shift();
    now = Math.max(now, next?.at ?? now);
    next?.over();
  }
}
const index = async (): Promise<EvidenceIndex> => (await evidence.findIndex('web', 'i-1-1'))!;
const whyMissed = async (piece: string) => (await index()).missed.find(({ name }) => name === piece)?.why;
const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);

async function settle(order: CaptureInput) {
  for (let asked = 0; asked < 100; asked += 1) {
    const answer = await driven(captureEvidence(ports, order));
    if (answer.kind === 'captured') return answer;
    now += answer.seconds * 1000;
  }
  throw new Error('it never settled');
}

const EARLY_CALLS = ['latest', 'posted', 'status', 'health', 'screenshot', 'snapshot', 'describe'] as const;
const EARLY_OF: Readonly<Record<(typeof EARLY_CALLS)[number], string>> = {
  latest: 'console-latest.txt',
  posted: 'console-posted.txt',
  status: 'status.json',
  health: 'target-health.json',
  screenshot: 'screenshot.jpg',
  snapshot: 'volumes.json',
  describe: 'instance.json',
};

describe.each(['broken', 'never', 'hanging'] as const)('a call that is %s', (how) => {
  it.each(EARLY_CALLS)('costs its own piece only: %s', async (call) => {
    witness[how].add(call);
    witness.posted = { output: new TextEncoder().encode('posted'), at: T0 };
    await settle(earlyOrder());
    const { pieces, missed } = await index();
    expect([...names(pieces), ...names(missed)].sort()).toEqual([...EARLY_PIECES].sort());
    expect(names(missed).filter((name) => name !== 'interrupt.json' && name !== 'console-after-interrupt.txt')).toEqual([
      EARLY_OF[call],
    ]);
    expect(now).toBeLessThanOrEqual(T0 + MINUTE + 2_000);
  });
});

describe('a node that hangs', () => {
  it('is not kept for the console after an interrupt that was refused', async () => {
    witness.never.add('interrupt');
    await settle(earlyOrder({ isHung: true }));
    expect(now).toBeLessThan(T0 + 10_000);
    expect(await whyMissed('console-after-interrupt.txt')).toBe('it was not interrupted');
  });

  it('is not kept beyond its minute, though nothing of AWS answers', async () => {
    ports = { ...ports, metrics: { read: never } };
    for (const call of [...EARLY_CALLS, 'interrupt']) witness.hanging.add(call);
    await settle(earlyOrder({ isHung: true }));
    expect(now).toBeLessThanOrEqual(T0 + MINUTE + 5_000);
    const { pieces, missed } = await index();
    expect(pieces).toEqual([]);
    expect(names(missed).sort()).toEqual([...EARLY_PIECES].sort());
    expect(await whyMissed('status.json')).toMatch(/^no answer within \d+ s$/);
  });

  it('is let go when its minute is over and the bucket still takes nothing', async () => {
    evidence.putIndex = async () => Promise.reject(Object.assign(new Error('slow down'), { name: 'SlowDown' }));
    await expect(captureEvidence(ports, earlyOrder())).rejects.toMatchObject({ name: 'SlowDown' });
    now = T0 + MINUTE;
    expect(await captureEvidence(ports, earlyOrder())).toEqual({
      kind: 'captured',
      captured: 0,
      missed: 0,
      why: 'its time is over: SlowDown: slow down',
    });
  });
});

describe('asked twice', () => {
  it('changes nothing of what is kept, and asks AWS for nothing again', async () => {
    await settle(earlyOrder());
    const [before, calls] = [JSON.stringify(await index()), witness.calls.length];
    now += 5_000;
    await settle(earlyOrder());
    expect(JSON.stringify(await index())).toBe(before);
    expect(witness.calls).toHaveLength(calls);
  });

  it('after it was interrupted before its index was written, has each piece once, with the checksum of what is stored', async () => {
    const putIndex = evidence.putIndex.bind(evidence);
    evidence.putIndex = async () => Promise.reject(new Error('killed'));
    await expect(captureEvidence(ports, earlyOrder())).rejects.toThrow('killed');
    evidence.putIndex = putIndex;
    witness.latest = { output: new TextEncoder().encode('boot\npanic\nmore'), at: T0 };
    await settle(earlyOrder());
    const { pieces } = await index();
    expect(new Set(names(pieces)).size).toBe(pieces.length);
    for (const { key, sha256, bytes } of pieces) {
      const stored = evidence.objects.get(key)!;
      expect([createHash('sha256').update(stored).digest('hex'), stored.length]).toEqual([sha256, bytes]);
    }
  });

  it('takes again only what S3 did not take', async () => {
    const put = evidence.put.bind(evidence);
    evidence.put = async (key, body) =>
      key.endsWith('screenshot.jpg') ? Promise.reject(Object.assign(new Error('x'), { name: 'SlowDown' })) : put(key, body);
    expect(await captureEvidence(ports, earlyOrder())).toMatchObject({ kind: 'wait', why: 'waits for screenshot.jpg' });
    evidence.put = put;
    now += 5_000;
    expect(await captureEvidence(ports, earlyOrder())).toMatchObject({ kind: 'captured' });
    expect(witness.calls.filter((call) => call === 'snapshot')).toHaveLength(1);
  });
});

describe('an answer that comes too late', () => {
  it('is not stored over the one that was taken instead, and nothing is made for it', async () => {
    const slow = Promise.withResolvers<{ output: Uint8Array; at: number }>();
    const prompt = witness.console.bind(witness);
    let asked = 0;
    witness.console = (id, which) => (which === 'latest' && asked++ === 0 ? slow.promise : prompt(id, which));
    let signal: AbortSignal | undefined;
    const snapshots = await witness.snapshotVolumes();
    witness.snapshotVolumes = (async (_id: string, _fault: unknown, given: AbortSignal) => {
      if (signal !== undefined) return snapshots;
      signal = given;
      return never();
    }) as typeof witness.snapshotVolumes;
    await settle(earlyOrder());
    slow.resolve({ output: new TextEncoder().encode('an old one'), at: T0 });
    await new Promise(setImmediate);
    expect(evidence.text('faults/web/i-1-1/console-latest.txt')).toBe('boot\npanic');
    expect(signal?.aborted).toBe(true);
  });
});

describe('bytes', () => {
  it('of a console are kept as they came, text or not', async () => {
    const output = new Uint8Array(65_536).map((_, at) => (at * 131 + (at >> 8)) % 256);
    witness.latest = { output, at: T0 };
    await captureEvidence(ports, earlyOrder());
    expect(evidence.objects.get('faults/web/i-1-1/console-latest.txt')).toEqual(output);
  });

  it('of a picture may be many', async () => {
    witness.picture = new Uint8Array(8 * 2 ** 20).fill(7);
    await captureEvidence(ports, earlyOrder());
    expect((await index()).pieces.find(({ name }) => name === 'screenshot.jpg')).toMatchObject({ bytes: 8 * 2 ** 20 });
  });
});

describe('the record on the disk', () => {
  const disk = async (sector: Partial<{ first: number }>, record = new Uint8Array(4096)) => {
    const bytes = new Uint8Array(16 * 512);
    bytes.set([0x55, 0xaa], 510);
    new DataView(bytes.buffer).setUint32(0x1be + 8, sector.first ?? 16, true);
    bytes.set(record, 8192 - 4096);
    disks.disks.set('snap-root', bytes);
    await captureEvidence(ports, earlyOrder());
    await captureEvidence(ports, lateOrder());
    return evidence.text('faults/web/i-1-1/disk-record.txt');
  };
  const klog = (exitCode: number) => {
    const record = new Uint8Array(4096).fill(0xff);
    record.set(new TextEncoder().encode('KLOG'));
    new DataView(record.buffer).setInt32(12, exitCode, true);
    return record;
  };

  it('is none of a disk whose first partition lies where Nanos puts none', async () => {
    expect(await disk({ first: 0xfffffff0 })).toBeUndefined();
    expect(await whyMissed('disk-record.txt')).toBe('the disk has no partition before which a record could lie');
  });

  it('says that it cannot be read where its status can be nobody’s', async () => {
    expect(await disk({}, klog(0x7a7a7a7a))).toBe('a record that cannot be read\n');
  });

  it('is read where its log is no text', async () => {
    expect(await disk({}, klog(11))).toMatch(/^exit code 11\n\ufffd+$/);
  });

  it('is never that of another volume, where the root volume is gone', async () => {
    witness.instance = { ...witness.instance!, rootVolume: 'vol-gone' };
    disks.disks.set('snap-data', new Uint8Array(16 * 512));
    await captureEvidence(ports, earlyOrder());
    await captureEvidence(ports, lateOrder());
    expect(await whyMissed('disk-record.txt')).toBe('there is no snapshot of its root volume');
  });

  it.each([
    ['failed', 'snap-root is failed'],
    ['none', 'snap-root is none'],
  ] as const)('is given up at once where its snapshot is %s', async (state, why) => {
    disks.state = async () => state;
    await captureEvidence(ports, earlyOrder());
    await captureEvidence(ports, lateOrder());
    expect(await whyMissed('disk-record.txt')).toBe(why);
  });

  it('is listed as missed at the deadline where its snapshot is never complete', async () => {
    disks.pending.add('snap-root');
    await captureEvidence(ports, earlyOrder());
    await settle(lateOrder());
    expect(now).toBe(T0 + 30 * MINUTE);
    expect(await whyMissed('disk-record.txt')).toBe('snap-root is not complete');
  });

  it('is missed, and nothing else, where the instance and its volumes are gone', async () => {
    witness.instance = undefined;
    witness.snapshotVolumes = async () => Promise.reject(evidenceUnavailable('snapshots', 'EC2 does not know the instance'));
    await captureEvidence(ports, earlyOrder());
    await settle(lateOrder());
    const { pieces, missed } = await index();
    expect([...names(pieces), ...names(missed)].sort()).toEqual([...EARLY_PIECES, ...LATE_PIECES].sort());
    expect(names(pieces)).toContain('metrics-after.json');
  });
});

describe('the report of a Linux node', () => {
  it('that never comes is asked for every five minutes until the deadline, where nothing else is waited for', async () => {
    const node = { ...lateOrder().node, build: 'linux' } as const;
    const list = vi.spyOn(evidence, 'list');
    witness.posted = { output: new TextEncoder().encode('end'), at: T0 + 1 };
    await captureEvidence(ports, earlyOrder({ node }));
    await settle(lateOrder({ node }));
    expect(await whyMissed('node-report.json')).toBe('the node has left nothing');
    expect(list.mock.calls.length).toBeGreaterThan(2);
    expect(list.mock.calls.length).toBeLessThan(8);
  });
});

describe('the access log', () => {
  it('that was not delivered is waited for, and then missed: nothing is not what it says', async () => {
    accessLog.lines = [];
    witness.posted = { output: new TextEncoder().encode('end'), at: T0 + 1 };
    const slice = vi.spyOn(accessLog, 'slice');
    await captureEvidence(ports, earlyOrder());
    await settle(lateOrder());
    expect(names((await index()).pieces)).not.toContain('access-log.txt');
    // As often as it is written.
    expect(slice).toHaveBeenCalledTimes(3);
    expect(await whyMissed('access-log.txt')).toBe('no request to it is in the log that was delivered');
    expect(now).toBeLessThanOrEqual(T0 + 18 * MINUTE);
  });

  it('that comes late is kept', async () => {
    const { lines } = accessLog;
    accessLog.lines = [];
    witness.posted = { output: new TextEncoder().encode('end'), at: T0 + 1 };
    await captureEvidence(ports, earlyOrder());
    now = T0 + 8 * MINUTE;
    const waiting = await captureEvidence(ports, lateOrder());
    expect(waiting.kind).toBe('wait');
    expect(waiting.why).toContain('access-log.txt');
    accessLog.lines = lines;
    now += 3 * MINUTE;
    await settle(lateOrder());
    expect(evidence.text('faults/web/i-1-1/access-log.txt')).toContain('10.0.0.9:8080');
  });
});
