import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { prober } from '../../lambdas/prober/contract.ts';
import type { Contract } from '../../lambdas/shared/contract.ts';
import { proberName, SERVICES_PATH, workflowName } from '../names.ts';
import { bakeWorkflow } from '../workflows/bake.ts';
import type { Children, FunctionOf, RemediationFunctions, WorkflowFunctions } from '../workflows/callables.ts';
import { remediateWorkflow } from '../workflows/remediate.ts';
import { releaseWorkflow } from '../workflows/release.ts';
import { rollbackWorkflow } from '../workflows/rollback.ts';
import * as runs from '../workflows/runs.ts';
import * as sdkCalls from '../workflows/sdk-calls.ts';
import * as timeouts from '../workflows/timeouts.ts';
import { watchHealthWorkflow } from '../workflows/watch-health.ts';
import { watchReleaseWorkflow } from '../workflows/watch-release.ts';
import type { Workflow } from '../workflows/asl.ts';
import type { Callable } from '../workflows/steps.ts';
import type { ControlPlaneAccess } from './control-plane-access.ts';
import type { ContractFunction } from './contract-function.ts';
import type { ControlPlaneFunctions } from './control-plane-functions.ts';
import { allow } from './grants.ts';
import { ReleaseMachine } from './release-machine.ts';

export interface ControlPlaneWorkflowsProps {
  readonly functions: ControlPlaneFunctions;
  readonly access: ControlPlaneAccess;
}

/** The release, its rollback, and the children both wait for. */
export class ControlPlaneWorkflows extends Construct {
  readonly release: ReleaseMachine;
  readonly rollback: ReleaseMachine;
  readonly remediate: ReleaseMachine;
  readonly bake: ReleaseMachine;
  readonly watchHealth: ReleaseMachine;
  readonly watchRelease: ReleaseMachine;

  constructor(scope: Construct, id: string, { functions, access }: ControlPlaneWorkflowsProps) {
    super(scope, id);
    const callees = calleesOf(functions);
    this.bake = this.make('bake', bakeWorkflow(callees), everyOne(callees));
    this.watchHealth = this.make('watch-health', watchHealthWorkflow(callees), everyOne(callees));
    this.watchRelease = this.make('watch-release', watchReleaseWorkflow(callees), everyOne(callees));
    const children = this.children();
    const callables = [...everyOne(callees), ...everyOne(children), ...everyOne(sdkCalls)];
    const rollback = rollbackWorkflow({ functions: callees, children });
    this.rollback = this.make('rollback', rollback, callables);
    const release = releaseWorkflow({ functions: callees, children, rollbackArn: access.workflowArn('rollback') });
    this.release = this.make('release', release, callables);
    const remediation = remediationCalleesOf(functions);
    const ofRemediation = [...everyOne(remediation), ...everyOne(sdkCalls)];
    this.remediate = this.make('remediate', remediateWorkflow(remediation), ofRemediation);
    this.grant(functions, access);
    this.grantRemediation(functions, access);
  }

  private make(
    name: 'release' | 'rollback' | 'remediate' | 'bake' | 'watch-health' | 'watch-release',
    definition: Workflow,
    callables: readonly Callable[],
  ): ReleaseMachine {
    const id = name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
    return new ReleaseMachine(this, id, { name: workflowName(Stack.of(this).stackName, name), definition, callables });
  }

  private children(): Children {
    return {
      bake: childOf(this.bake, runs.bakeInput, runs.bakeOutput, timeouts.BAKE_SECONDS),
      watchHealth: childOf(this.watchHealth, runs.watchHealthInput, runs.watchHealthOutput, timeouts.WATCH_HEALTH_SECONDS),
      watchRelease: childOf(this.watchRelease, runs.watchReleaseInput, runs.watchReleaseOutput, timeouts.WATCH_RELEASE_SECONDS),
    };
  }

