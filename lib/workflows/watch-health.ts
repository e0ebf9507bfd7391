import type { Workflow } from './asl.ts';
import type { WorkflowFunctions } from './callables.ts';
import { OF_A_RELEASE } from './retry.ts';
import { NAME_THE_RUN, STEP, WHY } from './runs.ts';
import { call, chooseKind, waitSeconds } from './steps.ts';
import { WATCH_HEALTH_SECONDS } from './timeouts.ts';

/** Registers the nodes of a launch and asks until all are healthy or their deadline has passed. */
export function watchHealthWorkflow({ checkNodes }: Pick<WorkflowFunctions, 'checkNodes'>): Workflow {
  return {
    Comment: 'Watches launched nodes until they are healthy',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: WATCH_HEALTH_SECONDS,
    StartAt: 'Name the launch',
    States: {
      'Name the launch': {
        Type: 'Pass',
        Assign: { ...NAME_THE_RUN, phase: '{% $states.input.phase %}', deadline: '{% $states.input.deadline %}' },
        Next: 'Check nodes',
      },
      'Check nodes': call(
        checkNodes,
        { ...STEP, phase: '{% $phase %}', deadline: '{% $deadline %}' },
        {
          as: 'health',
          next: 'Are all nodes healthy?',
          retry: OF_A_RELEASE,
          catch: [
            { ErrorEquals: ['FenceMoved'], Assign: { why: WHY }, Next: 'Taken over' },
            { ErrorEquals: ['States.ALL'], Assign: { why: WHY }, Next: 'Check failed' },
          ],
        },
      ),
      'Are all nodes healthy?': chooseKind(
        { of: checkNodes, variable: 'health' },
        {
          healthy: 'Healthy',
          wait: 'Wait for health',
          failed: 'Not healthy',
        },
      ),
      'Wait for health': waitSeconds('health', 'Check nodes'),
      Healthy: {
        Type: 'Succeed',
        Output: { kind: 'healthy', why: '{% $health.why %}', addresses: '{% $health.addresses %}' },
      },
      'Not healthy': { Type: 'Succeed', Output: { kind: 'failed', why: '{% $health.why %}' } },
      'Check failed': { Type: 'Succeed', Output: { kind: 'failed', why: '{% $why %}' } },
      'Taken over': { Type: 'Succeed', Output: { kind: 'taken-over', why: '{% $why %}' } },
    },
  };
}
