import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SERVICES_PATH, workflowName } from '../names.ts';
import { allow, type Grantee } from './grants.ts';
import type { Notices } from './notices.ts';
import type { PrivateBucket } from './private-bucket.ts';
import type { ReleaseTable } from './release-table.ts';
import { Rights } from './rights.ts';

/** The control plane's own things. */
export interface ControlPlaneThings {
  readonly table: ReleaseTable;
  readonly images: PrivateBucket;
  readonly evidence: PrivateBucket;
  readonly logs: PrivateBucket;
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
  | 'ROLLBACK_WORKFLOW'
  | 'REMEDIATE_WORKFLOW';
export type ControlPlaneEnvironment = Readonly<Record<ControlPlaneVariable, string>>;

/** Those that functions start by name. */
export type OwnWorkflow = 'release' | 'rollback' | 'remediate';

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
  workflowArn(workflow: OwnWorkflow): string {
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
      REMEDIATE_WORKFLOW: this.workflowArn('remediate'),
    };
  }

  /** The records, and what the services' stacks declared. */
  grantRecords(grantee: Grantee): void {
    this.things.table.grantRecords(grantee);
    const because = 'Services come and go; each has one parameter below this path, which is for Tandem alone.';
    allow(grantee, { actions: ['ssm:GetParameter'], resources: [this.parameter(`${SERVICES_PATH}/*`)], because });
  }

  /** Slots by the instance that fills them. */
  grantLookup(grantee: Grantee): void {
    this.things.table.grantLookup(grantee);
  }

  /** The names of all services. */
  grantCatalog(grantee: Grantee): void {
    allow(grantee, { actions: ['ssm:GetParametersByPath'], resources: [this.parameter(SERVICES_PATH)] });
  }

  grantExecutions(grantee: Grantee, ...workflows: readonly OwnWorkflow[]): void {
    allow(grantee, { actions: ['states:StartExecution'], resources: workflows.map((one) => this.workflowArn(one)) });
  }

  grantExecutionStates(grantee: Grantee, ...workflows: readonly OwnWorkflow[]): void {
    const executions = (workflow: OwnWorkflow) =>
      this.stack.formatArn({ service: 'states', resource: `execution:${workflowName(this.stack.stackName, workflow)}:*` });
    const because = 'Executions are many; these are those of the workflows whose state is asked.';
    allow(grantee, { actions: ['states:DescribeExecution'], resources: workflows.map(executions), because });
  }

  grantNotices(grantee: Grantee): void {
    allow(grantee, { actions: ['sns:Publish'], resources: [this.things.notices.transitions.topicArn] });
  }

  /** Listing is allowed because S3 answers 403 instead of 404 for a missing object to whom may not list. */
  grantImagesRead(grantee: Grantee): void {
    const { bucket } = this.things.images;
    const because = 'Users upload images of any service and version; the bucket is for them alone.';
    allow(grantee, { actions: ['s3:GetObject', 's3:GetObjectVersion'], resources: [bucket.arnForObjects('*')], because });
    allow(grantee, { actions: ['s3:ListBucket', 's3:ListBucketVersions'], resources: [bucket.bucketArn] });
  }

  /** Says of the parts of a pinned version which checksum S3 has verified. */
  grantImagesParts(grantee: Grantee): void {
    const { bucket } = this.things.images;
    const because = 'Users upload images of any service and version; the bucket is for them alone.';
    allow(grantee, { actions: ['s3:GetObjectVersionAttributes'], resources: [bucket.arnForObjects('*')], because });
  }

  grantWork(grantee: Grantee): void {
    const { bucket } = this.things.evidence;
    const because = 'A bake keeps its digests below this prefix, by release and piece.';
    allow(grantee, { actions: ['s3:GetObject', 's3:PutObject'], resources: [bucket.arnForObjects(`${WORK_PREFIX}*`)], because });
  }

  /** What is kept of failed nodes, and what they left themselves. */
  grantEvidence(grantee: Grantee, may: 'read' | 'write'): void {
    const { bucket } = this.things.evidence;
    const because = 'Each fault has a folder of its own below this prefix.';
    const actions = may === 'write' ? ['s3:GetObject', 's3:PutObject'] : ['s3:GetObject'];
    allow(grantee, { actions, resources: [bucket.arnForObjects('faults/*')], because });
    // Without it S3 answers 403 instead of 404 for what is not there.
    allow(grantee, { actions: ['s3:ListBucket'], resources: [bucket.bucketArn] });
  }

  /** Of nodes that never served. It can add, and not read. */
  grantConsoles(grantee: Grantee): void {
    const because = 'Each node that failed has a folder of its own below this prefix.';
    const resources = [this.things.evidence.bucket.arnForObjects('faults/*/console-latest.txt')];
    allow(grantee, { actions: ['s3:PutObject'], resources, because });
  }

  grantNodeReports(grantee: Grantee): void {
    const because = 'Each node leaves its reports below its own name.';
    allow(grantee, { actions: ['s3:GetObject'], resources: [this.things.evidence.bucket.arnForObjects('nodes/*')], because });
  }

  grantAccessLogs(grantee: Grantee): void {
    const { bucket } = this.things.logs;
    const because = 'Load balancers write their logs below this prefix, by service and day.';
    allow(grantee, { actions: ['s3:GetObject'], resources: [bucket.arnForObjects('elb/*')], because });
    allow(grantee, { actions: ['s3:ListBucket'], resources: [bucket.bucketArn] });
  }

  private parameter(name: string): string {
    return this.stack.formatArn({ service: 'ssm', resource: `parameter${name}` });
  }
}
