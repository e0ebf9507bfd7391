import type { DescribeAlarmsInput, DescribeAlarmsOutput, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import { takePage } from '../../kernel/page.ts';
import type { AlarmConfig } from './alarm.ts';
import type { AlarmStatus } from './alarm-event.ts';
import { fromDimensions } from './dimensions.ts';

export interface KnownAlarm {
  readonly config: AlarmConfig;
  readonly status: AlarmStatus;
}

const PAGE = 50;

export function describeAlarms(alarms: readonly KnownAlarm[], input: DescribeAlarmsInput): DescribeAlarmsOutput {
  if (input.AlarmNames?.length && input.AlarmNamePrefix !== undefined) {
    throw new AwsError('ValidationError', 'AlarmNames and AlarmNamePrefix cannot both be given.');
  }
  const found = alarms.filter((alarm) => isAsked(alarm, input));
  const size = input.MaxRecords ?? PAGE;
  const { items, next } = takePage(found, { size, token: input.NextToken, badToken: 'InvalidNextToken' });
  return { MetricAlarms: items.map(toMetricAlarm), CompositeAlarms: [], NextToken: next };
}

function isAsked({ config, status }: KnownAlarm, input: DescribeAlarmsInput): boolean {
  if (input.AlarmNames?.length && !input.AlarmNames.includes(config.name)) return false;
  if (input.AlarmNamePrefix !== undefined && !config.name.startsWith(input.AlarmNamePrefix)) return false;
  if (input.StateValue !== undefined && status.state !== input.StateValue) return false;
  return !input.AlarmTypes?.length || input.AlarmTypes.includes('MetricAlarm');
}

const SIMPLE = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const;

function toMetricAlarm({ config, status }: KnownAlarm): MetricAlarm {
  const simple = SIMPLE.find((name) => name === config.statistic);
  return {
    AlarmName: config.name,
    AlarmArn: config.arn,
    AlarmDescription: config.description,
    ActionsEnabled: config.actionsEnabled,
    OKActions: [...config.actions.OK],
    AlarmActions: [...config.actions.ALARM],
    InsufficientDataActions: [...config.actions.INSUFFICIENT_DATA],
    StateValue: status.state,
    StateReason: status.reason,
    StateReasonData: status.reasonData,
    StateUpdatedTimestamp: new Date(status.at),
    StateTransitionedTimestamp: new Date(status.at),
    MetricName: config.metric.name,
    Namespace: config.metric.namespace,
    ...(simple ? { Statistic: simple } : { ExtendedStatistic: config.statistic }),
    Dimensions: fromDimensions(config.metric.dimensions),
    Period: config.periodSeconds,
    EvaluationPeriods: config.evaluationPeriods,
    DatapointsToAlarm: config.datapointsToAlarm,
    Threshold: config.threshold,
    ComparisonOperator: config.comparison,
    TreatMissingData: config.missing,
  };
}
