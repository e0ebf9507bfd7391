import { describe, expect, it } from 'vitest';
import { node as nodeCounts, four, watch } from './given.ts';
import { WHOLE_GROUP } from '../../../../core/judgement/sequential/counts.ts';

const kinds = (looks: ReturnType<typeof watch>) => looks.map(({ look }) => look.kind);
const last = (looks: ReturnType<typeof watch>) => looks.at(-1)!.look;

describe('the sequential judge', () => {
  it('waits while the watch lasts, and passes what is like its baseline', () => {
    const looks = watch(() => four());
    expect(new Set(kinds(looks).slice(0, -1))).toEqual(new Set(['wait']));
    expect(last(looks)).toMatchObject({ kind: 'pass', quarantine: [] });
    expect(last(looks).why).toContain('0.10 % of 120000 requests failed ≤ 0.12 % (baseline 0.10 % of 120000)');
  });

  it('fails as soon as the evidence is there, and stays with it', () => {
    const looks = watch((index) => four(() => ({ errors: index < 10 ? 11 : 1 })));
    const first = kinds(looks).indexOf('fail');
    expect(first).toBeLessThan(6);
    expect(new Set(kinds(looks).slice(first))).toEqual(new Set(['fail']));
    expect(last(looks).why).toMatch(/^1\.10 % of \d+ requests failed > 0\.12 % \(baseline 0\.10 % of \d+\); evidence .* ≥ 200$/);
  });

  it('finds what begins late within about twice the time, however late it begins', () => {
    const delay = (onset: number) => {
      const looks = watch((index) => four(() => ({ errors: index >= onset ? 3 : 1 })), { horizon: 200 });
      return kinds(looks).indexOf('fail') - onset;
    };
    expect(delay(0)).toBeGreaterThan(3);
    expect(delay(50)).toBeLessThan(2.5 * delay(0));
    expect(delay(150)).toBeLessThan(2.5 * delay(0));
  });

  it('cuts the warm-up off', () => {
    const cold = (index: number) => four(() => (index < 3 ? { errors: 400, over: [900, 800, 300], far: [900, 800, 300] } : {}));
    expect(last(watch(cold, { warmupIntervals: 3 })).kind).toBe('pass');
    expect(last(watch(cold, { warmupIntervals: 0 })).kind).toBe('fail');
  });

  it('replaces a node that alone is bad, and judges the release without it', () => {
    const looks = watch(() => four((index) => ({ errors: index === 2 ? 50 : 1 })));
    expect(last(looks)).toMatchObject({ kind: 'pass', quarantine: ['w2'] });
    expect(last(looks).why).toMatch(/^without w2, which alone is bad: 0\.10 % of 90000/);
  });

  it('fails when a second node is as bad', () => {
    expect(last(watch(() => four((index) => ({ errors: index > 1 ? 50 : 1 })))).kind).toBe('fail');
  });

  it('does not take for a node what is known of the group only', () => {
    const looks = watch(() => [
      ...four(() => ({ timed: 0, over: [], far: [], errors: 1 })),
      nodeCounts(WHOLE_GROUP, { requests: 0, errors: 0, timed: 4000, over: [2800, 800, 100], far: [2500, 700, 90] }),
    ]);
    expect(last(looks)).toMatchObject({ kind: 'fail', quarantine: [] });
  });

  it('fails a crash loop on two nodes at once, and keeps a release of which one node loops', () => {
    const crash = { crashes: 1, fingerprints: ['boom'] };
    const both = watch((interval) => four((index) => (interval < 2 && index < 2 ? crash : {})));
    expect(kinds(both).slice(0, 3)).toEqual(['wait', 'fail', 'fail']);
    const one = watch((interval) => four((index) => (interval < 12 && index === 0 ? crash : {})));
    expect(kinds(one)).not.toContain('fail');
    expect(last(one).quarantine).toEqual(['w0']);
  });

  it('replaces the only node of a group once, and fails when the next one loops as well', () => {
    const crash = { crashes: 1, fingerprints: [] };
    const looks = watch((interval) => [nodeCounts(interval < 4 ? 'first' : 'second', interval < 8 ? crash : {})], {
      shares: { errors: 1, crashes: 0 },
    });
    expect(looks[2]!.look).toMatchObject({ kind: 'wait', quarantine: ['first'] });
    expect(kinds(looks)[3]).toBe('wait');
    expect(last(looks)).toMatchObject({ kind: 'fail' });
  });

  it('hears of crashes while the baseline has no data', () => {
    const looks = watch(
      () => four((index) => (index < 2 ? { crashes: 1, fingerprints: ['boom'] } : {})),
      {},
      () => undefined,
    );
    expect(kinds(looks)[1]).toBe('fail');
  });

  it('says how much traffic is missing, and passes with it', () => {
    const quiet = (requests: number) => () =>
      four(() => ({
        requests,
        errors: 0,
        timed: requests,
        over: [0.5, 0.1, 0.01].map((share) => share * requests),
        far: [0.4, 0.07, 0.006].map((share) => share * requests),
      }));
    const beside = (requests: number) => () => quiet(requests)().map((one, index) => ({ ...one, id: `r${index}` }));
    const looks = watch(quiet(4), {}, beside(4));
    expect(last(looks)).toMatchObject({ kind: 'inconclusive', reason: 'low_traffic' });
    const needed = Math.max(...[...last(looks).why.matchAll(/about (\d+) more needed/g)].map(([, count]) => Number(count)));
    expect(needed).toBeGreaterThan(5000);
    const each = Math.ceil((needed + 480) / 120);
    expect(last(watch(quiet(each), {}, beside(each))).kind).toBe('pass');
  });

  it('never takes silence for a pass', () => {
    expect(last(watch(() => undefined))).toMatchObject({ kind: 'inconclusive', reason: 'no_data' });
    expect(last(watch((index) => (index % 3 === 0 ? four() : undefined)))).toMatchObject({
      kind: 'inconclusive',
      reason: 'gaps',
    });
  });

  it('passes nothing where there is no baseline, and says so', () => {
    const looks = watch(() => four(), { mayPass: false, against: 'stable group' });
    expect(last(looks)).toMatchObject({ kind: 'inconclusive', reason: 'no_baseline' });
    expect(last(looks).why).toContain('not worse than stable group, but there is no baseline');
  });

  it('finds memory that grows on the canary only', () => {
    const looks = watch((interval) => four((index) => ({ memoryMb: 300 + 100 * index + 2 * interval })));
    expect(last(looks).kind).toBe('fail');
    expect(last(watch(() => four((index) => ({ memoryMb: 300 + 100 * index })))).kind).toBe('pass');
  });
});
