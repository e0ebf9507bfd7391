/** The rounds a release is made of: launch → healthy → weights → settle → watched, said once for every phase. */
import type { z } from 'zod';
import type { launchPhase } from '../../lambdas/launch-nodes/contract.ts';
import type { watchName } from '../../lambdas/judge-release/contract.ts';
import type { retirePhase } from '../../lambdas/retire-nodes/contract.ts';
import type { shiftPhase } from '../../lambdas/shift-traffic/contract.ts';
import { ENTERED, type States } from './asl.ts';
import type { Children, WorkflowFunctions } from './callables.ts';
import { RUN, STEP } from './runs.ts';
import { call, chooseKind, waitSeconds, type Manner, type Turn } from './steps.ts';

export interface RoundParts {
  readonly functions: WorkflowFunctions;
  readonly children: Children;
  readonly manner: Manner;
}

interface LaunchRound {
  readonly phase: z.infer<typeof launchPhase>;
  /** What is launched, as an operator says it. */
  readonly what: string;
  /** Where it goes when all are healthy, when there is nothing to launch, when they do not become healthy. */
  readonly healthy: string;
  readonly complete: string;
  readonly failed: Turn;
}

export function launchRound(parts: RoundParts, round: LaunchRound): States {
  const { functions, children, manner } = parts;
  const { what, phase } = round;
  const launched = `Is there something to wait for: ${what}?`;
  const verdict = `Are they healthy: ${what}?`;
  return {
    [`Launch ${what}`]: call(functions.launchNodes, { ...STEP, phase }, { as: 'launch', next: launched, ...manner }),
    [launched]: chooseKind(
      { of: functions.launchNodes, variable: 'launch' },
      { launched: `Watch health of ${what}`, complete: round.complete },
    ),
    [`Watch health of ${what}`]: call(
      children.watchHealth,
      { ...RUN, phase, deadline: '{% $launch.deadline %}' },
      { as: 'health', next: verdict, ...manner },
    ),
    [verdict]: chooseKind(
      { of: children.watchHealth, variable: 'health' },
      {
        healthy: round.healthy,
        failed: round.failed,
        'taken-over': 'Taken over',
      },
    ),
  };
}

interface ShiftRound {
  readonly phase: z.infer<typeof shiftPhase>;
  readonly name: string;
  readonly next: string;
}

export function shiftRound({ functions, manner }: RoundParts, { phase, name, next }: ShiftRound): States {
  const settle = `Let weights settle: ${phase}`;
  return {
    [name]: call(functions.shiftTraffic, { ...STEP, phase }, { as: 'shift', next: settle, ...manner }),
    [settle]: waitSeconds('shift', next),
  };
}

interface RetireRound {
  readonly phase: z.infer<typeof retirePhase>;
  readonly name: string;
  readonly next: string;
}

export function retireRound({ functions, manner }: RoundParts, { phase, name, next }: RetireRound): States {
  const done = `Are they gone: ${phase}?`;
  const wait = `Wait for drained nodes: ${phase}`;
  return {
    [name]: call(functions.retireNodes, { ...STEP, phase }, { as: 'retirement', next: done, ...manner }),
    [done]: chooseKind({ of: functions.retireNodes, variable: 'retirement' }, { done: next, wait }),
    [wait]: waitSeconds('retirement', name),
  };
}

interface WatchRound {
  readonly watch: z.infer<typeof watchName>;
  readonly name: string;
  readonly pass: string;
  readonly fail: Turn;
}

/** The instant the watch is since is fixed before it, so that a watch that begins again goes on where it was. */
export function watchRound({ children, manner }: RoundParts, { watch, name, pass, fail }: WatchRound): States {
  const verdict = `What is the verdict: ${watch}?`;
  const looking = `${name} since then`;
  return {
    [name]: { Type: 'Pass', Assign: { since: ENTERED }, Next: looking },
    [looking]: call(children.watchRelease, { ...RUN, watch, since: '{% $since %}' }, { as: 'verdict', next: verdict, ...manner }),
    [verdict]: chooseKind(
      { of: children.watchRelease, variable: 'verdict' },
      {
        pass,
        fail,
        again: looking,
        'taken-over': 'Taken over',
      },
    ),
  };
}
