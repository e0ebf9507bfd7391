import { describe, expect, it } from 'vitest';
import { tryScenario } from '../../../bench/judge/campaign.ts';
import { JUDGES } from '../../../bench/judge/judges.ts';
import { kayenta } from '../../../bench/judge/kayenta.ts';
import { plot } from '../../../bench/judge/plot.ts';
import { SCENARIOS } from '../../../bench/judge/scenario.ts';
import { simulate } from '../../../bench/judge/simulate.ts';
import { argo, flagger } from '../../../bench/judge/thresholds.ts';
import { EDGE_CASES, rejectionRate } from '../../../bench/judge/validity.ts';
import type { Trace, TraceCounts } from '../../../core/judgement/trace/trace.ts';

const MINUTE = 60;

const counts = (errors: number): TraceCounts => ({
  requests: [1000],
  errors: [errors],
  crashes: [0],
  fingerprints: {},
  memoryMb: [100],
  latency: [[0, 500, 480, 20]],
});

/** Errors of 1,000 requests in each interval of the canary; null: no data. */
const trace = (canary: readonly (number | null)[], seconds = MINUTE, baseline: readonly number[] = []): Trace => ({
  ...simulate(SCENARIOS[0]!, 1).trace,
  intervalSeconds: seconds,
  intervals: canary.length,
  data: canary.map((errors, index) => ({
    t: index * seconds,
    ...(errors !== null && { canary: counts(errors) }),
    baseline: counts(baseline[index] ?? 1),
  })),
});

const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);
const LIMITS = { errorRate: 0.01, p99Ms: 500 };

describe("Kayenta's rule", () => {
  const noise = Array.from({ length: 60 }, (_, index) => 5 + ((index * 7) % 11));

  it('passes what is the same, and fails a steady shift, however small', () => {
    expect(kayenta(trace(noise, MINUTE, noise), 1).kind).toBe('pass');
    const shifted = noise.map((errors) => errors + 4);
    expect(kayenta(trace(shifted, MINUTE, noise), 1).kind).toBe('fail');
    expect(kayenta(trace(shifted, MINUTE, noise), 2).kind).toBe('pass');
  });
});

describe("Flagger's rule", () => {
  it('never forgets a failed check, and rolls back at the check after the tenth', () => {
    const everyOther = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? 20 : 1));
    expect(flagger(trace(everyOther), LIMITS)).toEqual({ kind: 'fail', intervals: 20 });
    expect(flagger(trace(times(9, 20).concat(times(20, 1))), LIMITS).kind).toBe('pass');
  });

  it('takes no data for a failed check', () => {
    expect(flagger(trace(times<number | null>(12, null)), LIMITS)).toEqual({ kind: 'fail', intervals: 11 });
  });
});

describe("Argo's rule", () => {
  it('fails with the fourth failed measurement of five minutes', () => {
    expect(argo(trace(times(60, 20)), LIMITS)).toEqual({ kind: 'fail', intervals: 20 });
    expect(argo(trace(times(60, 1)), LIMITS).kind).toBe('pass');
  });

  it('gives up after five errors, ten seconds apart: a gap of a minute aborts', () => {
    const gap = times<number | null>(30, 1);
    gap[4] = null;
    expect(argo(trace(gap), LIMITS)).toEqual({ kind: 'fail', intervals: 5 });
    const short = times<number | null>(60, 1);
    short[9] = null;
    expect(argo(trace(short, 30), LIMITS).kind).toBe('pass');
  });
});

describe('a campaign', () => {
  const scenario = SCENARIOS.find(({ name }) => name === 'err_1pp')!;

  it('draws the same releases from the same number', () => {
    const once = tryScenario(scenario, { runs: 2, campaign: 4 });
    expect(tryScenario(scenario, { runs: 2, campaign: 4 })).toEqual(once);
    expect(once.map(({ judge }) => judge)).toEqual(JUDGES.map(({ name }) => name));
    expect(once[0]).toMatchObject({ judge: 'Tandem', runs: 2, failed: 2, passed: 0 });
  });

  it('is plotted, a dot for each judge', () => {
    const svg = plot(tryScenario(scenario, { runs: 1, campaign: 1 }));
    expect(svg.match(/<circle/g)).toHaveLength(2 * JUDGES.length);
    expect(svg).toContain('>err_1pp</text>');
  });
});

describe('the bets, at the edge of what is tolerated', () => {
  it.each(EDGE_CASES.filter(({ name }) => name !== 'failures 30 %'))('hardly ever reject: $name', (edge) => {
    expect(rejectionRate(edge, { runs: 40, campaign: 1 })).toBeLessThanOrEqual(0.025);
  });

  it('reject what is beyond it', () => {
    expect(rejectionRate({ ...EDGE_CASES[1]!, ratio: 1.5 }, { runs: 10, campaign: 1 })).toBe(1);
  });
});
