import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ControlPlaneFunctions } from './control-plane-functions.ts';
import type { ControlPlaneWorkflows } from './control-plane-workflows.ts';
import type { Notices } from './notices.ts';

export interface ControlPlaneAlarmsProps {
  readonly functions: ControlPlaneFunctions;
  readonly workflows: ControlPlaneWorkflows;
  readonly deadLetters: sqs.IQueue;
  readonly notices: Notices;
}

const FIVE_MINUTES = Duration.minutes(5);

/** The control plane watching itself. A release that fails is its daily work and no alarm; a rollback that fails is. */
export class ControlPlaneAlarms extends Construct {
  private readonly notices: Notices;

  constructor(scope: Construct, id: string, props: ControlPlaneAlarmsProps) {
    super(scope, id);
    this.notices = props.notices;
    for (const one of props.functions.all) {
      const metric = one.function.metricErrors({ period: FIVE_MINUTES, statistic: 'Sum' });
      this.alarm(`${one.node.id}Errors`, metric, 5, `${one.contract.name} failed more than 5 times in 5 minutes`);
    }
    this.alarm(
      'SweepSilent',
      props.functions.sweep.function.metricInvocations({ period: FIVE_MINUTES, statistic: 'Sum' }),
      1,
      'The sweep has not run for 15 minutes: nothing heals',
      { comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD, evaluationPeriods: 3, breaching: true },
    );
    this.alarm(
      'EventsLost',
      props.deadLetters.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: 'Maximum' }),
      0,
      'Events were given up on; they are in the dead-letter queue',
    );
    this.alarm(
      'RollbackFailed',
      props.workflows.rollback.machine.metricFailed({ period: FIVE_MINUTES, statistic: 'Sum' }),
      0,
      'A rollback failed; the sweep starts it again, but look why',
    );
  }

  private alarm(
    id: string,
    metric: cloudwatch.IMetric,
    threshold: number,
    alarmDescription: string,
    how: { comparisonOperator?: cloudwatch.ComparisonOperator; evaluationPeriods?: number; breaching?: boolean } = {},
  ): void {
    const alarm = new cloudwatch.Alarm(this, id, {
      metric,
      threshold,
      alarmDescription,
      evaluationPeriods: how.evaluationPeriods ?? 1,
      comparisonOperator: how.comparisonOperator ?? cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: how.breaching ? cloudwatch.TreatMissingData.BREACHING : cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    this.notices.announce(alarm);
  }
}
