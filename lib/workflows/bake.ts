import { NAME_THE_RUN, STEP, WHY } from './runs.ts';
import type { Catcher, MapEach, States, Workflow } from './asl.ts';
import type { WorkflowFunctions } from './callables.ts';
import { OF_A_RELEASE } from './retry.ts';
import { call, waitSeconds } from './steps.ts';
import { BAKE_SECONDS } from './timeouts.ts';

const CATCH: readonly Catcher[] = [
  { ErrorEquals: ['FenceMoved'], Assign: { why: WHY }, Next: 'Taken over' },
  { ErrorEquals: ['States.ALL'], Assign: { why: WHY }, Next: 'Bake failed' },
];
const PATIENTLY = { retry: OF_A_RELEASE, catch: CATCH } as const;
const IMAGE = { ...STEP, build: '{% $build %}' } as const;

/** One build's image becomes an AMI: start → copy the pieces side by side → seal → register, asked until it is ready. */
export function bakeWorkflow({ bakeImage }: Pick<WorkflowFunctions, 'bakeImage'>): Workflow {
  return {
    Comment: 'Bakes one image of a release into an AMI',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: BAKE_SECONDS,
    StartAt: 'Name the image',
    States: {
      'Name the image': {
        Type: 'Pass',
        Assign: { ...NAME_THE_RUN, build: '{% $states.input.build %}' },
        Next: 'Start the snapshot',
      },
      'Start the snapshot': call(
        bakeImage,
        { ...IMAGE, op: 'start' },
        { as: 'bake', next: 'Is there work to do?', ...PATIENTLY },
      ),
      'Is there work to do?': {
        Type: 'Choice',
        Choices: [
          { Condition: "{% $bake.kind = 'copying' %}", Next: 'Copy the pieces' },
          { Condition: "{% $bake.kind = 'ready' %}", Next: 'Baked' },
          { Condition: "{% $bake.kind = 'wait' %}", Next: 'Wait for the snapshot' },
        ],
        Default: 'Unexpected answer',
      },
      'Wait for the snapshot': waitSeconds('bake', 'Start the snapshot'),
      'Copy the pieces': copyPieces({ bakeImage }),
      'Seal the snapshot': call(
        bakeImage,
        { ...IMAGE, op: 'seal', snapshotId: '{% $bake.snapshotId %}', pieces: '{% $bake.pieces %}' },
        { next: 'Register the image', ...PATIENTLY },
      ),
      ...registered({ bakeImage }),
      ...ends(),
    },
  };
}

function copyPieces({ bakeImage }: Pick<WorkflowFunctions, 'bakeImage'>): MapEach {
  const copy = call(
    bakeImage,
    { ...IMAGE, op: 'copy', snapshotId: '{% $bake.snapshotId %}', piece: '{% $states.input %}' },
    { retry: OF_A_RELEASE, catch: [], output: '{% $states.result.Payload.kind %}' },
  );
  return {
    Type: 'Map',
    Items: '{% $bake.pieces %}',
    MaxConcurrency: 8,
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Copy a piece', States: { 'Copy a piece': copy } },
    Catch: CATCH,
    Next: 'Seal the snapshot',
  };
}

function registered({ bakeImage }: Pick<WorkflowFunctions, 'bakeImage'>): States {
  return {
    'Register the image': call(
      bakeImage,
      { ...IMAGE, op: 'register', snapshotId: '{% $bake.snapshotId %}' },
      { as: 'image', next: 'Is the image ready?', ...PATIENTLY },
    ),
    'Is the image ready?': {
      Type: 'Choice',
      Choices: [
        { Condition: "{% $image.kind = 'ready' %}", Next: 'Baked' },
        { Condition: "{% $image.kind = 'wait' %}", Next: 'Wait for the image' },
      ],
      Default: 'Unexpected answer',
    },
    'Wait for the image': waitSeconds('image', 'Register the image'),
  };
}

function ends(): States {
  return {
    Baked: { Type: 'Succeed', Output: { kind: 'baked', why: 'the image is ready' } },
    'Unexpected answer': { Type: 'Succeed', Output: { kind: 'failed', why: 'the bake answered what no bake answers here' } },
    'Bake failed': { Type: 'Succeed', Output: { kind: 'failed', why: '{% $why %}' } },
    'Taken over': { Type: 'Succeed', Output: { kind: 'taken-over', why: '{% $why %}' } },
  };
}
