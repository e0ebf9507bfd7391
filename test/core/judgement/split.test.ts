/** Whether groups get the requests that their weights say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../../bench/judge/random.ts';
import { SCENARIOS } from '../../../bench/judge/scenario.ts';
import { simulate } from '../../../bench/judge/simulate.ts';
import { brokenSplit, learnSplit, NO_SPLIT, type SplitState, weightsOf } from '../../../core/judgement/split.ts';
import { sumOf } from '../../../core/judgement/sequential/counts.ts';

const GROUPS = { watched: 'canary', reference: 'baseline' };
const EVEN = { watched: 50, reference: 50 };

function after(minutes: readonly (readonly [number, number])[], weights = EVEN): SplitState {
  return minutes.reduce(
    (state, [watched, reference]) =>
      learnSplit(state, {
        watched: { events: watched, exposure: weights.watched },
        reference: { events: reference, exposure: weights.reference },
      }),
    NO_SPLIT,
  );
}

const times = (count: number, minute: readonly [number, number]) => Array.from({ length: count }, () => minute);
const foundIn = (...given: Parameters<typeof after>) => brokenSplit(after(...given), GROUPS);

describe('a split', () => {
  it('that is not what the weights say is broken, and both shares are told', () => {
    expect(foundIn(times(10, [300, 700]))).toMatch(
      /^the split is broken: canary got 30\.0 % of the 10000 requests to it and baseline < 50\.0 % by their weights; evidence .* ≥ 1000$/,
    );
    expect(foundIn(times(10, [700, 300]))).toContain('canary got 70.0 % of the 10000 requests to it and baseline > 50.0 %');
    expect(foundIn(times(10, [0, 400]))).toContain('canary got 0.0 %');
  });

  it('is seen within minutes', () => {
    const minutes = Array.from({ length: 30 }, (_, n) => n + 1);
    expect(minutes.find((count) => foundIn(times(count, [200, 400])) !== undefined)).toBeLessThanOrEqual(8);
  });

  it('is held to the weights there are, and a tenth more or less is tolerated', () => {
    expect(foundIn(times(30, [300, 700]), { watched: 30, reference: 70 })).toBeUndefined();
    expect(foundIn(times(2000, [1090, 1000]))).toBeUndefined();
    expect(foundIn(times(200, [1300, 1000]))).toBeDefined();
  });

  it('is not broken by chance, nor by sessions that stick to a group: one in a thousand at most', () => {
    const random = randomFrom(7);
    const session = () => [random.poisson(10) * 30, random.poisson(10) * 30] as const;
    const broken = Array.from({ length: 2000 }, () => foundIn(Array.from({ length: 30 }, session))).filter(Boolean);
    expect(broken.length).toBeLessThanOrEqual(2);
  });

  it('is not broken in a good release of the bench: one in a thousand at most', { timeout: 60_000 }, () => {
    const good = SCENARIOS.filter(({ kind }) => kind !== 'bad');
    const broken = good.flatMap((scenario) =>
      Array.from({ length: 20 }, (_, seed) => {
        const { trace } = simulate(scenario, 990_000_017 + 7919 * seed);
        const both = trace.data.flatMap(({ canary, baseline }) => (canary && baseline ? [[canary, baseline] as const] : []));
        const all = ({ requests }: { readonly requests: readonly number[] }) => sumOf(requests, (one) => one);
        return foundIn(both.map(([canary, baseline]) => [all(canary), all(baseline)]));
      }).filter(Boolean),
    );
    expect(broken).toEqual([]);
  });

  it('never comes nearer to broken with a minute that is as the weights say', () => {
    const minute = fc.tuple(fc.nat(2000), fc.nat(2000));
    fc.assert(
      fc.property(fc.array(minute, { maxLength: 20 }), fc.integer({ min: 1, max: 5000 }), (minutes, requests) => {
        const [before, later] = [after(minutes), after([...minutes, [requests, requests]])];
        expect(Math.max(...later.more)).toBeLessThanOrEqual(Math.max(...before.more, 0));
        expect(Math.max(...later.fewer)).toBeLessThanOrEqual(Math.max(...before.fewer, 0));
      }),
    );
  });
});

describe('the weights', () => {
  it('are those of the one rule that splits between both groups', () => {
    const both = { canary: 50, baseline: 50, blue: 900 };
    expect(weightsOf({ main: both, beta: {} }, 'canary', 'baseline')).toEqual(EVEN);
    expect(weightsOf({ main: { blue: 999 }, beta: { canary: 500, baseline: 500 } }, 'canary', 'baseline')).toEqual({
      watched: 500,
      reference: 500,
    });
    expect(weightsOf({ main: { canary: 50, blue: 950 }, beta: {} }, 'canary', 'baseline')).toBeUndefined();
    expect(weightsOf({ main: both, beta: { canary: 500, baseline: 500 } }, 'canary', 'baseline')).toBeUndefined();
  });
});
