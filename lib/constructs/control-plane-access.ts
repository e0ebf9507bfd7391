import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { SERVICES_PATH, workflowName } from '../names.ts';
import type { Notices } from './notices.ts';
import type { PrivateBucket } from './private-bucket.ts';
import type { ReleaseTable } from './release-table.ts';
import { allow, Rights } from './rights.ts';

/** The control plane's own things. */
export interface ControlPlaneThings {
  readonly table: ReleaseTable;
  readonly images: PrivateBucket;
  readonly evidence: PrivateBucket;
  readonly notices: Notices;
}

/** Prefix in the evidence bucket where a bake keeps the digests of its pieces until it is sealed. */
export const WORK_PREFIX = 'bakes/';

/** Every variable the control plane has for its functions; a contract names those it wants. */
export type ControlPlaneVariable =
  | 'TABLE'
  | 'SERVICES_PATH'
  | 'STACK_TAG'
  | 'IMAGES_BUCKET'
  | 'WORK_BUCKET'
  | 'NOTICES_TOPIC'
  | 'RELEASE_WORKFLOW'
  | 'ROLLBACK_WORKFLOW';
export type ControlPlaneEnvironment = Readonly<Record<ControlPlaneVariable, string>>;

/** What a function may know and reach: environment by contract, rights by duty. */
export class ControlPlaneAccess {
  readonly rights: Rights;
  private readonly stack: Stack;
  private readonly things: ControlPlaneThings;

  constructor(scope: Construct, things: ControlPlaneThings) {
    this.stack = Stack.of(scope);
    this.rights = new Rights(scope, this.stack.stackName);
    this.things = things;
  }

  /** By name, because the workflows refer to the functions' versions: a reference back would be a circle. */
  workflowArn(workflow: 'release' | 'rollback'): string {
    return this.stack.formatArn({
      service: 'states',
      resource: `stateMachine:${workflowName(this.stack.stackName, workflow)}`,
    });
  }

  get environment(): ControlPlaneEnvironment {
    const { table, images, evidence, notices } = this.things;
    return {
      TABLE: table.tableName,
      SERVICES_PATH,
      STACK_TAG: this.stack.stackName,
      IMAGES_BUCKET: images.bucket.bucketName,
      WORK_BUCKET: evidence.bucket.bucketName,
      NOTICES_TOPIC: notices.transitions.topicArn,
      RELEASE_WORKFLOW: this.workflowArn('release'),
      ROLLBACK_WORKFLOW: this.workflowArn('rollback'),
    };
  }

  /** The records, and what the services' stacks declared. */
  grantRecords(grantee: iam.IGrantable): void {
    this.things.table.grantRecords(grantee);
    const parameter = (name: string) => this.stack.formatArn({ service: 'ssm', resource: `parameter${name}` });
    allow(grantee, ['ssm:GetParameter', 'ssm:GetParametersByPath'], [parameter(SERVICES_PATH), parameter(`${SERVICES_PATH}/*`)]);
  }

  grantExecutions(grantee: iam.IGrantable): void {
    allow(grantee, ['states:StartExecution'], [this.workflowArn('release'), this.workflowArn('rollback')]);
    const executions = (workflow: 'release' | 'rollback') =>
      this.stack.formatArn({ service: 'states', resource: `execution:${workflowName(this.stack.stackName, workflow)}:*` });
    allow(grantee, ['states:DescribeExecution'], [executions('release'), executions('rollback')]);
  }

  grantNotices(grantee: iam.IGrantable): void {
    this.things.notices.grantPublish(grantee);
  }

  /** Listing is allowed because S3 answers 403 instead of 404 for a missing object to whom may not list. */
  grantImagesRead(grantee: iam.IGrantable): void {
    const { bucket } = this.things.images;
    allow(grantee, ['s3:GetObject', 's3:GetObjectVersion'], [bucket.arnForObjects('*')]);
    allow(grantee, ['s3:ListBucket', 's3:ListBucketVersions'], [bucket.bucketArn]);
  }

  grantWork(grantee: iam.IGrantable): void {
    const { bucket } = this.things.evidence;
    allow(grantee, ['s3:GetObject', 's3:PutObject'], [bucket.arnForObjects(`${WORK_PREFIX}*`)]);
  }
}
