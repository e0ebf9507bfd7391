import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ContractFunction } from './contract-function.ts';
import type { ControlPlaneFunctions } from './control-plane-functions.ts';
import type { PrivateBucket } from './private-bucket.ts';

export interface ControlPlaneEventsProps {
  readonly functions: ControlPlaneFunctions;
  readonly images: PrivateBucket;
  /** By ARN: the rule must not wait for the workflow, nor the workflow for the rule. */
  readonly releaseWorkflowArn: string;
  readonly deadLetters: sqs.IQueue;
}

/** As long and as often as EventBridge can: nobody sends these events again. */
const UNTIL_TAKEN = { maxEventAge: Duration.hours(24), retryAttempts: 185 };
/** The next sweep is a minute away: after an outage those that were missed would only stand in its way. */
const WHILE_FRESH = { maxEventAge: Duration.minutes(3), retryAttempts: 2 };

/** What they tell, the sweep finds within minutes; but the sooner the better. */
const UNTIL_SWEPT = { maxEventAge: Duration.hours(1), retryAttempts: 20 };

/** What starts the functions that no workflow calls. */
export class ControlPlaneEvents extends Construct {
  constructor(scope: Construct, id: string, props: ControlPlaneEventsProps) {
    super(scope, id);
    const { functions, images, deadLetters } = props;
    this.rule(
      'ImageUploaded',
      functions.admitImage,
      { deadLetterQueue: deadLetters, ...UNTIL_TAKEN },
      {
        description: 'An image or a manifest was uploaded: admit it',
        eventPattern: {
          source: ['aws.s3'],
          detailType: ['Object Created'],
          detail: { bucket: { name: [images.bucket.bucketName] } },
        },
      },
    );
    this.rule(
      'ReleaseDied',
      functions.beginRollback,
      { deadLetterQueue: deadLetters, ...UNTIL_TAKEN },
      {
        description: 'A release failed, timed out or was stopped: begin its rollback',
        eventPattern: {
          source: ['aws.states'],
          detailType: ['Step Functions Execution Status Change'],
          detail: { stateMachineArn: [props.releaseWorkflowArn], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
        },
      },
    );
    this.nodeRules(functions, deadLetters);
    this.rule(
      'EveryMinute',
      functions.sweep,
      { deadLetterQueue: deadLetters, ...WHILE_FRESH },
      {
        description: 'Desired against actual, every minute',
        schedule: events.Schedule.rate(Duration.minutes(1)),
      },
    );
  }

  /** Events of EC2 have no tags: these are of all instances and alarms of the account, and the door knows which are ours. */
  private nodeRules({ door }: ControlPlaneFunctions, deadLetterQueue: sqs.IQueue): void {
    this.rule(
      'NodeEnded',
      door,
      { deadLetterQueue, ...UNTIL_SWEPT },
      {
        description: 'An instance stops or ends: if it is a node and we did not order it, replace it',
        eventPattern: {
          source: ['aws.ec2'],
          detailType: ['EC2 Instance State-change Notification'],
          detail: { state: ['stopping', 'stopped', 'shutting-down', 'terminated'] },
        },
      },
    );
    this.rule(
      'NodesUnhealthy',
      door,
      { deadLetterQueue, ...UNTIL_SWEPT },
      {
        description: 'A group has unhealthy nodes: find which, and replace them',
        eventPattern: {
          source: ['aws.cloudwatch'],
          detailType: ['CloudWatch Alarm State Change'],
          detail: {
            state: { value: ['ALARM'] },
            configuration: { metrics: { metricStat: { metric: { name: ['UnHealthyHostCount'] } } } },
          },
        },
      },
    );
  }

  private rule(id: string, target: ContractFunction, delivery: targets.TargetBaseProps, props: events.RuleProps): void {
    const rule = new events.Rule(this, id, props);
    rule.addTarget(new targets.LambdaFunction(target.function, delivery));
  }
}
