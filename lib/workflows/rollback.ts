import type { Catcher, States, Workflow } from './asl.ts';
import type { Children, WorkflowFunctions } from './callables.ts';
import { OF_A_ROLLBACK } from './retry.ts';
import { launchRound, retireRound, shiftRound, type RoundParts } from './rounds.ts';
import { NAME_THE_RUN, STEP } from './runs.ts';
import { call, chooseKind } from './steps.ts';
import { ROLLBACK_SECONDS } from './timeouts.ts';

const FENCE: Catcher = { ErrorEquals: ['FenceMoved'], Next: 'Taken over' };
/** Users are served by the old release already: what comes after must not keep the rollback from its end. */
const GO_ON: readonly Catcher[] = [FENCE, { ErrorEquals: ['States.ALL'], Next: 'Discard images' }];

/**
 * Weights back first, then the release's nodes go, then what the steady state lacks comes back. It takes the service
 * over by raising the fence. If it dies, the sweep starts it again, under the new fence.
 */
export function rollbackWorkflow(parts: { readonly functions: WorkflowFunctions; readonly children: Children }): Workflow {
  const must: RoundParts = { ...parts, manner: { retry: OF_A_ROLLBACK, catch: [FENCE] } };
  return {
    Comment: 'Takes a release back',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: ROLLBACK_SECONDS,
    StartAt: 'Name the rollback',
    States: {
      ...takeOver(must),
      ...shiftRound(must, { phase: 'rollback', name: 'Shift traffic back', next: 'Retire nodes of the release' }),
      ...retireRound(must, { phase: 'rollback', name: 'Retire nodes of the release', next: 'Launch missing Linux nodes' }),
      ...restore({ ...parts, manner: { retry: OF_A_ROLLBACK, catch: GO_ON } }),
      'Discard images': call(
        must.functions.bakeImage,
        { ...STEP, op: 'discard' },
        { next: 'Record rolled back', ...must.manner },
      ),
      'Record rolled back': call(
        must.functions.recordStage,
        { ...STEP, stage: 'rolled-back', why: '{% $why %}' },
        { next: 'Rolled back', ...must.manner },
      ),
      'Rolled back': { Type: 'Succeed' },
      'Nothing to take back': { Type: 'Succeed' },
      'Taken over': { Type: 'Fail', Error: 'TakenOver', Cause: 'Another release or a rollback has the service now.' },
    },
  };
}

function takeOver({ functions, manner }: RoundParts): States {
  return {
    'Name the rollback': {
      Type: 'Pass',
      Assign: { ...NAME_THE_RUN, why: '{% $states.input.why %}' },
      Next: 'Record rolling back',
    },
    'Record rolling back': call(
      functions.recordStage,
      { ...STEP, stage: 'rolling-back', why: '{% $why %}' },
      {
        as: 'record',
        assign: { fence: '{% $states.result.Payload.fence %}' },
        next: 'Is there something to take back?',
        ...manner,
      },
    ),
    'Is there something to take back?': chooseKind(
      { of: functions.recordStage, variable: 'record' },
      {
        recorded: 'Shift traffic back',
        over: 'Nothing to take back',
      },
    ),
  };
}

function restore(parts: RoundParts): States {
  return {
    ...launchRound(parts, {
      phase: 'restore',
      what: 'missing Linux nodes',
      healthy: 'Shift traffic to the restored nodes',
      complete: 'Discard images',
      failed: 'Discard images',
    }),
    ...shiftRound(parts, { phase: 'restore', name: 'Shift traffic to the restored nodes', next: 'Discard images' }),
  };
}
