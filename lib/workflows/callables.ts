import type { z } from 'zod';
import type { bakeImage } from '../../lambdas/bake-image/contract.ts';
import type { captureEvidence } from '../../lambdas/capture-evidence/contract.ts';
import type { checkNodes } from '../../lambdas/check-nodes/contract.ts';
import type { door } from '../../lambdas/door/contract.ts';
import type { judgeRelease } from '../../lambdas/judge-release/contract.ts';
import type { launchNodes } from '../../lambdas/launch-nodes/contract.ts';
import type { launchReplacement } from '../../lambdas/launch-replacement/contract.ts';
import type { prober } from '../../lambdas/prober/contract.ts';
import type { recordFault } from '../../lambdas/record-fault/contract.ts';
import type { recordStage } from '../../lambdas/record-stage/contract.ts';
import type { releaseNode } from '../../lambdas/release-node/contract.ts';
import type { retireNodes } from '../../lambdas/retire-nodes/contract.ts';
import type { Contract } from '../../lambdas/shared/contract.ts';
import type { shiftTraffic } from '../../lambdas/shift-traffic/contract.ts';
import type { tendReplacement } from '../../lambdas/tend-replacement/contract.ts';
import type {
  bakeInput,
  bakeOutput,
  watchHealthInput,
  watchHealthOutput,
  watchReleaseInput,
  watchReleaseOutput,
} from './runs.ts';
import type { Callable } from './steps.ts';

export type FunctionOf<C extends Contract> = Callable<C['input'], C['output']>;
type Child<In extends z.ZodType, Out extends z.ZodType> = Callable<In, Out>;

/** What the workflows call: functions and children by version. */
export interface WorkflowFunctions {
  readonly bakeImage: FunctionOf<typeof bakeImage>;
  readonly checkNodes: FunctionOf<typeof checkNodes>;
  readonly door: FunctionOf<typeof door>;
  readonly judgeRelease: FunctionOf<typeof judgeRelease>;
  readonly launchNodes: FunctionOf<typeof launchNodes>;
  readonly prober: FunctionOf<typeof prober>;
  readonly recordStage: FunctionOf<typeof recordStage>;
  readonly retireNodes: FunctionOf<typeof retireNodes>;
  readonly shiftTraffic: FunctionOf<typeof shiftTraffic>;
}

/** What the remediation of a node calls. */
export interface RemediationFunctions {
  readonly captureEvidence: FunctionOf<typeof captureEvidence>;
  readonly door: FunctionOf<typeof door>;
  readonly launchReplacement: FunctionOf<typeof launchReplacement>;
  readonly recordFault: FunctionOf<typeof recordFault>;
  readonly releaseNode: FunctionOf<typeof releaseNode>;
  readonly tendReplacement: FunctionOf<typeof tendReplacement>;
}

export interface Children {
  readonly bake: Child<typeof bakeInput, typeof bakeOutput>;
  readonly watchHealth: Child<typeof watchHealthInput, typeof watchHealthOutput>;
  readonly watchRelease: Child<typeof watchReleaseInput, typeof watchReleaseOutput>;
}
