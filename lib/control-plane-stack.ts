import { Duration, RemovalPolicy, Stack, Tags, type StackProps } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { bundlesFolder } from './bundles.ts';
import { ControlPlaneAccess, WORK_PREFIX } from './constructs/control-plane-access.ts';
import { ControlPlaneAlarms } from './constructs/control-plane-alarms.ts';
import { ControlPlaneEvents } from './constructs/control-plane-events.ts';
import { ControlPlaneFunctions } from './constructs/control-plane-functions.ts';
import { ControlPlaneWorkflows } from './constructs/control-plane-workflows.ts';
import { Notices } from './constructs/notices.ts';
import { LogsBucket, PrivateBucket } from './constructs/private-bucket.ts';
import { ReleaseTable } from './constructs/release-table.ts';
import { CONTROL_PLANE_PARAMETER, STACK_TAG_KEY } from './names.ts';

export interface ControlPlaneStackProps extends StackProps {
  /** Folder of the functions' bundles; by default those of this package. */
  readonly bundles?: string;
}

/** Everything that moves releases. The same whatever services there are. */
export class ControlPlaneStack extends Stack {
  readonly logs: LogsBucket;
  private readonly evidence: PrivateBucket;
  readonly notices: Notices;
  private readonly images: PrivateBucket;

  constructor(scope: Construct, id: string, props: ControlPlaneStackProps = {}) {
    super(scope, id, { description: 'Tandem: the control plane', ...props });
    Tags.of(this).add(STACK_TAG_KEY, this.stackName);
    this.logs = new LogsBucket(this, 'Logs');
    this.images = new PrivateBucket(this, 'Images', { accessLogs: this.logs, announces: true });
    this.evidence = new PrivateBucket(this, 'Evidence', {
      accessLogs: this.logs,
      lifecycleRules: [{ prefix: WORK_PREFIX, expiration: Duration.days(1), noncurrentVersionExpiration: Duration.days(1) }],
    });
    const table = new ReleaseTable(this, 'Releases');
    this.notices = new Notices(this, 'Notices');
    const deadLetters = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const things = { table, images: this.images, evidence: this.evidence, logs: this.logs, notices: this.notices };
    const access = new ControlPlaneAccess(this, things);
    const functions = new ControlPlaneFunctions(this, 'Functions', {
      bundles: props.bundles ?? bundlesFolder(),
      access,
      deadLetters,
    });
    const workflows = new ControlPlaneWorkflows(this, 'Workflows', { functions, access });
    const releaseWorkflowArn = access.workflowArn('release');
    new ControlPlaneEvents(this, 'Events', { functions, images: this.images, releaseWorkflowArn, deadLetters });
    new ControlPlaneAlarms(this, 'ControlPlaneAlarms', { functions, workflows, deadLetters, notices: this.notices });
    this.publishFacts({ table, functions, workflows });
  }

  /** For the services' stacks. */
  get exportedEvidenceArn(): string {
    return this.exportValue(this.evidence.bucket.bucketArn);
  }

  get exportedEvidenceBucket(): string {
    return this.exportValue(this.evidence.bucket.bucketName);
  }

  /** What the command line needs to find everything. */
  private publishFacts(parts: { table: ReleaseTable; functions: ControlPlaneFunctions; workflows: ControlPlaneWorkflows }): void {
    const { table, functions, workflows } = parts;
    new ssm.StringParameter(this, 'Facts', {
      parameterName: CONTROL_PLANE_PARAMETER,
      description: 'Where the Tandem control plane has its things',
      stringValue: this.toJsonString({
        stack: this.stackName,
        region: this.region,
        table: table.tableName,
        imagesBucket: this.images.bucket.bucketName,
        evidenceBucket: this.evidence.bucket.bucketName,
        releaseWorkflow: workflows.release.arn,
        rollbackWorkflow: workflows.rollback.arn,
        remediateWorkflow: workflows.remediate.arn,
        bakeWorkflow: workflows.bake.arn,
        orderFunction: functions.order.function.functionName,
        doorFunction: functions.door.function.functionName,
        noticesTopic: this.notices.transitions.topicArn,
      }),
    });
  }
}
