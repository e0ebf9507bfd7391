/** The texts and the event CloudWatch makes of an alarm's change of state ("Alarm events and EventBridge" in its user guide). */
import type { BusEvent } from '../../kernel/ports.ts';
import type { AlarmConfig, AlarmState, Evaluation } from './alarm.ts';
import { COMPARISONS } from './alarm.ts';

export interface AlarmStatus {
  readonly state: AlarmState;
  readonly reason: string;
  readonly reasonData?: string;
  readonly at: number;
}

export function describeState(
  alarm: AlarmConfig,
  { state, used }: Evaluation,
  change: { readonly from: AlarmState; readonly at: number },
): AlarmStatus {
  if (used.length === 0) return { state, reason: withoutData(alarm, state), at: change.at };
  const crossed = state === 'ALARM' ? 'was' : 'was not';
  const [were, points] = used.length === 1 ? [crossed, 'datapoint'] : [crossed.replace('was', 'were'), 'datapoints'];
  const values = used.map(({ at, value }) => `${value} (${shortDate(at)})`).join(', ');
  const least = state === 'ALARM' ? alarm.datapointsToAlarm : alarm.evaluationPeriods - alarm.datapointsToAlarm + 1;
  const reason =
    `Threshold Crossed: ${used.length} out of the last ${alarm.evaluationPeriods} datapoints [${values}] ${were} ` +
    `${COMPARISONS[alarm.comparison].words} the threshold (${decimal(alarm.threshold)}) ` +
    `(minimum ${least} ${least === 1 ? 'datapoint' : points} for ${change.from} -> ${state} transition).`;
  return { state, reason, reasonData: JSON.stringify(reasonData(alarm, used, change.at)), at: change.at };
}

function withoutData(alarm: AlarmConfig, state: AlarmState): string {
  if (state === 'INSUFFICIENT_DATA') return 'Insufficient Data: no datapoints were received.';
  const treated = alarm.missing === 'breaching' ? '[Breaching]' : '[NonBreaching]';
  return `Threshold Crossed: no datapoints were received for ${alarm.evaluationPeriods} period${alarm.evaluationPeriods === 1 ? '' : 's'} and ${alarm.evaluationPeriods} missing datapoint${alarm.evaluationPeriods === 1 ? ' was' : 's were'} treated as ${treated}.`;
}

function reasonData(alarm: AlarmConfig, used: Evaluation['used'], at: number): unknown {
  return {
    version: '1.0',
    queryDate: longDate(at),
    startDate: longDate(used.at(-1)?.at ?? at),
    statistic: alarm.statistic,
    period: alarm.periodSeconds,
    recentDatapoints: used.map(({ value }) => value).reverse(),
    threshold: alarm.threshold,
  };
}

export function alarmEvent(alarm: AlarmConfig, before: AlarmStatus, after: AlarmStatus): BusEvent {
  return {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [alarm.arn],
    time: after.at,
    detail: {
      alarmName: alarm.name,
      state: eventState(after),
      previousState: eventState(before),
      configuration: {
        ...(alarm.description === undefined ? {} : { description: alarm.description }),
        metrics: [{ id: 'm1', metricStat: eventMetric(alarm), returnData: true }],
      },
    },
  };
}

function eventState({ state, reason, reasonData, at }: AlarmStatus): unknown {
  return { value: state, reason, ...(reasonData === undefined ? {} : { reasonData }), timestamp: longDate(at) };
}

function eventMetric({ metric, periodSeconds, statistic }: AlarmConfig): unknown {
  const { namespace, name, dimensions } = metric;
  return { metric: { namespace, name, dimensions }, period: periodSeconds, stat: statistic };
}

/** What CloudWatch publishes to a topic is another shape than the event: the alarm notification. */
export function alarmNotification(
  alarm: AlarmConfig,
  before: AlarmStatus,
  after: AlarmStatus,
): { readonly subject: string; readonly message: string } {
  const [, , , region = '', account = ''] = alarm.arn.split(':');
  const { namespace, name, dimensions } = alarm.metric;
  return {
    subject: `${after.state}: "${alarm.name}" in ${region}`,
    message: JSON.stringify({
      AlarmName: alarm.name,
      AlarmDescription: alarm.description ?? null,
      AWSAccountId: account,
      NewStateValue: after.state,
      NewStateReason: after.reason,
      StateChangeTime: longDate(after.at),
      Region: region,
      AlarmArn: alarm.arn,
      OldStateValue: before.state,
      Trigger: {
        MetricName: name,
        Namespace: namespace,
        StatisticType: 'Statistic',
        Statistic: alarm.statistic.toUpperCase(),
        Dimensions: Object.entries(dimensions).map(([key, value]) => ({ name: key, value })),
        Period: alarm.periodSeconds,
        EvaluationPeriods: alarm.evaluationPeriods,
        ComparisonOperator: alarm.comparison,
        Threshold: alarm.threshold,
        TreatMissingData: alarm.missing,
      },
    }),
  };
}

/** 2019-10-02T17:04:40.989+0000 */
const longDate = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');
/** 02/10/19 16:59:00 */
function shortDate(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}
const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));
