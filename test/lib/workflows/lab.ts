/** The real definitions on the local interpreter, in virtual time; functions are stand-ins held to their contracts. */
import { bakeImage } from '../../../lambdas/bake-image/contract.ts';
import { checkNodes } from '../../../lambdas/check-nodes/contract.ts';
import { judgeRelease } from '../../../lambdas/judge-release/contract.ts';
import { launchNodes } from '../../../lambdas/launch-nodes/contract.ts';
import { prober } from '../../../lambdas/prober/contract.ts';
import { recordStage } from '../../../lambdas/record-stage/contract.ts';
import { retireNodes } from '../../../lambdas/retire-nodes/contract.ts';
import { captureEvidence } from '../../../lambdas/capture-evidence/contract.ts';
import { door } from '../../../lambdas/door/contract.ts';
import { launchReplacement } from '../../../lambdas/launch-replacement/contract.ts';
import { recordFault } from '../../../lambdas/record-fault/contract.ts';
import { releaseNode } from '../../../lambdas/release-node/contract.ts';
import { tendReplacement } from '../../../lambdas/tend-replacement/contract.ts';
import type { Contract } from '../../../lambdas/shared/contract.ts';
import { shiftTraffic } from '../../../lambdas/shift-traffic/contract.ts';
import type { Workflow } from '../../../lib/workflows/asl.ts';
import { bakeWorkflow } from '../../../lib/workflows/bake.ts';
import type { Children, FunctionOf, RemediationFunctions, WorkflowFunctions } from '../../../lib/workflows/callables.ts';
import { remediateWorkflow } from '../../../lib/workflows/remediate.ts';
import { releaseWorkflow } from '../../../lib/workflows/release.ts';
import { rollbackWorkflow } from '../../../lib/workflows/rollback.ts';
import * as runs from '../../../lib/workflows/runs.ts';
import * as sdkCalls from '../../../lib/workflows/sdk-calls.ts';
import type { Callable } from '../../../lib/workflows/steps.ts';
import { watchHealthWorkflow } from '../../../lib/workflows/watch-health.ts';
import { watchReleaseWorkflow } from '../../../lib/workflows/watch-release.ts';
import { Account, failed, returned, START, type Outcome } from '../../local/states/world.ts';

const CONTRACTS: Record<string, Contract> = {
  'bake-image': bakeImage,
  'capture-evidence': captureEvidence,
  'check-nodes': checkNodes,
  door,
  'judge-release': judgeRelease,
  'launch-nodes': launchNodes,
  'launch-replacement': launchReplacement,
  'record-fault': recordFault,
  'record-stage': recordStage,
  'release-node': releaseNode,
  'retire-nodes': retireNodes,
  'shift-traffic': shiftTraffic,
  'tend-replacement': tendReplacement,
  prober,
};

const fn = <C extends Contract>(contract: C, id: string = contract.name): FunctionOf<C> => ({
  kind: 'function',
  id,
  timeoutSeconds: 90,
  input: contract.input,
  output: contract.output,
});

export const FUNCTIONS: WorkflowFunctions = {
  bakeImage: fn(bakeImage),
  checkNodes: fn(checkNodes),
  door: fn(door),
  judgeRelease: fn(judgeRelease),
  launchNodes: fn(launchNodes),
  prober: fn(prober, '{% $prober %}'),
  recordStage: fn(recordStage),
  retireNodes: fn(retireNodes),
  shiftTraffic: fn(shiftTraffic),
};

const arn = (name: string) => `arn:aws:states:eu-central-1:123456789012:stateMachine:tandem-${name}`;

const child = <In extends Callable['input'], Out extends Callable['output']>(
  name: string,
  input: In,
  output: Out,
): Callable<In, Out> => ({
  kind: 'workflow',
  id: arn(name),
  timeoutSeconds: 10 * 86_400,
  input,
  output,
});

export const CHILDREN: Children = {
  bake: child('bake', runs.bakeInput, runs.bakeOutput),
  watchHealth: child('watch-health', runs.watchHealthInput, runs.watchHealthOutput),
  watchRelease: child('watch-release', runs.watchReleaseInput, runs.watchReleaseOutput),
};

export const REMEDIATION: RemediationFunctions = {
  captureEvidence: fn(captureEvidence),
  door: fn(door),
  launchReplacement: fn(launchReplacement),
  recordFault: fn(recordFault),
  releaseNode: fn(releaseNode),
  tendReplacement: fn(tendReplacement),
};

export const CALLABLES: readonly Callable[] = [
  ...Object.values<Callable>({ ...REMEDIATION }),
  ...Object.values<Callable>({ ...sdkCalls }),
  ...Object.values<Callable>({ ...FUNCTIONS }),
  ...Object.values<Callable>({ ...CHILDREN }),
];

const PARTS = { functions: FUNCTIONS, children: CHILDREN, rollbackArn: arn('rollback') };
export const WORKFLOWS: Readonly<Record<string, Workflow>> = {
  bake: bakeWorkflow(FUNCTIONS),
  remediate: remediateWorkflow(REMEDIATION),
  'watch-health': watchHealthWorkflow(FUNCTIONS),
  'watch-release': watchReleaseWorkflow(FUNCTIONS),
  rollback: rollbackWorkflow(PARTS),
  release: releaseWorkflow(PARTS),
};

