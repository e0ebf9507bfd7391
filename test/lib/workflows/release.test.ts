import { describe, expect, it } from 'vitest';
import { Lab } from './lab.ts';

const without = (story: readonly string[], pattern: RegExp) => story.filter((line) => !pattern.test(line));

describe('the release workflow', () => {
  it('goes from the images to stable in the one order there is', async () => {
    const lab = new Lab();
    expect(await lab.run('release')).toMatchObject({ status: 'SUCCEEDED' });
    expect(without(lab.story, /^bake-image/)).toEqual([
      'record-stage baking',
      'record-stage canary',
      'launch-nodes canary',
      'check-nodes canary',
      'prober',
      'shift-traffic canary',
      'retire-nodes refresh',
      'retire-nodes refresh',
      'judge-release canary',
      'record-stage debut',
      'launch-nodes debut',
      'check-nodes debut',
      'shift-traffic debut',
      'judge-release debut',
      'record-stage promoting',
      'judge-release gate',
      ...[1, 2].flatMap(() => [
        'launch-nodes promote',
        'check-nodes promote',
        'shift-traffic promote',
        'judge-release promotion',
      ]),
      'launch-nodes promote',
      'launch-nodes finish',
      'check-nodes finish',
      'shift-traffic finish',
      'retire-nodes comparison',
      'retire-nodes comparison',
      'record-stage warm',
      'judge-release warm',
      'retire-nodes old-fleet',
      'retire-nodes old-fleet',
      'record-stage stable',
    ]);
    expect(lab.executions('rollback')).toEqual([]);
  });

  it('bakes both images side by side, and nothing is launched before both are ready', async () => {
    const lab = new Lab();
    await lab.run('release');
    const bakes = lab.story.filter((line) => line.startsWith('bake-image'));
    const ofOne = (build: string) => bakes.filter((line) => line.includes(build)).map((line) => line.split(' ')[2]);
    expect(ofOne('linux')).toEqual(['start', 'copy', 'copy', 'seal', 'register', 'register']);
    expect(ofOne('unikernel')).toEqual(ofOne('linux'));
    expect(lab.story.lastIndexOf('bake-image unikernel register')).toBeLessThan(lab.story.indexOf('record-stage canary'));
  });

  it('tells every step the release it works for and the instant it began at', async () => {
    const lab = new Lab();
    await lab.run('release');
    for (const { payload, name } of lab.payloads.filter(({ name }) => name !== 'prober')) {
      expect(payload, name).toMatchObject({ service: 'web', version: '1.2.0', fence: 7 });
    }
    const [canary] = lab.payloads.filter(({ payload }) => payload['watch'] === 'canary');
    expect(Date.parse(String(canary!.payload['since']))).toBeLessThanOrEqual(Date.parse(String(canary!.payload['at'])));
  });

  it('gives the load balancer its time after every change of weights', async () => {
    const lab = new Lab();
    await lab.run('release');
    const at = (line: string) => lab.payloads[lab.story.indexOf(line)]!.at;
    expect(at('judge-release debut') - at('shift-traffic debut')).toBe(60_000);
    expect(at('retire-nodes refresh') - at('shift-traffic canary')).toBe(60_000);
  });

  it('asks no probes of a service that has none', async () => {
    const lab = new Lab({}, false);
    expect(await lab.run('release')).toMatchObject({ status: 'SUCCEEDED' });
    expect(lab.story).not.toContain('prober');
  });

  it('passes the addresses of the canary to the prober', async () => {
    const lab = new Lab();
    await lab.run('release');
    expect(lab.payloads.find(({ name }) => name === 'prober')!.payload).toEqual({ addresses: ['10.0.0.4'] });
  });

  it('skips what has nothing to launch', async () => {
    const lab = new Lab({ 'launch-nodes': () => ({ kind: 'complete', why: 'nothing to do' }) });
    expect(await lab.run('release')).toMatchObject({ status: 'SUCCEEDED' });
    expect(lab.story.filter((line) => line.startsWith('check-nodes'))).toEqual([]);
  });
});

