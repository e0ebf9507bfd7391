import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';

/** What operators subscribe to: releases' transitions, and alarms. */
export class Notices extends Construct {
  readonly transitions: sns.Topic;
  readonly alarms: sns.Topic;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const masterKey = kms.Alias.fromAliasName(this, 'SnsKey', 'alias/aws/sns');
    this.transitions = new sns.Topic(this, 'Transitions', { masterKey, enforceSSL: true });
    // CloudWatch cannot publish to a topic encrypted with the key AWS manages (its policy cannot be extended), so this one
    // has none; an alarm's text says nothing secret.
    this.alarms = new sns.Topic(this, 'Alarms', { enforceSSL: true });
    this.alarms.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.alarms.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
  }

  announce(alarm: Alarm): void {
    alarm.addAlarmAction(new cloudwatch.SnsAction(this.alarms));
    alarm.addOkAction(new cloudwatch.SnsAction(this.alarms));
  }

  /** For an alarm whose trouble is that its metric has no data. */
  announceSilence(alarm: Alarm): void {
    this.announce(alarm);
    alarm.addInsufficientDataAction(new cloudwatch.SnsAction(this.alarms));
  }
}
