/** What one node does in one minute, and what several do together. */
import { mergeRows } from '../../core/judgement/trace/histogram.ts';
import type { LatencyRow, TraceCounts } from '../../core/judgement/trace/trace.ts';

export interface Minute {
  readonly requests: number;
  readonly errors: number;
  readonly row: LatencyRow;
  readonly memoryMb: number;
}

export const nodeMinute = ({ requests, errors, latency, memoryMb }: TraceCounts, index: number): Minute => ({
  requests: requests[index] ?? 0,
  errors: errors[index] ?? 0,
  row: latency[index] ?? [],
  memoryMb: memoryMb[index] ?? 0,
});

export const together = (minutes: readonly Minute[]): Minute => ({
  requests: minutes.reduce((sum, one) => sum + one.requests, 0),
  errors: minutes.reduce((sum, one) => sum + one.errors, 0),
  row: mergeRows(minutes.map(({ row }) => row)),
  memoryMb: minutes[0]?.memoryMb ?? 0,
});

/** A part of it, of every count alike. */
export function shareOf({ requests, errors, row, memoryMb }: Minute, share: number): Minute {
  if (share === 1) return { requests, errors, row, memoryMb };
  const some = (count: number) => Math.round(share * count);
  return {
    requests: some(requests),
    errors: some(errors),
    row: row.map((count, index) => (index === 0 ? count : some(count))),
    memoryMb,
  };
}
