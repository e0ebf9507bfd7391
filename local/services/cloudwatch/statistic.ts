import { AwsError } from '../../kernel/aws-error.ts';
import type { SortedSamples } from './samples.ts';

/** Of a period that has samples; a period without any has no datapoint at all. */
export type Statistic = (samples: SortedSamples) => number;

const SIMPLE: Readonly<Record<string, Statistic>> = {
  SampleCount: (samples) => total(samples.counts),
  Sum: (samples) => sumOf(samples),
  Average: (samples) => sumOf(samples) / total(samples.counts),
  Minimum: (samples) => samples.values[0] ?? 0,
  Maximum: (samples) => samples.values.at(-1) ?? 0,
  IQM: (samples) => ranged('TM', { kind: 'percent', low: 25, high: 75 })(samples),
};

type RangeKind = 'TM' | 'TC' | 'TS' | 'PR';
const RANGE_KINDS: Readonly<Record<string, RangeKind>> = { TM: 'TM', TC: 'TC', TS: 'TS', PR: 'PR' };

interface Range {
  readonly kind: 'percent' | 'value';
  readonly low?: number;
  readonly high?: number;
}

/** `Sum`, `p99.9`, `tm90`, `TC(0.25:)`, `PR(:300)` … as CloudWatch writes them. */
export function parseStatistic(name: string): Statistic {
  const simple = SIMPLE[name];
  if (simple) return simple;
  const percentile = /^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(name);
  if (percentile) return percentileOf(percent(name, percentile[1]));
  const short = /^(tm|tc|ts)(\d{1,3}(?:\.\d{1,10})?)$/.exec(name);
  if (short) return ranged(rangeKind(name, short[1]), { kind: 'percent', high: percent(name, short[2]) });
  const long = /^(TM|TC|TS|PR)\(([^:()]*):([^:()]*)\)$/.exec(name);
  if (long) return ranged(rangeKind(name, long[1]), parseRange(name, long[2] ?? '', long[3] ?? ''));
  throw unknown(name);
}

function percentileOf(percentile: number): Statistic {
  return ({ values, counts }) => {
    const rank = (percentile / 100) * total(counts);
    let seen = 0;
    for (let i = 0; i < values.length; i++) {
      seen += counts[i] ?? 0;
      if (seen >= rank && seen > 0) return values[i] ?? 0;
    }
    return values.at(-1) ?? 0;
  };
}

/** The lower bound is outside the range, the upper one inside: TC(0.005:0.030) counts 0.030 and not 0.005. */
function ranged(kind: RangeKind, range: Range): Statistic {
  return (samples) => {
    const { count, sum } = range.kind === 'value' ? inValues(samples, range) : inRanks(samples, range);
    if (kind === 'TC') return count;
    if (kind === 'TS') return sum;
    if (kind === 'PR') return (100 * count) / total(samples.counts);
    return count === 0 ? 0 : sum / count;
  };
}

function inValues({ values, counts }: SortedSamples, { low = -Infinity, high = Infinity }: Range) {
  let count = 0;
  let sum = 0;
  values.forEach((value, i) => {
    if (value <= low || value > high) return;
    count += counts[i] ?? 0;
    sum += value * (counts[i] ?? 0);
  });
  return { count, sum };
}

/** A value that lies across a bound counts with the part that lies inside. */
function inRanks({ values, counts }: SortedSamples, { low = 0, high = 100 }: Range) {
  const all = total(counts);
  const from = (low / 100) * all;
  const to = (high / 100) * all;
  let seen = 0;
  let count = 0;
  let sum = 0;
  values.forEach((value, i) => {
    const end = seen + (counts[i] ?? 0);
    const inside = Math.max(0, Math.min(end, to) - Math.max(seen, from));
    count += inside;
    sum += value * inside;
    seen = end;
  });
  return { count, sum };
}

function parseRange(name: string, low: string, high: string): Range {
  const isPercent = low.endsWith('%') || high.endsWith('%');
  const bound = (text: string): number | undefined => {
    if (text === '') return undefined;
    if (isPercent !== text.endsWith('%')) throw unknown(name);
    const value = Number(isPercent ? text.slice(0, -1) : text);
    if (!Number.isFinite(value)) throw unknown(name);
    return value;
  };
  const range: Range = { kind: isPercent ? 'percent' : 'value', low: bound(low), high: bound(high) };
  if (range.low === undefined && range.high === undefined) throw unknown(name);
  return range;
}

function rangeKind(name: string, kind = ''): RangeKind {
  const known = RANGE_KINDS[kind.toUpperCase()];
  if (!known) throw unknown(name);
  return known;
}

function percent(name: string, text = ''): number {
  const value = Number(text);
  if (value > 100) throw unknown(name);
  return value;
}

function unknown(name: string): AwsError {
  return new AwsError(
    'InvalidParameterValue',
    `The statistic "${name}" is not known here. Use SampleCount, Sum, Average, Minimum, Maximum, IQM, pNN, tmNN, tcNN, tsNN, or TM, TC, TS, PR with (low:high).`,
  );
}

const total = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);
const sumOf = ({ values, counts }: SortedSamples): number => values.reduce((sum, value, i) => sum + value * (counts[i] ?? 0), 0);
