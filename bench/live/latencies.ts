/** Latencies by any edge, of counts by bucket: within a bucket as if they were even in the logarithm. */
import { BUCKETS_PER_DOUBLING, countFrom, countOf } from '../../core/judgement/trace/histogram.ts';
import type { LatencyRow } from '../../core/judgement/trace/trace.ts';

export function slowerThan(row: LatencyRow, ms: number): number {
  const position = BUCKETS_PER_DOUBLING * Math.log2(ms);
  const bucket = Math.floor(position);
  const [all, above] = [countFrom(row, bucket), countFrom(row, bucket + 1)];
  return Math.round(above + (all - above) * (1 - (position - bucket)));
}

/** Undefined where nothing was counted. */
export function quantileOf(row: LatencyRow, quantile: number): number | undefined {
  const beyond = (1 - quantile) * countOf(row);
  let sum = 0;
  for (let i = row.length - 1; i > 0; i--) {
    const count = row[i] ?? 0;
    if (count > 0 && sum + count >= beyond) return 2 ** (((row[0] ?? 0) + i - (beyond - sum) / count) / BUCKETS_PER_DOUBLING);
    sum += count;
  }
  return undefined;
}