describe('a release that fails', () => {
  const failures: readonly [string, Record<string, () => object | string>, string][] = [
    ['a verdict of fail', { 'judge-release': () => ({ kind: 'fail', why: '5 % > 1 %' }) }, '5 % > 1 %'],
    ['a verdict that is inconclusive', { 'judge-release': () => ({ kind: 'inconclusive', why: 'no data' }) }, 'no data'],
    ['nodes that do not become healthy', { 'check-nodes': () => ({ kind: 'failed', why: 'no answer' }) }, 'no answer'],
    ['a probe that is not answered', { prober: () => ({ kind: 'failed', why: '/ gave 500' }) }, '/ gave 500'],
    ['a bake that is refused', { 'bake-image': () => 'DigestMismatch' }, 'DigestMismatch: "bake-image" says DigestMismatch'],
    ['an abort', { 'shift-traffic': () => 'ReleaseAborted' }, 'ReleaseAborted'],
    ['an error nobody knows', { 'launch-nodes': () => 'TypeError' }, 'TypeError'],
    ['a bake that answers nonsense', { 'bake-image': () => ({ kind: 'sealed', why: 'odd' }) }, 'answered'],
  ];

  it.each(failures)('starts its rollback once, with the reason, after %s', async (_, answers, why) => {
    const lab = new Lab(answers);
    const outcome = await lab.run('release');
    expect(outcome).toMatchObject({
      status: 'FAILED',
      error: 'ReleaseRolledBack',
      cause: expect.stringContaining(why) as string,
    });
    expect(lab.executions('rollback')).toEqual(['rollback-web-1.2.0-7']);
  });

  it('ends without starting anything where somebody else has the service', async () => {
    for (const name of ['record-stage', 'launch-nodes', 'check-nodes', 'judge-release', 'bake-image', 'retire-nodes']) {
      const lab = new Lab({ [name]: () => 'FenceMoved' });
      expect(await lab.run('release'), name).toMatchObject({ status: 'FAILED', error: 'TakenOver' });
      expect(lab.executions('rollback'), name).toEqual([]);
    }
  });

  it('ends before its bake, with the reason and no rollback, where it is refused', async () => {
    const lab = new Lab({ 'record-stage': () => ({ kind: 'over', fence: 7, why: 'web@1.2.0 is refused: 31 > 30' }) });
    const outcome = await lab.run('release');
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'ReleaseRefused', cause: 'web@1.2.0 is refused: 31 > 30' });
    expect(lab.story).toEqual(['record-stage baking']);
    expect(lab.executions('rollback')).toEqual([]);
  });

  it('is content with a rollback that runs already', async () => {
    const lab = new Lab({ 'judge-release': () => ({ kind: 'fail', why: 'bad' }) });
    const input = { service: 'web', version: '1.2.0', fence: 7, why: 'somebody was faster' };
    lab.account.states.machines.start(
      'arn:aws:states:eu-central-1:123456789012:stateMachine:tandem-rollback',
      JSON.stringify(input),
      'rollback-web-1.2.0-7',
    );
    expect(await lab.run('release')).toMatchObject({ status: 'FAILED', error: 'ReleaseRolledBack' });
    expect(lab.executions('rollback')).toEqual(['rollback-web-1.2.0-7']);
  });
});

describe('retries', () => {
  it.each(['RecordConflict', 'LaunchIncomplete', 'Lambda.TooManyRequestsException', 'Sandbox.Timedout', 'SomethingOdd'])(
    'asks again after %s, with the same instant',
    async (error) => {
      const lab = new Lab({ 'launch-nodes': (_, times) => (times <= 2 ? error : { kind: 'complete', why: 'nothing to do' }) });
      expect(await lab.run('release')).toMatchObject({ status: 'SUCCEEDED' });
      const canary = lab.payloads.filter(({ payload }) => payload['phase'] === 'canary').slice(0, 3);
      expect(new Set(canary.map(({ payload }) => payload['at'])).size).toBe(1);
    },
  );

  it('outwaits ten minutes in which Lambda takes no calls: a rollback could call nothing either', async () => {
    const throttled = 'Lambda.TooManyRequestsException';
    const lab = new Lab({ 'launch-nodes': (_, times) => (times <= 15 ? throttled : { kind: 'complete', why: 'nothing to do' }) });
    expect(await lab.run('release')).toMatchObject({ status: 'SUCCEEDED' });
  });

  it.each(['ReleaseAborted', 'LaunchRefused', 'InputInvalid'])('never asks again after %s', async (error) => {
    const lab = new Lab({ 'launch-nodes': () => error });
    await lab.run('release');
    expect(lab.story.filter((line) => line === 'launch-nodes canary')).toHaveLength(1);
  });
});
