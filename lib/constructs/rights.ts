/**
 * What functions may do in EC2, EBS and load balancing. Everything goes by the stack's tag: it must be given when
 * something is made, borne by whatever is used or destroyed, and can never be put on or taken off afterwards.
 */
import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { nodeRolePath, STACK_TAG_KEY } from '../names.ts';
import { allow, deny, type Grantee } from './grants.ts';

const BY_TAG =
  'Their names are not known before they are made; the condition on the tag of this control plane limits it to its own.';
const NEW = 'What a launch makes has no name before it; the launch itself is limited to own launch templates and own images.';
const NEW_SNAPSHOT =
  'A snapshot has no name before it is made; it must be given the tag of this control plane, and bear none of any yet.';
const OUR_TAGS = { 'ForAnyValue:StringLike': { 'aws:TagKeys': 'tandem:*' } };

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

  private balancing(resource: string): string {
    return this.stack.formatArn({ service: 'elasticloadbalancing', resource, resourceName: '*' });
  }

  describe(grantee: Grantee, ...actions: string[]): void {
    const because = 'AWS has no resource-level rights for descriptions, metrics and quotas of this kind; they change nothing.';
    allow(grantee, { actions, resources: ['*'], because });
  }

  launchNodes(grantee: Grantee): void {
    const actions = ['ec2:RunInstances'];
    const instance = this.ec2('instance');
    const fromTemplate = { ArnLike: { 'ec2:LaunchTemplate': this.ec2('launch-template') } };
    allow(grantee, { actions, resources: [instance], conditions: { StringEquals: this.gets, ...fromTemplate }, because: BY_TAG });
    const made = [this.ec2('volume'), this.ec2('network-interface'), this.ec2('subnet')];
    allow(grantee, { actions, resources: made, because: NEW });
    const used = [this.ec2('launch-template'), this.ec2('security-group'), this.ec2Public('image'), this.ec2Public('snapshot')];
    allow(grantee, { actions, resources: used, conditions: this.bears, because: BY_TAG });
    this.tagAtCreation(grantee, ['RunInstances'], [instance, this.ec2('volume'), this.ec2('network-interface')]);
    this.passNodeRoles(grantee);
    this.useVolumeKeys(grantee);
  }

  terminateNodes(grantee: Grantee): void {
    this.onTagged(grantee, ['ec2:TerminateInstances'], this.ec2('instance'));
  }

  bakeImages(grantee: Grantee): void {
    const snapshots = this.ec2Public('snapshot');
    const images = this.ec2Public('image');
    allow(grantee, {
      actions: ['ebs:StartSnapshot'],
      resources: [snapshots],
      conditions: { StringEquals: this.gets },
      because: BY_TAG,
    });
    this.onTagged(grantee, ['ebs:PutSnapshotBlock', 'ebs:CompleteSnapshot', 'ec2:RegisterImage'], snapshots);
    allow(grantee, {
      actions: ['ec2:RegisterImage'],
      resources: [images],
      conditions: { StringEquals: this.gets },
      because: BY_TAG,
    });
    this.tagAtCreation(grantee, ['RegisterImage'], [images], snapshots);
    this.tagSnapshots(grantee, snapshots);
    this.useVolumeKeys(grantee);
  }

  removeImages(grantee: Grantee): void {
    this.onTagged(grantee, ['ec2:DeregisterImage'], this.ec2Public('image'));
    this.onTagged(grantee, ['ec2:DeleteSnapshot'], this.ec2Public('snapshot'));
  }

  /** What a failed node has to tell: its console and screen, and its volumes as snapshots. */
  takeEvidence(grantee: Grantee): void {
    const [instance, volume, snapshot] = [this.ec2('instance'), this.ec2('volume'), this.ec2Public('snapshot')];
    this.glance(grantee);
    this.onTagged(grantee, ['ec2:GetConsoleScreenshot', 'ec2:SendDiagnosticInterrupt', 'ec2:CreateSnapshots'], instance);
    this.onTagged(grantee, ['ec2:CreateSnapshots'], volume);
    const conditions = { StringEquals: this.gets };
    allow(grantee, { actions: ['ec2:CreateSnapshots'], resources: [snapshot], conditions, because: NEW_SNAPSHOT });
    this.tagAtCreation(grantee, ['CreateSnapshots'], [snapshot]);
    this.onTagged(grantee, ['ebs:ListSnapshotBlocks', 'ebs:GetSnapshotBlock'], snapshot);
    this.useVolumeKeys(grantee);
  }

  glance(grantee: Grantee): void {
    this.onTagged(grantee, ['ec2:GetConsoleOutput'], this.ec2('instance'));
  }

  joinGroups(grantee: Grantee): void {
    this.onTagged(grantee, ['elasticloadbalancing:RegisterTargets'], this.balancing('targetgroup'));
  }

  leaveGroups(grantee: Grantee): void {
    this.onTagged(grantee, ['elasticloadbalancing:DeregisterTargets'], this.balancing('targetgroup'));
  }

  /** The weighted rules of an ALB, and the default action of an NLB, which has no rules. */
  shiftWeights(grantee: Grantee): void {
    const rules = this.balancing('listener-rule/app');
    this.onTagged(grantee, ['elasticloadbalancing:CreateRule'], this.balancing('listener/app'));
    allow(grantee, {
      actions: ['elasticloadbalancing:AddTags'],
      resources: [rules],
      conditions: { StringEquals: { ...this.gets, 'elasticloadbalancing:CreateAction': 'CreateRule' } },
      because: BY_TAG,
    });
    this.onTagged(grantee, ['elasticloadbalancing:ModifyRule', 'elasticloadbalancing:DeleteRule'], rules);
    this.onTagged(grantee, ['elasticloadbalancing:ModifyListener'], this.balancing('listener/net'));
  }

  private onTagged(grantee: Grantee, actions: readonly string[], resource: string): void {
    allow(grantee, { actions, resources: [resource], conditions: this.bears, because: BY_TAG });
  }

  private passNodeRoles(grantee: Grantee): void {
    allow(grantee, {
      actions: ['iam:PassRole'],
      resources: [this.stack.formatArn({ service: 'iam', region: '', resource: `role${nodeRolePath(this.tag)}*` })],
      conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
      because: "The role of each service's Linux nodes is made by its own stack, below this path, which is for them alone.",
    });
  }

  /** Tags may be given in the call that makes the thing, and never by a call of their own (to the excepted, see there). */
  private tagAtCreation(grantee: Grantee, makers: readonly string[], resources: readonly string[], except?: string): void {
    const conditions = { StringEquals: { ...this.gets, 'ec2:CreateAction': makers } };
    allow(grantee, { actions: ['ec2:CreateTags'], resources, conditions, because: NEW });
    const byItself = { ...OUR_TAGS, Null: { 'ec2:CreateAction': 'true' } };
    deny(grantee, ['ec2:CreateTags'], byItself, except === undefined ? {} : { notResources: [except] });
    deny(grantee, ['ec2:DeleteTags'], OUR_TAGS);
  }

  /**
   * StartSnapshot belongs to EBS direct, and no documentation says that EC2 is told a CreateAction for it; nobody has
   * seen it on AWS yet. If there is none, tags are let on a snapshot that bears no tag of a control plane so far, as a
   * new one does: else every bake would be denied at its first call. One that bears it is never tagged again.
   */
  private tagSnapshots(grantee: Grantee, snapshots: string): void {
    const stack = `aws:ResourceTag/${STACK_TAG_KEY}`;
    const [actions, resources] = [['ec2:CreateTags'], [snapshots]];
    const told = { StringEquals: { ...this.gets, 'ec2:CreateAction': ['StartSnapshot', 'CreateSnapshot'] } };
    allow(grantee, { actions, resources, conditions: told, because: NEW_SNAPSHOT });
    const untold = { StringEquals: this.gets, Null: { 'ec2:CreateAction': 'true', [stack]: 'true' } };
    allow(grantee, { actions, resources, conditions: untold, because: NEW_SNAPSHOT });
    const again = { ...OUR_TAGS, Null: { 'ec2:CreateAction': 'true', [stack]: 'false' } };
    deny(grantee, actions, again, { resources });
  }

  /** Where the account encrypts volumes by default with a key of its own; the key's policy still has the last word. */
  private useVolumeKeys(grantee: Grantee): void {
    const resources = [this.stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' })];
    const via = { 'kms:ViaService': ['ec2', 'ebs'].map((service) => `${service}.${this.stack.region}.amazonaws.com`) };
    const because = 'Which key encrypts volumes by default is set in the account; it can be used through EBS only.';
    const actions = [
      'Decrypt',
      'DescribeKey',
      'GenerateDataKey',
      'GenerateDataKeyWithoutPlaintext',
      'ReEncryptFrom',
      'ReEncryptTo',
    ];
    allow(grantee, { actions: actions.map((name) => `kms:${name}`), resources, conditions: { StringEquals: via }, because });
    const forAws = { StringEquals: via, Bool: { 'kms:GrantIsForAWSResource': 'true' } };
    allow(grantee, { actions: ['kms:CreateGrant'], resources, conditions: forAws, because });
  }
}
