import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ServiceFile } from '../../core/service/service-file.ts';
import type { Notices } from './notices.ts';
import { byGroup, title, type ServiceBalancer } from './service-balancer.ts';

export interface ServiceAlarmsProps {
  readonly file: ServiceFile;
  readonly balancer: ServiceBalancer;
  readonly notices: Notices;
}

/** Unhealthy nodes, one alarm a group. */
export class ServiceAlarms extends Construct {
  constructor(scope: Construct, id: string, { file, balancer, notices }: ServiceAlarmsProps) {
    super(scope, id);
    const { metrics } = balancer.resources;
    byGroup((group) => {
      const metric = new cloudwatch.Metric({
        namespace: file.protocol === 'http' ? 'AWS/ApplicationELB' : 'AWS/NetworkELB',
        metricName: 'UnHealthyHostCount',
        dimensionsMap: { LoadBalancer: metrics.loadBalancer, TargetGroup: metrics.targetGroups[group] },
        period: Duration.minutes(1),
        statistic: 'Maximum',
      });
      const alarm = new cloudwatch.Alarm(this, `Unhealthy${title(group)}`, {
        metric,
        threshold: 0,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 2,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        alarmDescription: `Unhealthy nodes of ${file.name} in group ${group}: they are replaced. If it stays, see docs/remediation.md#when-you-are-called`,
      });
      notices.announce(alarm);
    });
  }
}
