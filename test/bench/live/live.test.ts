/** Canaries as AWS tells of them, and what the judge makes of them. */
import { describe, expect, it } from 'vitest';
import { shareOut } from '../../../bench/judge/crew.ts';
import { randomFrom } from '../../../bench/judge/random.ts';
import { EDGE_CASES } from '../../../bench/judge/validity.ts';
import { LIVE_CASES, tryLive } from '../../../bench/live/campaign.ts';
import { quantileOf, slowerThan } from '../../../bench/live/latencies.ts';
import { LatePoints } from '../../../bench/live/points.ts';
import { MINUTE, service, T0 } from '../../fakes/fixtures.ts';

describe('latencies counted by bucket', () => {
  // 100 between 2^0 and 2^(1/16) ms, 100 in the next bucket.
  const row = [0, 100, 100];

  it('are counted from any edge on, in part where it is within a bucket', () => {
    expect([slowerThan(row, 1), slowerThan(row, 2 ** (1 / 16)), slowerThan(row, 2 ** (1.5 / 16)), slowerThan(row, 2)]).toEqual([
      200, 100, 50, 0,
    ]);
  });

  it('have the quantiles that so many are slower than', () => {
    expect(quantileOf(row, 0.5)).toBeCloseTo(2 ** (1 / 16), 9);
    expect(slowerThan(row, quantileOf(row, 0.75)!)).toBe(50);
    expect(quantileOf([], 0.5)).toBeUndefined();
  });
});

describe('points', () => {
  it('are not told before their minute is over, and most are within two minutes', async () => {
    const points = new LatePoints(randomFrom(7), 'counts');
    const own = new Map([['i-1', { requests: 100, errors: 3, row: [0, 100], memoryMb: 200 }]]);
    for (let n = 0; n < 200; n++) points.add('canary', T0 + n * MINUTE, own);
    const told = async (after: number) => {
      points.now = T0 + after;
      const [canary] = await points.read(service(), [{ group: 'canary', version: '2.0.0', build: 'linux', edgesMs: [1] }], {
        from: T0,
        to: T0 + 200 * MINUTE,
      });
      return canary!.minutes.filter(({ requests }) => requests === 100);
    };
    expect(await told(MINUTE)).toEqual([]);
    const first = await told(202 * MINUTE);
    expect(first.length).toBeGreaterThan(190);
    expect(first[0]).toMatchObject({ at: T0, errors: 3, timed: 100, slower: [100] });
    expect((await told(300 * MINUTE)).length).toBeLessThan(200);
  });
});

describe('the judge as it is called', () => {
  const tried = (name: string) =>
    tryLive(
      LIVE_CASES.find((one) => one.name === name)!,
      { runs: 1, campaign: 5 },
    );

  it('passes what changed nothing, and fails a percentage point of errors within minutes', async () => {
    expect((await tried('no change')).counts).toEqual({ pass: 1, fail: 0, inconclusive: 0, held: 0 });
    const worse = await tried('+1 pp errors');
    expect(worse.counts.fail).toBe(1);
    expect(worse.medianMinutes).toBeLessThan(15);
  });

  it('replaces the one bad node of a canary, and keeps the release', async () => {
    const score = await tried('one bad node, which fails or is slow');
    expect([score.replaced, score.counts.fail]).toEqual([1, 0]);
  });

  it('never passes a canary that does not get the requests its weight says', async () => {
    expect((await tried('the canary gets 30 % too few requests')).counts.inconclusive).toBe(1);
  });
});

describe('what is shared out among threads', () => {
  it('comes back in the order it was given, whoever was quicker', async () => {
    const names = EDGE_CASES.slice(0, 3).map(({ name }) => name);
    const tasks = names.map((name, index) => ({ kind: 'edge', name, runs: index === 1 ? 60 : 1, campaign: 1 }) as const);
    expect((await shareOut(tasks)).map(({ name }) => name)).toEqual(names);
  });
});
