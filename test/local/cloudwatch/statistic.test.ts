import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSamples, Samples } from '../../../local/services/cloudwatch/samples.ts';
import { parseStatistic } from '../../../local/services/cloudwatch/statistic.ts';

function samplesOf(...values: number[]) {
  const samples = new Samples();
  for (const value of values) samples.add(value, 1);
  return samples.sorted();
}

const ask = (statistic: string, ...values: number[]) => parseStatistic(statistic)(samplesOf(...values));

describe('a statistic', () => {
  it('counts, adds and averages every sample, repeated values too', () => {
    expect(ask('SampleCount', 5, 1, 5)).toBe(3);
    expect(ask('Sum', 5, 1, 5)).toBe(11);
    expect(ask('Average', 2, 4, 4, 6)).toBe(4);
    expect([ask('Minimum', 3, 1, 2), ask('Maximum', 3, 1, 2)]).toEqual([1, 3]);
  });

  it('takes the value at a rank for percentiles', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
    expect([ask('p50', ...hundred), ask('p99', ...hundred), ask('p100', ...hundred)]).toEqual([50, 99, 100]);
  });

  it('leaves the lower bound out of a range and takes the upper one in', () => {
    const values = [0.005, 0.01, 0.03, 0.031];
    expect(ask('TC(0.005:0.030)', ...values)).toBe(2);
    expect(ask('TC(0.03:)', ...values)).toBe(1);
    expect(ask('TC(:0.005)', ...values)).toBe(1);
    expect(ask('PR(:0.01)', ...values)).toBe(50);
    expect(ask('TM(0.005:0.030)', ...values)).toBeCloseTo(0.02);
    expect(ask('TS(0.005:0.030)', ...values)).toBeCloseTo(0.04);
  });

  it('trims by rank where bounds are percentages', () => {
    const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100];
    expect(ask('tm90', ...ten)).toBe(5);
    expect(ask('tc90', ...ten)).toBe(9);
    expect(ask('TM(10%:90%)', ...ten)).toBe(5.5);
    expect(ask('IQM', 1, 2, 3, 4)).toBe(2.5);
  });

  it.each(['Median', 'p101', 'TC(1%:2)', 'TC(:)', 'WM(10%:90%)', 'sum'])('refuses %s by name', (name) => {
    expect(() => parseStatistic(name)).toThrow(name);
  });

  it('counts each sample on exactly one side of an edge, in whatever parts it was gathered', () => {
    const value = fc.double({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.array(value), { minLength: 1 }), value, (parts, edge) => {
        const whole = mergeSamples(parts.map((part) => samplesOf(...part)));
        const [above, below] = [parseStatistic(`TC(${edge}:)`)(whole), parseStatistic(`TC(:${edge})`)(whole)];
        const all = parts.flat();
        expect(above).toBe(all.filter((one) => one > Number(String(edge))).length);
        expect(above + below).toBe(all.length);
        expect([...whole.values]).toEqual([...new Set(all)].map((one) => one + 0).sort((a, b) => a - b));
      }),
    );
  });
});
