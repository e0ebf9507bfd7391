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

interface Watch {
  readonly id: string;
  readonly metric: cloudwatch.IMetric;
  readonly above: number;
  readonly description: string;
}

const OF_FIVE_MINUTES = { period: Duration.minutes(5), statistic: 'Sum' };

/** The control plane watching itself. A release that fails is its daily work and no alarm; a rollback that fails is. */
export class ControlPlaneAlarms extends Construct {
  private readonly notices: Notices;

  constructor(scope: Construct, id: string, props: ControlPlaneAlarmsProps) {
    super(scope, id);
    this.notices = props.notices;
    for (const one of props.functions.all) {
      const description = `${one.contract.name} failed more than 5 times in 5 minutes`;
      this.alarm({ id: `${one.node.id}Errors`, metric: one.function.metricErrors(OF_FIVE_MINUTES), above: 5, description });
    }
    for (const watch of ownWatches(props)) this.alarm(watch);
    this.sweepMustRun(props.functions);
  }

  private alarm({ id, metric, above, description }: Watch): void {
    const alarm = new cloudwatch.Alarm(this, id, {
      metric,
      threshold: above,
      alarmDescription: description,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    this.notices.announce(alarm);
  }

  /**
   * Silence is the failure here: a function that does not run has no datapoints at all. Were missing ones counted as
   * breaching, the alarm would go off in every new account. So its word for trouble is INSUFFICIENT_DATA, which an alarm
   * that was just made begins with, and only a change to it is announced. CloudWatch looks two periods further back than one.
   */
  private sweepMustRun({ sweep }: ControlPlaneFunctions): void {
    const alarm = new cloudwatch.Alarm(this, 'SweepSilent', {
      metric: sweep.function.metricInvocations(OF_FIVE_MINUTES),
      threshold: 1,
      alarmDescription: 'INSUFFICIENT_DATA: the sweep has not run for 15 minutes, and nothing heals',
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.MISSING,
    });
    this.notices.announceSilence(alarm);
  }
}

function ownWatches({ deadLetters, workflows }: ControlPlaneAlarmsProps): Watch[] {
  const { machine } = workflows.rollback;
  return [
    {
      id: 'EventsLost',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ ...OF_FIVE_MINUTES, statistic: 'Maximum' }),
      above: 0,
      description: 'Events were given up on; they are in the dead-letter queue',
    },
    {
      id: 'RollbackFailed',
      metric: machine.metricFailed(OF_FIVE_MINUTES),
      above: 0,
      description: 'A rollback failed; the sweep starts it again, but look why',
    },
    {
      id: 'RemediationsFailing',
      metric: workflows.remediate.machine.metricFailed(OF_FIVE_MINUTES),
      above: 3,
      description: 'Remediations fail; the sweep starts them again, but look why',
    },
    {
      id: 'RollbackTimedOut',
      metric: machine.metricTimedOut(OF_FIVE_MINUTES),
      above: 0,
      description: 'A rollback took more than its two days: look why',
    },
  ];
}
