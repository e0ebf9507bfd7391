import { ENTERED, type Workflow } from './asl.ts';
import type { WorkflowFunctions } from './callables.ts';
import { OF_A_RELEASE } from './retry.ts';
import { NAME_THE_RUN, STEP, WHY } from './runs.ts';
import { call, chooseKind } from './steps.ts';
import { WATCH_RELEASE_SECONDS } from './timeouts.ts';

/** A look is 11 events without retries, and AWS ends an execution at 25,000 (Step Functions, "Quotas"). */
const LOOKS_IN_ONE_EXECUTION = 1000;

/** Judges a release until there is a verdict. A verdict that is inconclusive at its deadline fails the release. */
export function watchReleaseWorkflow({ judgeRelease, door }: Pick<WorkflowFunctions, 'judgeRelease' | 'door'>): Workflow {
  return {
    Comment: 'Watches a release until there is a verdict',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: WATCH_RELEASE_SECONDS,
    StartAt: 'Name the watch',
    States: {
      'Name the watch': {
        Type: 'Pass',
        Assign: { ...NAME_THE_RUN, watch: '{% $states.input.watch %}', since: '{% $states.input.since %}', looks: 0 },
        Next: 'Judge release',
      },
      'Judge release': call(
        judgeRelease,
        { ...STEP, watch: '{% $watch %}', since: '{% $since %}' },
        {
          as: 'verdict',
          assign: { looks: '{% $looks + 1 %}' },
          next: 'Is there a verdict?',
          retry: OF_A_RELEASE,
          catch: [
            { ErrorEquals: ['FenceMoved'], Assign: { why: WHY }, Next: 'Taken over' },
            { ErrorEquals: ['States.ALL'], Assign: { why: WHY }, Next: 'Judging failed' },
          ],
        },
      ),
      'Is there a verdict?': chooseKind(
        { of: judgeRelease, variable: 'verdict' },
        {
          pass: 'Pass',
          fail: 'Fail',
          inconclusive: 'Fail',
          wait: 'Wait for more data',
          replace: 'Replace bad node',
        },
      ),
      'Replace bad node': call(
        door,
        { source: 'tandem.judge', time: ENTERED, instanceId: '{% $verdict.instanceId %}', why: '{% $verdict.why %}' },
        // The next look asks for it again.
        { next: 'Wait for more data', retry: OF_A_RELEASE, catch: [{ ErrorEquals: ['States.ALL'], Next: 'Wait for more data' }] },
      ),
      'Wait for more data': { Type: 'Wait', Seconds: '{% $verdict.seconds %}', Next: 'Is the history full?' },
      'Is the history full?': {
        Type: 'Choice',
        Choices: [{ Condition: `{% $looks >= ${LOOKS_IN_ONE_EXECUTION} %}`, Next: 'Watch again' }],
        Default: 'Judge release',
      },
      Pass: { Type: 'Succeed', Output: { kind: 'pass', why: '{% $verdict.why %}' } },
      Fail: { Type: 'Succeed', Output: { kind: 'fail', why: '{% $verdict.why %}' } },
      'Watch again': { Type: 'Succeed', Output: { kind: 'again', why: '{% $verdict.why %}' } },
      'Judging failed': { Type: 'Succeed', Output: { kind: 'fail', why: '{% $why %}' } },
      'Taken over': { Type: 'Succeed', Output: { kind: 'taken-over', why: '{% $why %}' } },
    },
  };
}