export type Payload = Record<string, unknown>;
/** What a stand-in answers; a string is the name of an error it fails with. */
export type Answer = (payload: Payload, times: number) => object | string;

const WHY = { why: 'so it is' };

/** Everything goes well: two batches, one look each. */
const GOOD: Readonly<Record<string, Answer>> = {
  'record-stage': ({ stage, fence }) => ({
    kind: 'recorded',
    fence: stage === 'rolling-back' ? Number(fence) + 1 : fence,
    ...WHY,
  }),
  'bake-image': ({ op, build }, times) => {
    if (op === 'start') {
      const pieces = [0, 1].map((n) => ({ work: 'copy', from: n * 8, to: n * 8 + 8 }));
      return { kind: 'copying', snapshotId: `snap-${String(build)}`, pieces, ...WHY };
    }
    if (op === 'register')
      return times === 1 ? { kind: 'wait', seconds: 15, ...WHY } : { kind: 'ready', imageId: 'ami-1', ...WHY };
    return { kind: { copy: 'copied', seal: 'sealed', discard: 'discarded' }[String(op)], ...WHY };
  },
  'launch-nodes': ({ phase }, times) =>
    (phase === 'promote' && times === 3) || phase === 'restore'
      ? { kind: 'complete', ...WHY }
      : { kind: 'launched', deadline: '2030-01-01T01:00:00.000Z', ...WHY },
  'check-nodes': () => ({ kind: 'healthy', addresses: ['10.0.0.4'], ...WHY }),
  prober: () => ({ kind: 'passed', ...WHY }),
  door: () => ({ kind: 'condemned', ...WHY }),
  'shift-traffic': () => ({ kind: 'settling', seconds: 60, ...WHY }),
  'judge-release': () => ({ kind: 'pass', ...WHY }),
  'retire-nodes': (_, times) => (times === 1 ? { kind: 'wait', seconds: 30, ...WHY } : { kind: 'done', ...WHY }),
  'capture-evidence': () => ({ kind: 'captured', captured: 3, missed: 1, ...WHY }),
  'launch-replacement': () => ({ kind: 'launched', ...WHY }),
  'record-fault': () => ({ kind: 'recorded', ...WHY }),
  'release-node': () => ({ kind: 'gone', ...WHY }),
  'tend-replacement': (_, times) => (times === 1 ? { kind: 'wait', seconds: 4, ...WHY } : { kind: 'healthy', ...WHY }),
};

export class Lab {
  readonly account = new Account();
  /** Each call as an operator would tell it, in order. */
  readonly story: string[] = [];
  readonly payloads: { name: string; payload: Payload; at: number }[] = [];
  private readonly times = new Map<string, number>();

  constructor(answers: Readonly<Record<string, Answer>> = {}, prober = true) {
    const all = { ...GOOD, ...answers };
    this.account.answer = () => ({ Parameter: { Value: JSON.stringify({ resources: prober ? { prober: 'prober' } : {} }) } });
    for (const [name, contract] of Object.entries(CONTRACTS)) {
      this.account.functions[name] = (payload) => this.invoke(name, contract, payload as Payload, all[name]!);
    }
    for (const [name, workflow] of Object.entries(WORKFLOWS)) this.account.declare(workflow, `tandem-${name}`);
  }

  async run(workflow: string, input: Payload = {}): Promise<Outcome> {
    const run = { service: 'web', version: '1.2.0', fence: 7, ...input };
    const execution = this.account.states.machines.start(arn(workflow), JSON.stringify(run), 'run');
    return this.account.finish(execution, 90 * 86_400_000);
  }

  /** Executions of a workflow, by name. */
  executions(workflow: string): string[] {
    const { executions } = this.account.call('ListExecutions', { stateMachineArn: arn(workflow) }) as {
      executions: { name: string }[];
    };
    return executions.map(({ name }) => name);
  }

  /** Events of the run, as AWS counts them. */
  historyLength(workflow: string): number {
    const executionArn = `${arn(workflow).replace(':stateMachine:', ':execution:')}:run`;
    const newest = { executionArn, reverseOrder: true, maxResults: 1 };
    const { events } = this.account.call('GetExecutionHistory', newest) as { events: { id: number }[] };
    return events[0]?.id ?? 0;
  }

  private invoke(name: string, contract: Contract, payload: Payload, answer: Answer) {
    contract.input.parse(payload);
    const what = [payload['stage'], payload['build'], payload['op'], payload['phase'], payload['watch']]
      .filter(Boolean)
      .join(' ');
    const line = what ? `${name} ${what}` : name;
    this.story.push(line);
    this.payloads.push({ name, payload, at: this.account.clock.now() - START });
    const times = (this.times.get(line) ?? 0) + 1;
    this.times.set(line, times);
    const result = answer(payload, times);
    return typeof result === 'string' ? failed(result, `"${name}" says ${result}`) : returned(contract.output.parse(result));
  }
}