  /** It launches the replacement itself: no function stands between the failure and that. */
  private grantRemediation(functions: ControlPlaneFunctions, { rights }: ControlPlaneAccess): void {
    const { captureEvidence, door, launchReplacement, recordFault, releaseNode, tendReplacement } = functions;
    this.remediate.mayCall(captureEvidence, door, launchReplacement, recordFault, releaseNode, tendReplacement);
    rights.launchNodes(this.remediate);
  }

  private grant(functions: ControlPlaneFunctions, access: ControlPlaneAccess): void {
    const { bakeImage, checkNodes, door, judgeRelease, launchNodes, recordStage, retireNodes, shiftTraffic } = functions;
    this.bake.mayCall(bakeImage);
    this.watchHealth.mayCall(checkNodes);
    this.watchRelease.mayCall(judgeRelease, door);
    this.release.mayCall(recordStage, launchNodes, shiftTraffic, retireNodes);
    this.release.mayRun(this.bake, this.watchHealth, this.watchRelease);
    this.release.mayStart(access.workflowArn('rollback'));
    this.rollback.mayCall(recordStage, launchNodes, shiftTraffic, retireNodes, bakeImage);
    this.rollback.mayRun(this.watchHealth);
    const stack = Stack.of(this);
    const parameters = stack.formatArn({ service: 'ssm', resource: `parameter${SERVICES_PATH}/*` });
    const each = 'Services come and go; each has one parameter and one prober, named so that no other function matches.';
    allow(this.release, { actions: ['ssm:GetParameter'], resources: [parameters], because: each });
    const probers = stack.formatArn({ service: 'lambda', resource: `function:${proberName(stack.stackName, '*')}:*` });
    allow(this.release, { actions: ['lambda:InvokeFunction'], resources: [probers], because: each });
  }
}

function remediationCalleesOf(functions: ControlPlaneFunctions): RemediationFunctions {
  return {
    captureEvidence: calleeOf(functions.captureEvidence),
    door: calleeOf(functions.door),
    launchReplacement: calleeOf(functions.launchReplacement),
    recordFault: calleeOf(functions.recordFault),
    releaseNode: calleeOf(functions.releaseNode),
    tendReplacement: calleeOf(functions.tendReplacement),
  };
}

const everyOne = (callables: object): Callable[] => Object.values<Callable>({ ...callables });

function calleesOf(functions: ControlPlaneFunctions): WorkflowFunctions {
  const proberCallee: FunctionOf<typeof prober> = {
    kind: 'function',
    id: '{% $prober %}',
    timeoutSeconds: 90,
    input: prober.input,
    output: prober.output,
  };
  return {
    bakeImage: calleeOf(functions.bakeImage),
    checkNodes: calleeOf(functions.checkNodes),
    door: calleeOf(functions.door),
    judgeRelease: calleeOf(functions.judgeRelease),
    launchNodes: calleeOf(functions.launchNodes),
    recordStage: calleeOf(functions.recordStage),
    retireNodes: calleeOf(functions.retireNodes),
    shiftTraffic: calleeOf(functions.shiftTraffic),
    prober: proberCallee,
  };
}

/** The task waits a little longer than the function may take, so that the function's own timeout is what is seen. */
function calleeOf<C extends Contract>(one: ContractFunction<C>): FunctionOf<C> {
  const timeoutSeconds = one.timeoutSeconds + 30;
  return {
    kind: 'function',
    id: one.version.functionArn,
    timeoutSeconds,
    input: one.contract.input,
    output: one.contract.output,
  };
}

/** By version, as functions are: a deployment changes nothing for a release under way. */
function childOf<In extends Callable['input'], Out extends Callable['output']>(
  machine: ReleaseMachine,
  input: In,
  output: Out,
  seconds: number,
): Callable<In, Out> {
  return { kind: 'workflow', id: machine.publish(), timeoutSeconds: seconds + 60, input, output };
}
