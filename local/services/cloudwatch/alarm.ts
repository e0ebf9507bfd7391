/**
 * What an alarm is and how CloudWatch judges its datapoints, after "Configuring how CloudWatch alarms treat missing data"
 * in the CloudWatch user guide. Pure.
 */
import type { MetricId } from './metric-store.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export const COMPARISONS = {
  GreaterThanOrEqualToThreshold: { holds: (value: number, limit: number) => value >= limit, words: 'greater than or equal to' },
  GreaterThanThreshold: { holds: (value: number, limit: number) => value > limit, words: 'greater than' },
  LessThanThreshold: { holds: (value: number, limit: number) => value < limit, words: 'less than' },
  LessThanOrEqualToThreshold: { holds: (value: number, limit: number) => value <= limit, words: 'less than or equal to' },
} as const;
export type Comparison = keyof typeof COMPARISONS;

export interface AlarmConfig {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly metric: MetricId;
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly missing: MissingData;
  readonly actionsEnabled: boolean;
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
}

export interface AlarmPoint {
  readonly at: number;
  readonly value: number | undefined;
}

export interface Evaluation {
  readonly state: AlarmState;
  /** Most recent first, as in `recentDatapoints`. */
  readonly used: readonly { readonly at: number; readonly value: number }[];
}

/** AWS looks further back than the evaluation periods when data is missing; in its published examples, two datapoints further. */
export const EXTRA_PERIODS = 2;

/** `points`: the evaluation range, oldest first, missing ones undefined. */
export function evaluateAlarm(alarm: AlarmConfig, points: readonly AlarmPoint[], current: AlarmState): Evaluation {
  const real = points.flatMap(({ at, value }) => (value === undefined ? [] : [{ at, value }])).slice(-alarm.evaluationPeriods);
  const holds = COMPARISONS[alarm.comparison].holds;
  const breaching = real.filter(({ value }) => holds(value, alarm.threshold)).length;
  const missing = alarm.evaluationPeriods - real.length;
  return {
    state: judge(alarm, { real: real.length, breaching, missing, oldest: oldestIn(points, real[0]?.at) }, current),
    used: [...real].reverse(),
  };
}

interface Counts {
  readonly real: number;
  readonly breaching: number;
  readonly missing: number;
  /** How many periods ago the oldest datapoint used is, counted from 1. */
  readonly oldest: number;
}

function judge(alarm: AlarmConfig, counts: Counts, current: AlarmState): AlarmState {
  const { real, breaching, missing } = counts;
  if (missing > 0 && alarm.missing === 'breaching') return toState(breaching + missing >= alarm.datapointsToAlarm);
  if (missing === 0 || alarm.missing === 'notBreaching') return toState(breaching >= alarm.datapointsToAlarm);
  if (real === 0) return alarm.missing === 'ignore' ? current : 'INSUFFICIENT_DATA';
  if (breaching >= alarm.datapointsToAlarm) return 'ALARM';
  if (breaching < real) return 'OK';
  // All there is breaches, and it is less than needed: AWS alarms only once the oldest is old enough, lest it alarms too early.
  return alarm.missing === 'missing' && counts.oldest >= alarm.datapointsToAlarm ? 'ALARM' : current;
}

const toState = (isAlarm: boolean): AlarmState => (isAlarm ? 'ALARM' : 'OK');

function oldestIn(points: readonly AlarmPoint[], at: number | undefined): number {
  const index = points.findIndex((point) => point.at === at);
  return index < 0 ? 0 : points.length - index;
}
