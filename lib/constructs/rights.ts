/**
 * What functions may do in EC2, EBS and load balancing. Everything goes by the stack's tag: it must be given when
 * something is made, borne by whatever is used or destroyed, and can never be put on or taken off afterwards.
 */
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { nodeRolePath, STACK_TAG_KEY } from '../names.ts';

type Grantee = iam.IGrantable & IConstruct;

const EBS_KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*', 'kms:DescribeKey'];

export class Rights {
  private readonly stack: Stack;
  private readonly tag: string;

  constructor(scope: IConstruct, controlPlane: string) {
    this.stack = Stack.of(scope);
    this.tag = controlPlane;
  }

  private get bears() {
    return { StringEquals: { [`aws:ResourceTag/${STACK_TAG_KEY}`]: this.tag } };
  }

  private get gets() {
    return { [`aws:RequestTag/${STACK_TAG_KEY}`]: this.tag };
  }

  private ec2(resource: string): string {
    return this.stack.formatArn({ service: 'ec2', resource, resourceName: '*' });
  }

  /** Images and snapshots have no account in their ARN (AWS: service authorization reference of EC2). */
  private ec2Public(resource: 'image' | 'snapshot'): string {
    return this.stack.formatArn({ service: 'ec2', account: '', resource, resourceName: '*' });
  }

  private balancing(...resources: string[]): string[] {
    return resources.map((resource) => this.stack.formatArn({ service: 'elasticloadbalancing', resource, resourceName: '*' }));
  }

  /** EC2 and ELB have no resource-level rights for descriptions. */
  describe(grantee: Grantee, ...actions: string[]): void {
    allow(grantee, actions, ['*']);
  }

  launchNodes(grantee: Grantee): void {
    const fromTemplate = { ArnLike: { 'ec2:LaunchTemplate': this.ec2('launch-template') } };
    allow(grantee, ['ec2:RunInstances'], [this.ec2('instance')], { StringEquals: this.gets, ...fromTemplate });
    allow(grantee, ['ec2:RunInstances'], [this.ec2('volume'), this.ec2('network-interface'), this.ec2('subnet')]);
    const ours = [this.ec2('launch-template'), this.ec2('security-group'), this.ec2Public('image'), this.ec2Public('snapshot')];
    allow(grantee, ['ec2:RunInstances'], ours, this.bears);
    this.tagAtCreation(grantee, ['RunInstances'], [this.ec2('instance'), this.ec2('volume'), this.ec2('network-interface')]);
    allow(grantee, ['iam:PassRole'], [this.nodeRoles()], { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } });
    this.useVolumeKeys(grantee);
  }

  terminateNodes(grantee: Grantee): void {
    allow(grantee, ['ec2:TerminateInstances'], [this.ec2('instance')], this.bears);
  }

  bakeImages(grantee: Grantee): void {
    const snapshots = this.ec2Public('snapshot');
    const images = this.ec2Public('image');
    allow(grantee, ['ebs:StartSnapshot'], [snapshots], { StringEquals: this.gets });
    allow(grantee, ['ebs:PutSnapshotBlock', 'ebs:CompleteSnapshot'], [snapshots], this.bears);
    allow(grantee, ['ec2:RegisterImage'], [images], { StringEquals: this.gets });
    allow(grantee, ['ec2:RegisterImage'], [snapshots], this.bears);
    this.tagAtCreation(grantee, ['RegisterImage'], [images]);
    this.tagAtCreation(grantee, ['StartSnapshot', 'CreateSnapshot'], [snapshots]);
    this.useVolumeKeys(grantee);
  }

  removeImages(grantee: Grantee): void {
    allow(grantee, ['ec2:DeregisterImage'], [this.ec2Public('image')], this.bears);
    allow(grantee, ['ec2:DeleteSnapshot'], [this.ec2Public('snapshot')], this.bears);
  }

  joinGroups(grantee: Grantee): void {
    allow(grantee, ['elasticloadbalancing:RegisterTargets'], this.balancing('targetgroup'), this.bears);
  }

  leaveGroups(grantee: Grantee): void {
    allow(grantee, ['elasticloadbalancing:DeregisterTargets'], this.balancing('targetgroup'), this.bears);
  }

  /** The weighted rules of an ALB, and the default action of an NLB, which has no rules. */
  shiftWeights(grantee: Grantee): void {
    const made = { StringEquals: { ...this.gets, 'elasticloadbalancing:CreateAction': 'CreateRule' } };
    const rules = this.balancing('listener-rule/app');
    allow(grantee, ['elasticloadbalancing:CreateRule'], this.balancing('listener/app'), this.bears);
    allow(grantee, ['elasticloadbalancing:AddTags'], rules, made);
    allow(grantee, ['elasticloadbalancing:ModifyRule', 'elasticloadbalancing:DeleteRule'], rules, this.bears);
    allow(grantee, ['elasticloadbalancing:ModifyListener'], this.balancing('listener/net'), this.bears);
  }

  private nodeRoles(): string {
    return this.stack.formatArn({ service: 'iam', region: '', resource: `role${nodeRolePath(this.tag)}*` });
  }

  /** Tags may be given in the call that makes the thing, and never by a call of their own. */
  private tagAtCreation(grantee: Grantee, actions: string[], resources: string[]): void {
    allow(grantee, ['ec2:CreateTags'], resources, { StringEquals: { ...this.gets, 'ec2:CreateAction': actions } });
    deny(grantee, ['ec2:CreateTags'], {
      'ForAnyValue:StringLike': { 'aws:TagKeys': 'tandem:*' },
      Null: { 'ec2:CreateAction': 'true' },
    });
    deny(grantee, ['ec2:DeleteTags'], { 'ForAnyValue:StringLike': { 'aws:TagKeys': 'tandem:*' } });
  }

  /** Where the account encrypts volumes by default with a key of its own; the key's policy still has the last word. */
  private useVolumeKeys(grantee: Grantee): void {
    const keys = [this.stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' })];
    const via = { 'kms:ViaService': ['ec2', 'ebs'].map((service) => `${service}.${this.stack.region}.amazonaws.com`) };
    allow(grantee, EBS_KEY_ACTIONS, keys, { StringEquals: via });
    allow(grantee, ['kms:CreateGrant'], keys, { StringEquals: via, Bool: { 'kms:GrantIsForAWSResource': 'true' } });
  }
}

type Conditions = Record<string, Record<string, string | string[]>>;

export function allow(grantee: iam.IGrantable, actions: string[], resources: string[], conditions: Conditions = {}): void {
  grantee.grantPrincipal.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources, conditions }));
}

function deny(grantee: iam.IGrantable, actions: string[], conditions: Conditions): void {
  grantee.grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({ effect: iam.Effect.DENY, actions, resources: ['*'], conditions }),
  );
}
