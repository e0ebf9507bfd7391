import { Duration } from 'aws-cdk-lib';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { admitImage } from '../../lambdas/admit-image/contract.ts';
import { bakeImage, BAKE_SEMI_SPACE_MIB } from '../../lambdas/bake-image/contract.ts';
import { beginRollback } from '../../lambdas/begin-rollback/contract.ts';
import { checkNodes } from '../../lambdas/check-nodes/contract.ts';
import { judgeRelease } from '../../lambdas/judge-release/contract.ts';
import { launchNodes } from '../../lambdas/launch-nodes/contract.ts';
import { order } from '../../lambdas/order/contract.ts';
import { recordStage } from '../../lambdas/record-stage/contract.ts';
import { retireNodes } from '../../lambdas/retire-nodes/contract.ts';
import { captureEvidence } from '../../lambdas/capture-evidence/contract.ts';
import { door } from '../../lambdas/door/contract.ts';
import { launchReplacement } from '../../lambdas/launch-replacement/contract.ts';
import { recordFault } from '../../lambdas/record-fault/contract.ts';
import { releaseNode } from '../../lambdas/release-node/contract.ts';
import { tendReplacement } from '../../lambdas/tend-replacement/contract.ts';
import type { Contract } from '../../lambdas/shared/contract.ts';
import { shiftTraffic } from '../../lambdas/shift-traffic/contract.ts';
import { sweep } from '../../lambdas/sweep/contract.ts';
import { ContractFunction, type FunctionSize } from './contract-function.ts';
import type { ControlPlaneAccess, ControlPlaneVariable } from './control-plane-access.ts';

const SMALL: FunctionSize = { memoryMiB: 512, timeout: Duration.seconds(60) };
/** Streams one piece of an image through memory: the network is what it waits for, and that grows with the memory. */
const BAKE: FunctionSize = { memoryMiB: 2048, timeout: Duration.minutes(15), semiSpaceMiB: BAKE_SEMI_SPACE_MIB };
/** One at a time, and always one: two sweeps would see each other's work half done. */
const SWEEP: FunctionSize = { memoryMiB: 512, timeout: Duration.minutes(5), reservedConcurrency: 1 };

/**
 * When a fleet dies at once: so many of its nodes are condemned side by side, and the rest wait in Lambda's queue; but those
 * few always find room, whatever else the account runs.
 */
const DOOR: FunctionSize = { memoryMiB: 512, timeout: Duration.seconds(60), reservedConcurrency: 5 };
const EVIDENCE: FunctionSize = { memoryMiB: 1024, timeout: Duration.seconds(60) };

export interface ControlPlaneFunctionsProps {
  readonly bundles: string;
  readonly access: ControlPlaneAccess;
  readonly deadLetters: sqs.IQueue;
}

/** The functions of the control plane, each with the rights of its duty and no others. */
export class ControlPlaneFunctions extends Construct {
  readonly admitImage;
  readonly bakeImage;
  readonly beginRollback;
  readonly checkNodes;
  readonly judgeRelease;
  readonly launchNodes;
  readonly order;
  readonly recordStage;
  readonly retireNodes;
  readonly shiftTraffic;
  readonly sweep;
  readonly captureEvidence;
  readonly door;
  readonly launchReplacement;
  readonly recordFault;
  readonly releaseNode;
  readonly tendReplacement;
  private readonly props: ControlPlaneFunctionsProps;

  constructor(scope: Construct, id: string, props: ControlPlaneFunctionsProps) {
    super(scope, id);
    this.props = props;
    this.admitImage = this.make('AdmitImage', admitImage, SMALL);
    this.bakeImage = this.make('BakeImage', bakeImage, BAKE);
    this.beginRollback = this.make('BeginRollback', beginRollback, SMALL);
    this.checkNodes = this.make('CheckNodes', checkNodes, SMALL);
    this.judgeRelease = this.make('JudgeRelease', judgeRelease, SMALL);
    this.launchNodes = this.make('LaunchNodes', launchNodes, SMALL);
    this.order = this.make('Order', order, SMALL);
    this.recordStage = this.make('RecordStage', recordStage, SMALL);
    this.retireNodes = this.make('RetireNodes', retireNodes, SMALL);
    this.shiftTraffic = this.make('ShiftTraffic', shiftTraffic, SMALL);
    this.sweep = this.make('Sweep', sweep, SWEEP);
    this.captureEvidence = this.make('CaptureEvidence', captureEvidence, EVIDENCE);
    this.door = this.make('Door', door, DOOR);
    this.launchReplacement = this.make('LaunchReplacement', launchReplacement, SMALL);
    this.recordFault = this.make('RecordFault', recordFault, SMALL);
    this.releaseNode = this.make('ReleaseNode', releaseNode, SMALL);
    this.tendReplacement = this.make('TendReplacement', tendReplacement, SMALL);
    this.grant();
  }

