import { SERVICES_PATH } from '../names.ts';
import type { Catcher, Definition, States, Task, Workflow } from './asl.ts';
import type { Children, WorkflowFunctions } from './callables.ts';
import { OF_A_RELEASE } from './retry.ts';
import { launchRound, retireRound, shiftRound, watchRound, type RoundParts } from './rounds.ts';
import { NAME_THE_RUN, RUN, STEP, WHY } from './runs.ts';
import { getParameter } from './sdk-calls.ts';
import { call, chooseKind } from './steps.ts';
import { RELEASE_SECONDS } from './timeouts.ts';

const CATCH: readonly Catcher[] = [
  { ErrorEquals: ['FenceMoved'], Next: 'Taken over' },
  { ErrorEquals: ['States.ALL'], Assign: { why: WHY }, Next: 'Start rollback' },
];
const MANNER = { retry: OF_A_RELEASE, catch: CATCH } as const;
const failed = (variable: string) => ({ Assign: { why: `{% $${variable}.why %}` }, Next: 'Start rollback' }) as const;

export interface ReleaseParts {
  readonly functions: WorkflowFunctions;
  readonly children: Children;
  readonly rollbackArn: string;
}

/**
 * From two uploaded images to the stable release. Whatever fails starts the rollback, by a name that makes it once;
 * a step that finds the fence moved ends without starting anything, because somebody else has the service.
 */
export function releaseWorkflow({ functions, children, rollbackArn }: ReleaseParts): Workflow {
  const parts: RoundParts = { functions, children, manner: MANNER };
  return {
    Comment: 'Brings a release from its images to stable, or starts its rollback',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: RELEASE_SECONDS,
    StartAt: 'Name the release',
    States: {
      ...prepare(functions, children),
      ...canary(parts),
      ...debut(parts),
      ...promotion(parts),
      ...finish(parts),
      ...warm(parts),
      ...ends(rollbackArn),
    },
  };
}

type Stage = 'canary' | 'debut' | 'promoting' | 'warm' | 'stable';

function record({ recordStage }: WorkflowFunctions, stage: Stage, why: string, next: string): Task {
  return call(recordStage, { ...STEP, stage, why }, { next, ...MANNER });
}

function prepare(functions: WorkflowFunctions, children: Children): States {
  return {
    'Name the release': { Type: 'Pass', Assign: { ...NAME_THE_RUN }, Next: 'Read service facts' },
    'Read service facts': call(
      getParameter,
      { Name: `{% '${SERVICES_PATH}/' & $service %}` },
      {
        assign: {
          prober:
            "{% $exists($parse($states.result.Parameter.Value).resources.prober) ? $parse($states.result.Parameter.Value).resources.prober : '' %}",
        },
        next: 'Record baking',
        ...MANNER,
      },
    ),
    'Record baking': call(
      functions.recordStage,
      { ...STEP, stage: 'baking', why: 'both images were admitted' },
      { as: 'admission', next: 'Is there room for it?', ...MANNER },
    ),
    'Is there room for it?': chooseKind(
      { of: functions.recordStage, variable: 'admission' },
      { recorded: 'Bake both images', over: 'Refused' },
    ),
    'Bake both images': {
      Type: 'Parallel',
      Branches: [bakeBranch(children, 'linux', 'Bake Linux image'), bakeBranch(children, 'unikernel', 'Bake unikernel image')],
      Assign: { bakes: '{% $states.result %}' },
      Catch: CATCH,
      Next: 'Are both images baked?',
    },
    'Are both images baked?': {
      Type: 'Choice',
      Choices: [
        { Condition: "{% 'taken-over' in $bakes.kind %}", Next: 'Taken over' },
        {
          Condition: "{% 'failed' in $bakes.kind %}",
          Assign: { why: "{% $bakes[kind='failed'][0].why %}" },
          Next: 'Start rollback',
        },
      ],
      Default: 'Record canary',
    },
  };
}

function bakeBranch({ bake }: Children, build: 'linux' | 'unikernel', name: string): Definition {
  const run = call(bake, { ...RUN, build }, { retry: OF_A_RELEASE, catch: [], output: '{% $states.result.Output %}' });
  return { StartAt: name, States: { [name]: run } };
}

