import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { captureEvidence, type CaptureInput, type CapturePorts } from '../../../core/evidence/capture.ts';
import { EARLY_PIECES, type EvidenceIndex } from '../../../core/evidence/evidence.ts';
import { MINUTE, T0 } from '../../fakes/fixtures.ts';
import { captureFakes, earlyOrder, lateOrder } from '../../fakes/capture.ts';
import type { MemoryDisks, MemoryEvidence, MemoryWitness } from '../../fakes/memory-evidence.ts';

let now: number;
let witness: MemoryWitness;
let disks: MemoryDisks;
let evidence: MemoryEvidence;
let ports: CapturePorts;

beforeEach(() => {
  now = T0;
  ({ witness, disks, evidence, ports } = captureFakes({ now: () => now, pause: () => new Promise(() => undefined) }));
});

const index = async (): Promise<EvidenceIndex> => (await evidence.findIndex('web', 'i-1-1'))!;
const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
const whyMissed = async (piece: string) => (await index()).missed.find(({ name }) => name === piece)?.why;

/** Asks as the workflow does, until everything is settled. */
async function settle(order: CaptureInput) {
  for (let asked = 0; asked < 100; asked += 1) {
    const answer = await captureEvidence(ports, order);
    if (answer.kind === 'captured') return answer;
    now += answer.seconds * 1000;
  }
  throw new Error('it never settled');
}

describe('evidence while the node is there', () => {
  it('is kept in the fault’s folder, with checksums, and every piece is either kept or listed with a reason', async () => {
    expect(await captureEvidence(ports, earlyOrder())).toMatchObject({ kind: 'captured' });
    const { pieces, missed } = await index();
    expect([...names(pieces), ...names(missed)].sort()).toEqual([...EARLY_PIECES].sort());
    const console = pieces.find(({ name }) => name === 'console-latest.txt')!;
    expect(evidence.text(console.key)).toBe('boot\npanic');
    expect(console).toMatchObject({
      key: 'faults/web/i-1-1/console-latest.txt',
      bytes: 10,
      sha256: createHash('sha256').update('boot\npanic').digest('hex'),
    });
  });

  it('does not photograph a node that is off, and does not interrupt one that does not hang', async () => {
    witness.instance = { ...witness.instance!, state: 'stopped' };
    await captureEvidence(ports, earlyOrder());
    expect(witness.calls).not.toContain('screenshot');
    expect(witness.calls).not.toContain('interrupt');
    expect(await whyMissed('screenshot.jpg')).toBe('only a running instance has a screen; it is stopped');
    expect(await whyMissed('interrupt.json')).toBe('it does not hang');
  });

  it('interrupts one that hangs after its console and screen were taken, once, and reads the console again later', async () => {
    const first = await captureEvidence(ports, earlyOrder({ isHung: true }));
    expect(first).toMatchObject({ kind: 'wait', seconds: 8 });
    expect(witness.calls.indexOf('interrupt')).toBeGreaterThan(witness.calls.indexOf('screenshot'));
    witness.latest = { output: new TextEncoder().encode('boot\npanic\nregisters'), at: T0 };
    now += 8000;
    expect(await captureEvidence(ports, earlyOrder({ isHung: true }))).toMatchObject({ kind: 'captured' });
    expect(witness.calls.filter((call) => call === 'interrupt')).toHaveLength(1);
    expect(evidence.text('faults/web/i-1-1/console-after-interrupt.txt')).toContain('registers');
    expect(evidence.text('faults/web/i-1-1/console-latest.txt')).toBe('boot\npanic');
  });

  it('asks again for what was throttled, and not for what it has', async () => {
    witness.broken.add('status');
    expect(await captureEvidence(ports, earlyOrder())).toMatchObject({ kind: 'wait', why: 'waits for status.json' });
    witness.broken.clear();
    now += 5000;
    expect(await captureEvidence(ports, earlyOrder())).toMatchObject({ kind: 'captured' });
    expect(witness.calls.filter((call) => call === 'latest')).toHaveLength(1);
    expect(names((await index()).pieces)).toContain('status.json');
  });

  it('lists what still fails at the deadline, with AWS’s reason, and ends', async () => {
    witness.broken.add('status');
    await settle(earlyOrder());
    expect(now).toBe(T0 + MINUTE);
    expect(await whyMissed('status.json')).toBe('RequestLimitExceeded: slow down');
  });

  it('does not wait for what AWS refuses for good', async () => {
    witness.never.add('screenshot');
    expect(await captureEvidence(ports, earlyOrder())).toMatchObject({ kind: 'captured' });
    expect(await whyMissed('screenshot.jpg')).toBe('screenshot cannot be had: it is not supported.');
  });

  it('tries everything where EC2 does not even say what the node is', async () => {
    witness.broken.add('describe');
    await settle(earlyOrder());
    expect(names((await index()).pieces)).toContain('screenshot.jpg');
    expect(await whyMissed('instance.json')).toContain('RequestLimitExceeded');
  });

  it('keeps only console and description of a node that dies as many others do', async () => {
    await captureEvidence(ports, earlyOrder({ isSampled: false }));
    expect(names((await index()).pieces).sort()).toEqual(['console-latest.txt', 'instance.json']);
    expect(witness.calls).not.toContain('snapshot');
  });

  it('refuses a service that is not declared', async () => {
    await expect(captureEvidence(ports, earlyOrder({ service: 'nobody' }))).rejects.toMatchObject({ name: 'ServiceUnknown' });
  });
});

