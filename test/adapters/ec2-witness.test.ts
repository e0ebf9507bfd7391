/** What EC2 refuses is told apart from what it does not answer, and no snapshot is made twice. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { Ec2Witness } from '../../adapters/ec2-witness.ts';
import { answering, failure, fails } from './answering.ts';

type Answers = Parameters<typeof answering>[1];
const witness = (answers: Answers) => {
  const { client, asked } = answering(new EC2Client({ region: 'eu-west-1' }), answers);
  return { asked, witness: new Ec2Witness(client, new ElasticLoadBalancingV2Client({ region: 'eu-west-1' }), 'tandem') };
};
const FAULT = { service: 'web', version: '1.0.0', faultId: 'i-1-1' };
const MADE = { Snapshots: [{ VolumeId: 'vol-1', SnapshotId: 'snap-1' }] };
const waited = () => new AbortController().signal;

describe('the console', () => {
  it('whose live tail this type of instance does not have is never to be had; the posted one is', async () => {
    const { witness: one } = witness({
      GetConsoleOutput: ({ Latest }) => {
        if (Latest === true)
          throw failure('UnsupportedOperation', 'This instance type does not support retrieving the latest output.');
        return { Output: Buffer.from([0xff, 0, 0x80]).toString('base64'), Timestamp: new Date(5) };
      },
    });
    await expect(one.console('i-1', 'latest')).rejects.toMatchObject({ name: 'EvidenceUnavailable' });
    const posted = await one.console('i-1', 'posted');
    expect([...(posted?.output ?? [])]).toEqual([0xff, 0, 0x80]);
    expect(posted?.at).toBe(5);
  });

  it.each(['RequestLimitExceeded', 'TimeoutError'])('that is not answered now may be later: %s', async (name) => {
    await expect(witness({ GetConsoleOutput: fails(name) }).witness.console('i-1', 'latest')).rejects.toMatchObject({ name });
  });

  it('of an instance that is forgotten is never to be had', async () => {
    const { witness: one } = witness({ GetConsoleOutput: fails('InvalidInstanceID.NotFound') });
    await expect(one.console('i-1', 'posted')).rejects.toThrow('EC2 does not know the instance');
  });
});

describe('snapshots', () => {
  it('of an earlier try are found, and no others made', async () => {
    const { asked, witness: one } = witness({ DescribeSnapshots: () => MADE });
    expect(await one.snapshotVolumes('i-1', FAULT, waited())).toEqual([{ volumeId: 'vol-1', snapshotId: 'snap-1' }]);
    expect(asked.map(({ command }) => command)).toEqual(['DescribeSnapshots']);
  });

  it('are not made when nobody waits for them any more: who asks again would not find them', async () => {
    const controller = new AbortController();
    const { asked, witness: one } = witness({
      DescribeSnapshots: () => {
        controller.abort();
        return { Snapshots: [] };
      },
      CreateSnapshots: () => MADE,
    });
    await expect(one.snapshotVolumes('i-1', FAULT, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(asked.map(({ command }) => command)).not.toContain('CreateSnapshots');
  });

  it('of volumes that went with their instance are never to be had', async () => {
    const { witness: one } = witness({
      DescribeSnapshots: () => ({ Snapshots: [] }),
      CreateSnapshots: fails('IncorrectState'),
    });
    await expect(one.snapshotVolumes('i-1', FAULT, waited())).rejects.toMatchObject({ name: 'EvidenceUnavailable' });
  });
});
