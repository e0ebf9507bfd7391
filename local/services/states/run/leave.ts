import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { Json } from '../language/json.ts';
import { isObject } from '../language/json.ts';
import { encode, evaluate, runtimeFailure } from './evaluate.ts';
import type { Seen } from './evaluate.ts';
import type { Step, Visit } from './run.ts';
import { record } from './run.ts';

/** How a state is left: by its own fields, by a choice rule's, or by a catcher's. */
export interface Exit {
  readonly Output?: Json | undefined;
  readonly Assign?: Readonly<Record<string, Json>> | undefined;
  readonly Next?: string | undefined;
}

/**
 * Evaluates Assign and Output, both on the variables as they were on entry, then assigns and goes on. Without Output the
 * `otherwise` is the state's output.
 */
export async function leave(visit: Visit, exit: Exit, otherwise: Json, seen: Seen = {}): Promise<Step> {
  const assigned = await evaluate(visit, 'Assign', exit.Assign ?? {}, seen);
  if (!isObject(assigned)) throw runtimeFailure(visit, 'Assign is not an object.');
  const output = exit.Output === undefined ? otherwise : await evaluate(visit, 'Output', exit.Output, seen);
  const texts = Object.entries(assigned).map(([name, value]) => [name, encode(visit, value, `variable ${name}`)] as const);
  encode(visit, assigned, 'Assign');
  visit.frame.scope.check();
  record(visit.run, visit.frame, EXITED[visit.state.Type], {
    stateExitedEventDetails: {
      name: visit.name,
      output: encode(visit, output, 'Output'),
      outputDetails: { truncated: false },
      ...(texts.length > 0 && { assignedVariables: Object.fromEntries(texts), assignedVariablesDetails: { truncated: false } }),
    },
  });
  visit.frame.variables.assign(assigned);
  return { output, next: exit.Next };
}

const EXITED = {
  Task: 'TaskStateExited',
  Pass: 'PassStateExited',
  Choice: 'ChoiceStateExited',
  Wait: 'WaitStateExited',
  Succeed: 'SucceedStateExited',
  Parallel: 'ParallelStateExited',
  Map: 'MapStateExited',
  // A Fail state has no exit; the type keeps the table whole.
  Fail: 'ExecutionFailed',
} as const satisfies Record<Visit['state']['Type'], HistoryEventType>;
