/** Latencies as shares by bucket (2^(1/16) wide), moved and drawn from. */
import type { Random } from './random.ts';

export interface Shares {
  readonly first: number;
  readonly shares: Float64Array;
}

/** In one unit of the natural logarithm. */
const BUCKETS = 16 / Math.LN2;

export interface Latencies {
  readonly medianMs: number;
  readonly spread: number;
  readonly tailShare: number;
  readonly tailSpread: number;
}

/** A bell in the logarithm, and a wider one of slow requests. */
export function sharesOf({ medianMs, spread, tailShare, tailSpread }: Latencies): Shares {
  const middle = Math.log(medianMs) * BUCKETS;
  const first = Math.floor(middle - 4.5 * spread * BUCKETS);
  const end = Math.ceil(middle + (1 + 4 * tailSpread) * BUCKETS);
  const below = (bucket: number) =>
    (1 - tailShare) * bell((bucket - middle) / (spread * BUCKETS)) +
    tailShare * bell((bucket - middle - BUCKETS) / (tailSpread * BUCKETS));
  const shares = Float64Array.from({ length: end - first }, (_, index) => below(first + index + 1) - below(first + index));
  return { first, shares };
}

/** The tail grows from the 90th percentile on, and wholly from the 99th. */
export function stretchTail({ first, shares }: Shares, factor: number): Shares {
  const moved = new Float64Array(shares.length + Math.ceil(Math.log(factor) * BUCKETS) + 1);
  let rank = 0;
  shares.forEach((share, index) => {
    const part = Math.min(1, Math.max(0, (rank + share / 2 - 0.9) / 0.09));
    rank += share;
    spill(moved, index + part * Math.log(factor) * BUCKETS, share);
  });
  return { first, shares: moved };
}

function spill(shares: Float64Array, position: number, share: number): void {
  const index = Math.floor(position);
  const rest = position - index;
  shares[index] = (shares[index] ?? 0) + share * (1 - rest);
  if (index + 1 < shares.length) shares[index + 1] = (shares[index + 1] ?? 0) + share * rest;
}

/** Counts of so many requests, all slower by a factor: the form of a trace's row. */
export function drawRow(
  { first, shares }: Shares,
  { requests, factor }: { requests: number; factor: number },
  random: Random,
): number[] {
  const position = Math.log(factor) * BUCKETS;
  const shift = Math.floor(position);
  const rest = position - shift;
  const row = [first + shift];
  for (let i = 0; i <= shares.length; i++) {
    const share = (1 - rest) * (shares[i] ?? 0) + rest * (shares[i - 1] ?? 0);
    row.push(requests * share < 1e-6 ? 0 : random.poisson(requests * share));
  }
  while (row.length > 1 && row.at(-1) === 0) row.pop();
  return row;
}

/** Abramowitz and Stegun 7.1.26: to 1e-7. */
function bell(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const half = 0.5 * tail * Math.exp((-x * x) / 2);
  return x > 0 ? 1 - half : half;
}

export function quantileMs({ first, shares }: Shares, quantile: number): number {
  let rank = 0;
  const index = shares.findIndex((share) => (rank += share) >= quantile);
  return 2 ** ((first + index + 0.5) / 16);
}
