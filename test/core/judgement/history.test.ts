/** What is remembered of a service, and what the judge makes of it. */
import { describe, expect, it } from 'vitest';
import {
  beginOf,
  historyFrom,
  learnSeason,
  noHistory,
  type Season,
  type ServiceHistory,
} from '../../../core/judgement/history.ts';
import { NO_HISTORY } from '../../../core/judgement/sequential/policy.ts';
import { T0, HOUR } from '../../fakes/fixtures.ts';
import { aSeason } from '../../fakes/history.ts';

const judged = { id: '9.0.0#99', stable: '8.0.0' };

function learnt(seasons: readonly Partial<Season>[], fingerprints: readonly string[] = []): ServiceHistory {
  return seasons.reduce<ServiceHistory>(
    (history, over, n) =>
      learnSeason(history, {
        season: aSeason({ id: `${n + 1}.0.0#${n}`, version: `${n + 1}.0.0`, at: T0 + n * HOUR, ...over }),
        stable: `${n}.0.0`,
        fingerprints,
      }),
    noHistory('web', 'linux'),
  );
}

const shifted = (log: number): Partial<Season> => ({
  errorShift: { log, variance: 0.001 },
  latencyShift: { log: log / 4, variance: 1e-5 },
});
const many = (count: number, over: Partial<Season>) => Array.from({ length: count }, () => over);

describe('what is remembered', () => {
  it('is told once, however often, and by steps that ran twice', () => {
    const once = learnt([{}, {}]);
    const again = learnSeason(once, { season: once.seasons[1]!, stable: '1.0.0', fingerprints: [] });
    expect(again).toEqual(once);
  });

  it('is bounded: the newest twenty watches, the newest fingerprints, far below an item’s size', () => {
    const prints = Array.from({ length: 100 }, (_, n) => `${n}`.padStart(64, 'f'));
    const dispersion = Object.fromEntries(
      Array.from({ length: 5 }, (_, n) => [`over ${n}000 ms`, { chiSquare: 123.4567, degrees: 28.1234 }]),
    );
    const history = learnt(many(50, { ...shifted(0.1), dispersion, ownErrors: { log: 0.123456, variance: 0.001234 } }), prints);
    expect(history.seasons).toHaveLength(20);
    expect(history.seasons.at(-1)?.version).toBe('50.0.0');
    expect(history.fingerprints).toHaveLength(64);
    expect(history.fingerprints.at(-1)).toBe(prints.at(-1));
    expect(JSON.stringify(history).length).toBeLessThan(32 * 1024);
  });

  it('counts each node-hour and crash in one season', () => {
    const history = learnt([{}, {}, {}]);
    expect(beginOf(history, '3.0.0#2')).toBe(T0 + HOUR);
    expect(beginOf(history, 'new#9')).toBe(T0 + 2 * HOUR);
    expect(beginOf(noHistory('web', 'linux'), 'new#1')).toBe(0);
  });
});

describe('what the judge takes from it', () => {
  it('is nothing where there is none, or only what this very release has told', () => {
    expect(historyFrom(noHistory('web', 'linux'), judged)).toBeUndefined();
    expect(historyFrom(learnt([{}]), { id: '1.0.0#0', stable: '0.0.0' })).toBeUndefined();
    expect(historyFrom(learnt([{}]), judged)).toBeDefined();
  });

  it('is what stable nodes do: their rate of errors, crashes by node-hours, known fingerprints, how counts vary', () => {
    const history = learnt([{ crashes: 3 }, { dispersion: { errors: { chiSquare: 150, degrees: 28 } } }], ['abc']);
    expect(historyFrom(history, judged)).toMatchObject({
      ...{ crashes: 3, nodeHours: 200, knownFingerprints: ['abc'] },
      errorRate: expect.closeTo(0.002, 4) as number,
      dispersion: { errors: expect.closeTo((180 + 4) / (56 + 4), 3) as number },
    });
  });

  it('never is less noise than usual, nor more than hides a bad release', () => {
    expect(historyFrom(learnt(many(20, shifted(0.001))), judged)).toMatchObject({
      errorNoise: NO_HISTORY.errorNoise,
      latencyNoise: NO_HISTORY.latencyNoise,
    });
    expect(historyFrom(learnt(many(20, shifted(2))), judged)).toMatchObject({ errorNoise: 0.35, latencyNoise: 0.1 });
  });

  it('is more noise where good releases differ, and one that was meant to be better widens no margin', () => {
    const noise = (seasons: readonly Partial<Season>[]) => historyFrom(learnt(seasons), judged)?.errorNoise;
    expect(noise(many(8, shifted(0.15)))).toBeGreaterThan(0.15);
    expect(noise([...many(3, shifted(0.01)), shifted(-1.5)])).toBe(NO_HISTORY.errorNoise);
    expect(noise(many(2, shifted(0.3)))).toBe(NO_HISTORY.errorNoise);
  });

  it('takes a release for good only once the next was compared with it, and never one that failed', () => {
    const noise = (over: Partial<Season>, stable = '0') =>
      historyFrom(
        { ...noHistory('web', 'linux'), seasons: many(8, over).map((one, n) => aSeason({ ...one, id: `a#${n}` })) },
        { ...judged, stable },
      )?.errorNoise;
    const apart = { ...shifted(0.3), version: '5.0.0' };
    expect(noise(apart)).toBe(NO_HISTORY.errorNoise);
    expect(noise(apart, '5.0.0')).toBeGreaterThan(0.2);
    expect(noise({ ...apart, isGood: true })).toBeGreaterThan(0.2);
    expect(noise({ ...apart, isPassed: false }, '5.0.0')).toBe(NO_HISTORY.errorNoise);
    expect(noise({ isPassed: false, ownErrors: { log: 0.3, variance: 0.001 } })).toBeGreaterThan(0.2);
  });

  it('believes nothing of counts too few to tell', () => {
    const unsure = { errorShift: { log: 0.4, variance: 0.2 } };
    expect(historyFrom(learnt(many(20, unsure)), judged)?.errorNoise).toBe(NO_HISTORY.errorNoise);
  });
});
