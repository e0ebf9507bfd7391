import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { EbsSnapshots } from '../../adapters/ebs-snapshots.ts';
import { BLOCK_BYTES } from '../../core/image/ports.ts';
import { answering, failure, fails } from './answering.ts';

function open(ebsAnswers: Parameters<typeof answering>[1], ec2Answers: Parameters<typeof answering>[1] = {}) {
  const ebs = answering(new EBSClient({ region: 'eu-west-1' }), ebsAnswers);
  const ec2 = answering(new EC2Client({ region: 'eu-west-1' }), ec2Answers);
  const pauses: number[] = [];
  const pause = (ms: number) => Promise.resolve(void pauses.push(ms));
  return { snapshots: new EbsSnapshots(ebs.client, ec2.client, { stack: 'tandem', pause }), asked: ebs.asked, pauses };
}

const put = (snapshots: EbsSnapshots) => snapshots.putBlock('snap-1', 3, new Uint8Array(BLOCK_BYTES), new Uint8Array(32));
const waited = (pauses: readonly number[]) => pauses.reduce((sum, ms) => sum + ms, 0);

describe('EbsSnapshots', () => {
  it('tags the snapshot with its stack at its start', async () => {
    const { snapshots, asked } = open({ StartSnapshot: () => ({ SnapshotId: 'snap-1' }) });
    expect(await snapshots.start({ token: 't', gib: 2, tags: { 'tandem:service': 'hello' } })).toBe('snap-1');
    expect(asked[0]?.input).toMatchObject({
      VolumeSize: 2,
      ClientToken: 't',
      Tags: expect.arrayContaining([{ Key: 'tandem:stack', Value: 'tandem' }]) as unknown,
    });
  });

  it('waits up to two minutes for a snapshot that is not known yet', async () => {
    const { snapshots, pauses } = open({
      PutSnapshotBlock: (_input, call) => (call < 7 ? fails('ResourceNotFoundException')() : {}),
    });
    await put(snapshots);
    expect(pauses).toHaveLength(7);
  });

  it('gives a snapshot up that is still not known after two minutes', async () => {
    const { snapshots, pauses } = open({ PutSnapshotBlock: fails('ResourceNotFoundException') });
    await expect(put(snapshots)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(waited(pauses)).toBeGreaterThanOrEqual(120_000);
    expect(waited(pauses)).toBeLessThan(135_000);
  });

  it('does not wait for a snapshot that took a block before: it was deleted', async () => {
    const { snapshots, pauses } = open({
      PutSnapshotBlock: (_input, call) => (call === 0 ? {} : fails('ResourceNotFoundException')()),
    });
    await put(snapshots);
    await expect(put(snapshots)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(pauses).toEqual([]);
  });

  it.each(['RequestThrottledException', 'TimeoutError'])('repeats a put after %s, a bounded number of times', async (name) => {
    const { snapshots, asked } = open({ PutSnapshotBlock: fails(name) });
    await expect(put(snapshots)).rejects.toMatchObject({ name });
    expect(asked).toHaveLength(6);
  });

  it('does not repeat a put that is not allowed', async () => {
    const { snapshots, asked } = open({ PutSnapshotBlock: fails('AccessDeniedException') });
    await expect(put(snapshots)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(asked).toHaveLength(1);
  });

  it('takes a refused repeat of completing for done only where the snapshot is complete', async () => {
    const describedAs = (State: string) => ({ DescribeSnapshots: () => ({ Snapshots: [{ SnapshotId: 'snap-1', State }] }) });
    const refusing = { CompleteSnapshot: fails('ValidationException') };
    await expect(
      open(refusing, describedAs('completed')).snapshots.complete('snap-1', 1, new Uint8Array(32)),
    ).resolves.toBeUndefined();
    await expect(
      open(refusing, describedAs('pending')).snapshots.complete('snap-1', 1, new Uint8Array(32)),
    ).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('says why a snapshot failed, and none for one that is gone', async () => {
    const failed = open({}, { DescribeSnapshots: () => ({ Snapshots: [{ State: 'error', StateMessage: 'no key' }] }) });
    expect(await failed.snapshots.state('snap-1')).toEqual({ state: 'failed', why: 'no key' });
    const gone = open(
      {},
      { DescribeSnapshots: fails('InvalidSnapshot.NotFound'), DeleteSnapshot: fails('InvalidSnapshot.NotFound') },
    );
    expect(await gone.snapshots.state('snap-1')).toMatchObject({ state: 'none' });
    await expect(gone.snapshots.remove('snap-1')).resolves.toBeUndefined();
  });

  it('does not take a snapshot that an image uses for removed', async () => {
    const { snapshots } = open({}, { DeleteSnapshot: () => Promise.reject(failure('InvalidSnapshot.InUse')) });
    await expect(snapshots.remove('snap-1')).rejects.toMatchObject({ name: 'InvalidSnapshot.InUse' });
  });
});
