import { describe, expect, it } from 'vitest';
import * as runs from '../../../lib/workflows/runs.ts';
import { Lab, type Answer } from './lab.ts';

const SINCE = '2030-01-01T00:00:00.000Z';
const WAIT = { kind: 'wait', seconds: 60, why: 'not yet' };

describe('watching a release', () => {
  it('waits as long as it is told between two looks, and always since the same instant', async () => {
    const lab = new Lab({ 'judge-release': (_, times) => (times < 4 ? WAIT : { kind: 'pass', why: 'good' }) });
    const outcome = await lab.run('watch-release', { watch: 'canary', since: SINCE });
    expect(outcome).toMatchObject({ output: { kind: 'pass', why: 'good' }, seconds: 180 });
    expect(new Set(lab.payloads.map(({ payload }) => payload['since']))).toEqual(new Set([SINCE]));
  });

  it('has a node that alone is bad replaced, and watches on, also if that could not be asked for', async () => {
    const bad = { kind: 'replace', instanceId: 'i-1', seconds: 60, why: 'it alone is bad' };
    for (const door of [{ kind: 'condemned', why: 'so it is' }, 'InputInvalid']) {
      const lab = new Lab({ 'judge-release': (_, times) => (times < 3 ? bad : { kind: 'pass', why: 'good' }), door: () => door });
      const outcome = await lab.run('watch-release', { watch: 'canary', since: SINCE });
      expect(outcome.output).toEqual({ kind: 'pass', why: 'good' });
      const asked = lab.payloads.filter(({ payload }) => payload['source'] === 'tandem.judge');
      expect(asked).toHaveLength(2);
      expect(asked[0]?.payload).toMatchObject({ instanceId: 'i-1', why: 'it alone is bad' });
    }
  });

  it('begins anew before its history is full', async () => {
    const lab = new Lab({ 'judge-release': () => WAIT });
    const outcome = await lab.run('watch-release', { watch: 'gate', since: SINCE });
    expect(outcome.output).toEqual({ kind: 'again', why: 'not yet' });
    expect(lab.story).toHaveLength(1000);
  });

  it('goes on where it was when it begins anew', async () => {
    const lab = new Lab({
      'judge-release': ({ watch }, times) => (watch === 'gate' && times <= 1500 ? WAIT : { kind: 'pass', why: 'good' }),
    });
    expect(await lab.run('release')).toMatchObject({ status: 'SUCCEEDED' });
    const gate = lab.payloads.filter(({ payload }) => payload['watch'] === 'gate');
    expect(gate).toHaveLength(1501);
    expect(new Set(gate.map(({ payload }) => payload['since'])).size).toBe(1);
  }, 60_000);
});

describe('baking an image', () => {
  it('waits for a snapshot another execution is writing', async () => {
    const lab = new Lab({
      'bake-image': ({ op }, times) => {
        if (op === 'start' && times === 1) return WAIT;
        return { kind: 'ready', imageId: 'ami-1', why: 'it was baked already' };
      },
    });
    expect(await lab.run('bake', { build: 'linux' })).toMatchObject({ output: { kind: 'baked' }, seconds: 60 });
  });

  it('copies each piece of the image it is told', async () => {
    const lab = new Lab();
    await lab.run('bake', { build: 'linux' });
    const pieces = lab.payloads.filter(({ payload }) => payload['op'] === 'copy').map(({ payload }) => payload['piece']);
    expect(pieces).toEqual([
      { work: 'copy', from: 0, to: 8 },
      { work: 'copy', from: 8, to: 16 },
    ]);
    expect(lab.payloads.find(({ payload }) => payload['op'] === 'seal')!.payload).toMatchObject({
      snapshotId: 'snap-linux',
      pieces,
    });
  });

  it('fails with the reason of the piece that failed', async () => {
    const lab = new Lab({ 'bake-image': ({ op }) => (op === 'start' ? copying() : 'ImageChanged') });
    const outcome = await lab.run('bake', { build: 'linux' });
    expect(outcome.output).toMatchObject({ kind: 'failed', why: expect.stringContaining('ImageChanged') as string });
  });
});

describe('what children answer', () => {
  it.each([
    ['bake', { build: 'linux' }, runs.bakeOutput],
    ['watch-health', { phase: 'canary', deadline: SINCE }, runs.watchHealthOutput],
    ['watch-release', { watch: 'canary', since: SINCE }, runs.watchReleaseOutput],
  ] as const)('%s holds its contract: well, failed, taken over', async (workflow, input, output) => {
    for (const error of [undefined, 'TypeError', 'FenceMoved']) {
      const fail = () => error ?? '';
      const answers: Record<string, Answer> =
        error === undefined ? {} : { 'bake-image': fail, 'check-nodes': fail, 'judge-release': fail };
      const outcome = await new Lab(answers).run(workflow, input);
      expect(outcome.status).toBe('SUCCEEDED');
      expect(output.safeParse(outcome.output).error).toBeUndefined();
    }
  });
});

const copying = () => ({ kind: 'copying', snapshotId: 'snap-1', pieces: [{ work: 'copy', from: 0, to: 8 }], why: 'to copy' });
