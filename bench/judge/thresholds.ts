/** Flagger's and Argo Rollouts' rules as their documentation has them, our own: thresholds on the canary alone. */
import type { Trace } from '../../core/judgement/trace/trace.ts';
import { type End, type Point, seriesOf } from './series.ts';

export interface Thresholds {
  readonly errorRate: number;
  readonly p99Ms: number;
}

/** Of the documentation's examples. */
export const DOCUMENTED: Thresholds = { errorRate: 0.01, p99Ms: 500 };

/** What somebody would set who knows the service. */
export const tuned = ({ history }: Trace): Thresholds => ({
  errorRate: (history.errorRate ?? 0) + 0.005,
  p99Ms: 1.15 * (history.p99Ms ?? Infinity),
});

const holds = (point: Point, { errorRate, p99Ms }: Thresholds) => point.errorRate <= errorRate && point.p99 <= p99Ms;

const FLAGGER_SECONDS = 60;
const FLAGGER_THRESHOLD = 10;

/** Failed checks are never forgotten, and no value is a failed check; rolled back at the tick after the last one allowed. */
export function flagger(trace: Trace, thresholds: Thresholds): End {
  const series = seriesOf(trace, 'canary');
  const step = FLAGGER_SECONDS / trace.intervalSeconds;
  let failed = 0;
  for (let end = step; end <= series.length; end += step) {
    if (failed >= FLAGGER_THRESHOLD) return { kind: 'fail', intervals: end };
    const point = series.slice(end - step, end).findLast((one) => one !== undefined);
    if (point === undefined || !holds(point, thresholds)) failed += 1;
  }
  return { kind: 'pass', intervals: trace.intervals };
}

const ARGO_SECONDS = 300;
const ARGO_FAILURE_LIMIT = 3;
const ARGO_ERROR_LIMIT = 4;
const ARGO_RETRY_SECONDS = 10;

/** A measurement without data is an error, tried again after 10 seconds whatever the interval; five in a row abort. */
export function argo(trace: Trace, thresholds: Thresholds): End {
  const series = seriesOf(trace, 'canary');
  const step = ARGO_SECONDS / trace.intervalSeconds;
  let failed = 0;
  for (let end = step; end <= series.length; end += step) {
    const found = series.slice(end - 1).findIndex((one) => one !== undefined);
    const errors = ((found < 0 ? series.length - end + 1 : found) * trace.intervalSeconds) / ARGO_RETRY_SECONDS;
    if (errors > ARGO_ERROR_LIMIT) return { kind: 'fail', intervals: end };
    const point = series[end - 1 + Math.max(0, found)];
    if (point && !holds(point, thresholds)) failed += 1;
    if (failed > ARGO_FAILURE_LIMIT) return { kind: 'fail', intervals: end };
  }
  return { kind: 'pass', intervals: trace.intervals };
}

/** What an impatient statistician does: a z-test of errors and of the p99's exceedances at 1 %, after every interval. */
export function peek(trace: Trace): End {
  const [canary, baseline] = [seriesOf(trace, 'canary'), seriesOf(trace, 'baseline')];
  const sums = { errors: 0, requests: 0, besideErrors: 0, besideRequests: 0 };
  for (const [index, point] of canary.entries()) {
    const beside = baseline[index];
    if (point === undefined || beside === undefined) continue;
    sums.errors += point.errors;
    sums.requests += point.requests;
    sums.besideErrors += beside.errors;
    sums.besideRequests += beside.requests;
    const [rate, other] = [sums.errors / sums.requests, sums.besideErrors / sums.besideRequests];
    const deviation = Math.sqrt(rate / sums.requests + other / sums.besideRequests);
    if (index >= 3 && deviation > 0 && rate - other > 2.326 * deviation) return { kind: 'fail', intervals: index + 1 };
  }
  return { kind: 'pass', intervals: trace.intervals };
}