describe('evidence after the end', () => {
  beforeEach(async () => {
    disks.disks.set('snap-root', diskWithRecord(139, 'frame trace'));
    await captureEvidence(ports, earlyOrder());
  });

  it('waits for the console EC2 posts after the end, the log and the minutes that follow', async () => {
    witness.posted = { output: new TextEncoder().encode('old'), at: T0 - MINUTE };
    expect(await captureEvidence(ports, lateOrder())).toMatchObject({ kind: 'wait', seconds: 60 });
    now = T0 + 8 * MINUTE;
    witness.posted = { output: new TextEncoder().encode('the end'), at: T0 + 2 * MINUTE };
    expect(await captureEvidence(ports, lateOrder())).toMatchObject({ kind: 'captured' });
    expect(evidence.text('faults/web/i-1-1/console-end.txt')).toBe('the end');
    expect(evidence.text('faults/web/i-1-1/access-log.txt')).toContain('10.0.0.9:8080');
  });

  it('reads the record on the root disk, not on another volume’s, once its snapshot is complete', async () => {
    disks.pending.add('snap-root');
    await captureEvidence(ports, lateOrder());
    expect(evidence.text('faults/web/i-1-1/disk-record.txt')).toBeUndefined();
    disks.pending.clear();
    now += MINUTE;
    await captureEvidence(ports, lateOrder());
    expect(evidence.text('faults/web/i-1-1/disk-record.txt')).toBe('exit code 139\nframe trace');
  });

  it('ends after its deadline with what never came listed', async () => {
    await settle(lateOrder());
    expect(now).toBe(T0 + 30 * MINUTE);
    expect(await whyMissed('console-end.txt')).toBe('EC2 has not posted the console of its end');
    expect(await whyMissed('node-report.json')).toBe('a unikernel leaves no report');
  });

  it('lists what a Linux node has left in the bucket itself', async () => {
    const node = { ...lateOrder().node, build: 'linux' as const };
    await evidence.put('nodes/AROA1:i-1/core.gz', new Uint8Array(3));
    await evidence.put('nodes/AROA1:i-12/core.gz', new Uint8Array(4));
    await settle(lateOrder({ node }));
    expect(JSON.parse(evidence.text('faults/web/i-1-1/node-report.json')!)).toEqual([
      { key: 'nodes/AROA1:i-1/core.gz', bytes: 3 },
    ]);
  });
});

/** A disk as Nanos lays it out: the first partition at sector 16, the record in the 4096 bytes before it. */
function diskWithRecord(exitCode: number, log: string): Uint8Array {
  const disk = new Uint8Array(16 * 512);
  const view = new DataView(disk.buffer);
  disk.set([0x55, 0xaa], 510);
  view.setUint32(0x1be + 8, 16, true);
  disk.set(new TextEncoder().encode('KLOG'), 8192 - 4096);
  view.setInt32(8192 - 4096 + 12, exitCode, true);
  disk.set(new TextEncoder().encode(log), 8192 - 4096 + 16);
  return disk;
}