  get all(): readonly ContractFunction[] {
    return this.node.children.filter((child) => child instanceof ContractFunction);
  }

  private make<C extends Contract<readonly ControlPlaneVariable[]>>(
    id: string,
    contract: C,
    size: FunctionSize,
  ): ContractFunction<C> {
    const { bundles, access, deadLetters } = this.props;
    return new ContractFunction(this, id, { contract, environment: access.environment, size, bundles, deadLetters });
  }

  private grant(): void {
    const { access } = this.props;
    for (const one of this.all) access.grantRecords(one);
    access.grantCatalog(this.sweep);
    access.grantExecutionStates(this.sweep, 'release', 'rollback', 'remediate');
    for (const one of [this.admitImage, this.beginRollback, this.order, this.recordStage, this.recordFault])
      access.grantExecutions(one, 'release', 'rollback');
    access.grantExecutions(this.sweep, 'release', 'rollback', 'remediate');
    for (const one of [this.admitImage, this.judgeRelease, this.order, this.recordStage, this.sweep]) access.grantNotices(one);
    this.grantRemediation();
    access.grantImagesRead(this.admitImage);
    this.grantBaking();
    this.grantNodes();
    this.grantTraffic();
    this.props.access.rights.describe(this.judgeRelease, 'cloudwatch:GetMetricData');
  }

  private grantBaking(): void {
    const { access } = this.props;
    access.grantImagesRead(this.bakeImage);
    access.grantImagesParts(this.bakeImage);
    access.grantWork(this.bakeImage);
    access.rights.bakeImages(this.bakeImage);
    for (const one of [this.bakeImage, this.sweep]) {
      access.rights.removeImages(one);
      access.rights.describe(one, 'ec2:DescribeImages', 'ec2:DescribeSnapshots');
    }
  }

  private grantRemediation(): void {
    const { access } = this.props;
    const { rights } = access;
    for (const one of [this.door, this.launchReplacement, this.recordFault]) access.grantNotices(one);
    access.grantCatalog(this.door);
    for (const one of [this.door, this.retireNodes]) access.grantExecutions(one, 'remediate');
    access.grantExecutionStates(this.door, 'remediate');
    for (const one of [this.door, this.sweep]) {
      access.grantLookup(one);
      rights.glance(one);
    }
    rights.launchNodes(this.launchReplacement);
    rights.terminateNodes(this.releaseNode);
    rights.joinGroups(this.tendReplacement);
    rights.joinGroups(this.sweep);
    for (const one of [this.tendReplacement, this.releaseNode]) rights.leaveGroups(one);
    for (const one of [this.tendReplacement, this.releaseNode, this.captureEvidence])
      rights.describe(one, 'ec2:DescribeInstances');
    access.grantEvidence(this.recordFault, 'read');
    this.grantCapture();
  }

  private grantCapture(): void {
    const { access } = this.props;
    const one = this.captureEvidence;
    access.rights.takeEvidence(one);
    access.rights.describe(one, 'ec2:DescribeInstanceStatus', 'ec2:DescribeSnapshots', 'cloudwatch:GetMetricData');
    access.grantEvidence(one, 'write');
    access.grantNodeReports(one);
    access.grantAccessLogs(one);
  }

  private grantNodes(): void {
    const { rights } = this.props.access;
    for (const one of [this.launchNodes, this.checkNodes, this.retireNodes, this.sweep]) {
      rights.describe(one, 'ec2:DescribeInstances');
    }
    rights.describe(this.recordStage, 'ec2:DescribeInstances', 'ec2:DescribeInstanceTypes', 'servicequotas:GetServiceQuota');
    rights.glance(this.checkNodes);
    this.props.access.grantConsoles(this.checkNodes);
    rights.launchNodes(this.launchNodes);
    rights.describe(this.sweep, 'ec2:DescribeInstanceStatus');
    rights.terminateNodes(this.retireNodes);
    rights.terminateNodes(this.sweep);
  }

  private grantTraffic(): void {
    const { rights } = this.props.access;
    const { tendReplacement, releaseNode, captureEvidence, door } = this;
    for (const one of [this.checkNodes, this.judgeRelease, this.retireNodes, this.shiftTraffic, this.sweep]) {
      rights.describe(one, 'elasticloadbalancing:DescribeTargetHealth');
    }
    for (const one of [tendReplacement, releaseNode, captureEvidence, door])
      rights.describe(one, 'elasticloadbalancing:DescribeTargetHealth');
    rights.joinGroups(this.checkNodes);
    rights.leaveGroups(this.retireNodes);
    rights.leaveGroups(this.sweep);
    for (const one of [this.shiftTraffic, this.sweep, door, tendReplacement]) {
      rights.describe(one, 'elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeListeners');
      rights.shiftWeights(one);
    }
  }
}