function canary(parts: RoundParts): States {
  const { prober } = parts.functions;
  return {
    'Record canary': record(parts.functions, 'canary', 'both images are baked', 'Launch canary nodes'),
    ...launchRound(parts, {
      phase: 'canary',
      what: 'canary nodes',
      healthy: 'Are there probes?',
      complete: 'Shift traffic to the canary',
      failed: failed('health'),
    }),
    'Are there probes?': {
      Type: 'Choice',
      Choices: [{ Condition: "{% $prober != '' %}", Next: 'Probe canary' }],
      Default: 'Shift traffic to the canary',
    },
    'Probe canary': call(
      prober,
      { addresses: '{% $health.addresses %}' },
      { as: 'probe', next: 'Did the canary answer its probes?', ...MANNER },
    ),
    'Did the canary answer its probes?': chooseKind(
      { of: prober, variable: 'probe' },
      {
        passed: 'Shift traffic to the canary',
        failed: failed('probe'),
      },
    ),
    ...shiftRound(parts, { phase: 'canary', name: 'Shift traffic to the canary', next: 'Retire replaced Linux nodes' }),
    ...retireRound(parts, { phase: 'refresh', name: 'Retire replaced Linux nodes', next: 'Watch canary' }),
    ...watchRound(parts, { watch: 'canary', name: 'Watch canary', pass: 'Record debut', fail: failed('verdict') }),
  };
}

function debut(parts: RoundParts): States {
  return {
    'Record debut': record(parts.functions, 'debut', 'the canary passed', 'Launch debut nodes'),
    ...launchRound(parts, {
      phase: 'debut',
      what: 'debut nodes',
      healthy: 'Shift traffic to the debut',
      complete: 'Shift traffic to the debut',
      failed: failed('health'),
    }),
    ...shiftRound(parts, { phase: 'debut', name: 'Shift traffic to the debut', next: 'Watch debut' }),
    ...watchRound(parts, { watch: 'debut', name: 'Watch debut', pass: 'Record promoting', fail: failed('verdict') }),
  };
}

function promotion(parts: RoundParts): States {
  return {
    'Record promoting': record(parts.functions, 'promoting', 'the debut passed', 'Watch gate'),
    ...watchRound(parts, { watch: 'gate', name: 'Watch gate', pass: 'Launch next batch', fail: failed('verdict') }),
    ...launchRound(parts, {
      phase: 'promote',
      what: 'next batch',
      healthy: 'Shift traffic to the batch',
      complete: 'Launch Linux nodes of the new release',
      failed: failed('health'),
    }),
    ...shiftRound(parts, { phase: 'promote', name: 'Shift traffic to the batch', next: 'Watch promotion' }),
    ...watchRound(parts, { watch: 'promotion', name: 'Watch promotion', pass: 'Launch next batch', fail: failed('verdict') }),
  };
}

function finish(parts: RoundParts): States {
  return {
    ...launchRound(parts, {
      phase: 'finish',
      what: 'Linux nodes of the new release',
      healthy: 'Shift traffic to the new release',
      complete: 'Retire comparison nodes',
      failed: failed('health'),
    }),
    ...shiftRound(parts, { phase: 'finish', name: 'Shift traffic to the new release', next: 'Retire comparison nodes' }),
    ...retireRound(parts, { phase: 'comparison', name: 'Retire comparison nodes', next: 'Record warm' }),
  };
}

function warm(parts: RoundParts): States {
  return {
    'Record warm': record(parts.functions, 'warm', 'the new fleet serves', 'Watch warm'),
    ...watchRound(parts, { watch: 'warm', name: 'Watch warm', pass: 'Retire old fleet', fail: failed('verdict') }),
    ...retireRound(parts, { phase: 'old-fleet', name: 'Retire old fleet', next: 'Record stable' }),
    'Record stable': record(parts.functions, 'stable', 'the warm time is over', 'Stable'),
    Stable: { Type: 'Succeed' },
  };
}

function ends(rollbackArn: string): States {
  return {
    'Start rollback': {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution',
      Arguments: {
        StateMachineArn: rollbackArn,
        Name: "{% 'rollback-' & $service & '-' & $version & '-' & $string($fence) %}",
        Input: { ...RUN, why: '{% $why %}' },
      },
      TimeoutSeconds: 30,
      Retry: [{ ErrorEquals: ['StepFunctions.ExecutionAlreadyExistsException'], MaxAttempts: 0 }, ...OF_A_RELEASE],
      // It runs already, or it could not be started: then the status change of this execution starts it, or the sweep.
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Release rolled back' }],
      Next: 'Release rolled back',
    },
    'Release rolled back': { Type: 'Fail', Error: 'ReleaseRolledBack', Cause: '{% $why %}' },
    Refused: { Type: 'Fail', Error: 'ReleaseRefused', Cause: '{% $admission.why %}' },
    'Taken over': { Type: 'Fail', Error: 'TakenOver', Cause: 'Another release or a rollback has the service now.' },
  };
}
