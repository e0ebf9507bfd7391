/** Exponential histograms of latency, as counts by bucket. */
import type { LatencyRow } from './trace.ts';

export const BUCKETS_PER_DOUBLING = 16;

/** The first bucket whose lower edge is at or above a latency. */
export const bucketAt = (ms: number) => Math.ceil(BUCKETS_PER_DOUBLING * Math.log2(ms) - 1e-9);

export function mergeRows(rows: readonly LatencyRow[]): LatencyRow {
  const filled = rows.filter((row) => row.length > 1);
  if (filled.length === 0) return [];
  const first = Math.min(...filled.map(([start = 0]) => start));
  const end = Math.max(...filled.map((row) => (row[0] ?? 0) + row.length - 1));
  const sums = new Array<number>(end - first).fill(0);
  for (const row of filled) {
    const shift = (row[0] ?? 0) - first - 1;
    for (let i = 1; i < row.length; i++) sums[shift + i] = (sums[shift + i] ?? 0) + (row[i] ?? 0);
  }
  return [first, ...sums];
}

export function countOf(row: LatencyRow): number {
  let sum = 0;
  for (let i = 1; i < row.length; i++) sum += row[i] ?? 0;
  return sum;
}

/** Requests in this bucket and the slower ones. */
export function countFrom(row: LatencyRow, bucket: number): number {
  let sum = 0;
  for (let i = Math.max(1, bucket - (row[0] ?? 0) + 1); i < row.length; i++) sum += row[i] ?? 0;
  return sum;
}

/** The bucket from which on at most the share 1 - quantile lies. */
export function edgeOf(row: LatencyRow, quantile: number): number {
  const beyond = (1 - quantile) * countOf(row);
  let sum = 0;
  for (let i = row.length - 1; i > 0; i--) {
    sum += row[i] ?? 0;
    if (sum > beyond) return (row[0] ?? 0) + i;
  }
  return row[0] ?? 0;
}
