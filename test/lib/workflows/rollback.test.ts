import { describe, expect, it } from 'vitest';
import { Lab } from './lab.ts';

const INPUT = { why: 'the canary failed' };

describe('the rollback workflow', () => {
  it('takes the service over, gives the weights back, and only then takes nodes away', async () => {
    const lab = new Lab();
    expect(await lab.run('rollback', INPUT)).toMatchObject({ status: 'SUCCEEDED' });
    expect(lab.story).toEqual([
      'record-stage rolling-back',
      'shift-traffic rollback',
      'retire-nodes rollback',
      'retire-nodes rollback',
      'launch-nodes restore',
      'bake-image discard',
      'record-stage rolled-back',
    ]);
  });

  it('holds the raised fence in every later step', async () => {
    const lab = new Lab();
    await lab.run('rollback', INPUT);
    expect(lab.payloads.map(({ payload }) => payload['fence'])).toEqual([7, 8, 8, 8, 8, 8, 8]);
  });

  it('does nothing where there is nothing to take back', async () => {
    const lab = new Lab({ 'record-stage': () => ({ kind: 'over', fence: 9, why: 'stable since' }) });
    expect(await lab.run('rollback', INPUT)).toMatchObject({ status: 'SUCCEEDED' });
    expect(lab.story).toEqual(['record-stage rolling-back']);
  });

  it('launches the Linux nodes that are missing and gives them weight once they are healthy', async () => {
    const lab = new Lab({
      'launch-nodes': () => ({ kind: 'launched', deadline: '2030-01-01T01:00:00.000Z', why: 'two are missing' }),
    });
    await lab.run('rollback', INPUT);
    expect(lab.story.slice(4, 7)).toEqual(['launch-nodes restore', 'check-nodes restore', 'shift-traffic restore']);
  });

  it.each<[string, Record<string, () => object | string>]>([
    ['cannot be launched', { 'launch-nodes': () => 'LaunchRefused' }],
    [
      'do not become healthy',
      {
        'launch-nodes': () => ({ kind: 'launched', deadline: '2030-01-01T01:00:00.000Z', why: 'missing' }),
        'check-nodes': () => ({ kind: 'failed', why: 'no answer' }),
      },
    ],
  ])('reaches its end also where the missing nodes %s', async (_, answers) => {
    const lab = new Lab(answers);
    expect(await lab.run('rollback', INPUT)).toMatchObject({ status: 'SUCCEEDED' });
    expect(lab.story.at(-1)).toBe('record-stage rolled-back');
  });

  it('insists: fifty failures of one step do not end it', async () => {
    const lab = new Lab({
      'shift-traffic': (_, times) => (times <= 50 ? 'Throttled' : { kind: 'settling', seconds: 1, why: 'set' }),
    });
    expect(await lab.run('rollback', INPUT)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('ends where another rollback has the service', async () => {
    const lab = new Lab({ 'retire-nodes': () => 'FenceMoved' });
    expect(await lab.run('rollback', INPUT)).toMatchObject({ status: 'FAILED', error: 'TakenOver' });
  });
});
