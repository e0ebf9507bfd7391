/** Kill and replace, as the workflow orders it. */
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/kernel/aws-error.ts';
import { REMEDIATE_SECONDS } from '../../../lib/workflows/timeouts.ts';
import { Lab, type Answer } from './lab.ts';

const AT = '2030-01-01T00:00:00.000Z';
const INPUT = {
  ...{ slot: 'blue-1-1', faultId: 'i-1-1', since: AT, earlyDeadline: AT, lateDeadline: AT, isHung: false, isSampled: true },
  node: { instanceId: 'i-1', slot: 'blue-1-1', group: 'blue', build: 'unikernel', version: '1.2.0' },
  launch: {
    LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '1' },
    ...{ ImageId: 'ami-1', SubnetId: 'subnet-1', ClientToken: 'web.blue-1-1.2', TagSpecifications: [], DryRun: false },
  },
};
const WHY = 'so it is';
const FAILED = { kind: 'failed', seconds: 10, instanceId: 'i-2', isHung: false, why: WHY };
const ANSWERED = { Instances: [{ InstanceId: 'i-2' }] };

function remediation(answers: Readonly<Record<string, Answer>> = {}, launch: () => unknown = () => ANSWERED) {
  const lab = new Lab(answers);
  lab.account.answer = launch;
  const count = (name: string) => lab.story.filter((line) => line === name).length;
  return { lab, count, run: () => lab.run('remediate', INPUT) };
}

describe('a remediation', () => {
  it('launches first of all, and ends when its replacement serves and its fault is told for good', async () => {
    const { lab, run } = remediation();
    expect(await run()).toMatchObject({ status: 'SUCCEEDED' });
    expect(lab.account.calls).toMatchObject([{ operation: 'RunInstances', input: { ClientToken: 'web.blue-1-1.2' } }]);
    const recorded = lab.payloads.filter(({ name }) => name === 'launch-replacement');
    expect(recorded.map(({ payload }) => payload['instanceId'])).toEqual(['i-2']);
    expect(lab.payloads.at(-1)).toMatchObject({ name: 'record-fault', payload: { isFinal: true } });
  });

  it('asks elsewhere where its own launch call fails, however it fails', async () => {
    const { lab, run } = remediation({}, () => {
      throw new AwsError('InsufficientInstanceCapacity', 'none left', 500);
    });
    expect(await run()).toMatchObject({ status: 'SUCCEEDED' });
    const asked = lab.payloads.filter(({ name }) => name === 'launch-replacement');
    expect(asked.map(({ payload }) => payload['instanceId'])).toEqual([undefined]);
  });

  it('watches a replacement that failed, and that the budget does not let it kill, until it may', async () => {
    const { count, run } = remediation({
      'tend-replacement': () => FAILED,
      door: (_, times) => ({ kind: times < 6 ? 'held' : 'condemned', why: WHY }),
    });
    const outcome = await run();
    expect(outcome).toMatchObject({ status: 'SUCCEEDED' });
    expect(count('door')).toBe(6);
    // A minute for each time, so that an hour of it fills no history.
    expect(outcome.seconds).toBeGreaterThanOrEqual(5 * 60);
  });

  it('that is held may find its replacement well after all', async () => {
    const { count, run } = remediation({
      'tend-replacement': (_, times) => (times < 3 ? FAILED : { kind: 'healthy', why: WHY }),
      door: () => ({ kind: 'held', why: WHY }),
    });
    expect(await run()).toMatchObject({ status: 'SUCCEEDED' });
    expect(count('door')).toBe(2);
  });

  it('goes on launching by itself when that has failed for minutes, while the evidence takes its half hour', async () => {
    let outage = true;
    const { lab, run } = remediation({
      'launch-replacement': () => (outage ? 'TypeError' : { kind: 'launched', why: WHY }),
      'capture-evidence': ({ until }, times) =>
        until === 'late' && times < 60
          ? { kind: 'wait', seconds: 30, why: WHY }
          : { kind: 'captured', captured: 1, missed: 0, why: WHY },
    });
    lab.account.clock.after(10 * 60_000, 'the outage ends', () => void (outage = false));
    expect(await run()).toMatchObject({ status: 'SUCCEEDED' });
    const launched = lab.payloads.find(({ name }) => name === 'tend-replacement');
    expect(launched!.at).toBeLessThan(15 * 60_000);
  });

  it.each<[string, Readonly<Record<string, Answer>>]>([
    ['its replacement cannot be launched', { 'launch-replacement': () => 'TypeError' }],
    ['no place has room', { 'launch-replacement': () => ({ kind: 'wait', seconds: 10, why: WHY }) }],
    ['the budget is spent', { 'tend-replacement': () => FAILED, door: () => ({ kind: 'held', why: WHY }) }],
  ])('is far from a full history when its time is over, where %s', async (_why, answers) => {
    const { lab, run } = remediation(answers);
    const outcome = await run();
    expect(outcome).toMatchObject({ status: 'TIMED_OUT', seconds: REMEDIATE_SECONDS });
    expect(lab.historyLength('remediate')).toBeLessThan(15_000);
  });
});
