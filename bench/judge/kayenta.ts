/**
 * Kayenta's NetflixACAJudge-v1.0 with its defaults, our own: per metric a Mann-Whitney confidence interval (98 %) of the
 * shift, `High` if it lies above a quarter of the estimated shift and the ratio of the means is at least
 * `allowedIncrease`; score = share of the metrics that pass, which must be 95. One judgement, at the end.
 */
import { normalQuantile } from '../../core/judgement/sequential/distributions.ts';
import type { Trace } from '../../core/judgement/trace/trace.ts';
import { type End, type Point, seriesOf } from './series.ts';

const CONFIDENCE = 0.98;
const TOLERANCE = 0.25;
const PASS_SCORE = 95;
const METRICS: readonly ((point: Point) => number)[] = [
  ({ errorRate }) => errorRate,
  ({ p50 }) => p50,
  ({ p99 }) => p99,
  ({ memoryMb }) => memoryMb,
  ({ crashes }) => crashes,
];

type Class = 'pass' | 'high' | 'nodata';

export function kayenta(trace: Trace, allowedIncrease: number): End {
  const of = (group: 'canary' | 'baseline') => seriesOf(trace, group).flatMap((point) => (point ? [point] : []));
  const [experiment, control] = [of('canary'), of('baseline')];
  const classes = METRICS.map((metric) => classify(experiment.map(metric), control.map(metric), allowedIncrease));
  const count = (wanted: Class) => classes.filter((one) => one === wanted).length;
  const judged = count('pass') + count('high');
  const score = count('nodata') >= METRICS.length / 2 ? 0 : (100 * count('pass')) / judged;
  return { kind: score >= PASS_SCORE ? 'pass' : 'fail', intervals: trace.intervals };
}

function classify(experiment: readonly number[], control: readonly number[], allowedIncrease: number): Class {
  if (experiment.length === 0 || control.length === 0) return 'nodata';
  const all = new Set([...experiment, ...control]);
  if (all.size === 1) return 'pass';
  const { lower, estimate } = shiftOf(experiment, control);
  const effect = mean(experiment) / mean(control);
  const hasEffect = mean(control) === 0 || mean(experiment) === 0 || effect >= allowedIncrease;
  return lower > TOLERANCE * Math.abs(estimate) && hasEffect ? 'high' : 'pass';
}

const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** The shift's limits are order statistics of all differences, which is where the standardized rank statistic crosses. */
function shiftOf(experiment: readonly number[], control: readonly number[]) {
  const differences = new Float64Array(experiment.length * control.length);
  let index = 0;
  for (const one of experiment) for (const other of control) differences[index++] = one - other;
  differences.sort();
  const spread = Math.sqrt((differences.length * (experiment.length + control.length + 1)) / 12);
  const reach = normalQuantile(1 - (1 - CONFIDENCE) / 2) * spread;
  const at = (rank: number) => differences[Math.min(differences.length - 1, Math.max(0, Math.round(rank)))] ?? 0;
  return { lower: at(differences.length / 2 - reach), estimate: at(differences.length / 2) };
}
