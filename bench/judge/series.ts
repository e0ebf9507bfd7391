/** A trace as the rivals see it: one value a metric, group and interval. */
import { countOf, edgeOf, mergeRows } from '../../core/judgement/trace/histogram.ts';
import type { Trace, TraceCounts } from '../../core/judgement/trace/trace.ts';

export interface Point {
  readonly requests: number;
  readonly errors: number;
  /** Share of failed requests. */
  readonly errorRate: number;
  readonly p50: number;
  readonly p99: number;
  readonly memoryMb: number;
  readonly crashes: number;
}

export type Series = readonly (Point | undefined)[];

export const seriesOf = (trace: Trace, group: 'canary' | 'baseline'): Series =>
  trace.data.map((one) => {
    const counts = one[group];
    return counts && toPoint(counts);
  });

const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);

function toPoint(counts: TraceCounts): Point | undefined {
  const [requests, errors] = [sum(counts.requests), sum(counts.errors)];
  const row = mergeRows(counts.latency);
  if (requests === 0 || countOf(row) === 0) return undefined;
  const ms = (quantile: number) => 2 ** ((edgeOf(row, quantile) - 0.5) / 16);
  return {
    requests,
    errors,
    errorRate: errors / requests,
    p50: ms(0.5),
    p99: ms(0.99),
    memoryMb: sum(counts.memoryMb.map((one) => one ?? 0)) / counts.memoryMb.length,
    crashes: sum(counts.crashes),
  };
}

/** How a judge ends, and after how many intervals. */
export interface End {
  readonly kind: 'pass' | 'fail' | 'inconclusive';
  readonly intervals: number;
}
