import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { Branch, State } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import { StateError, RUNTIME } from '../language/state-error.ts';
import { attempts } from './attempts.ts';
import { runMap, runParallel } from './containers.ts';
import { encode } from './evaluate.ts';
import { runChoice, runFail, runPass, runSucceed, runWait } from './plain-states.ts';
import type { Frame, Run, Step, Visit } from './run.ts';
import { record } from './run.ts';
import { isAborted } from './scope.ts';
import { runTask } from './task.ts';

/** Follows states from a branch's first to an end; resolves with the last output. */
export async function runBranch(run: Run, branch: Branch, input: Json, frame: Frame): Promise<Json> {
  let step: Step = { output: input, next: branch.StartAt };
  while (step.next !== undefined) {
    const state = branch.States[step.next];
    if (state === undefined) throw new StateError(RUNTIME, `There is no state '${step.next}'.`);
    frame.scope.check();
    frame.state = step.next;
    step = await enter(run, frame, state, { name: step.next, input: step.output });
  }
  return step.output;
}

async function enter(run: Run, frame: Frame, state: State, entry: { name: string; input: Json }): Promise<Step> {
  const visit: Visit = {
    run,
    frame,
    state,
    ...entry,
    enteredAt: run.world.time.now(),
    enteredEvent: frame.lastEvent,
    retries: 0,
  };
  const input = encode(visit, entry.input, 'input');
  const enteredEvent = record(run, frame, `${state.Type}StateEntered`, {
    stateEnteredEventDetails: { name: entry.name, input, inputDetails: { truncated: false } },
  });
  try {
    return await runState({ ...visit, enteredEvent });
  } catch (error) {
    const aborted: HistoryEventType | undefined = ABORTED[state.Type];
    if (isAborted(error) && aborted !== undefined) record(run, frame, aborted);
    throw error;
  }
}

const ABORTED: Readonly<Partial<Record<State['Type'], HistoryEventType>>> = {
  Task: 'TaskStateAborted',
  Wait: 'WaitStateAborted',
  Parallel: 'ParallelStateAborted',
  Map: 'MapStateAborted',
};

function runState(visit: Visit): Promise<Step> {
  const { state } = visit;
  switch (state.Type) {
    case 'Pass':
      return runPass({ ...visit, state });
    case 'Choice':
      return runChoice({ ...visit, state });
    case 'Wait':
      return runWait({ ...visit, state });
    case 'Succeed':
      return runSucceed({ ...visit, state });
    case 'Fail':
      return runFail({ ...visit, state });
    case 'Task': {
      const task = { ...visit, state };
      return attempts(task, () => runTask(task));
    }
    case 'Parallel': {
      const parallel = { ...visit, state };
      return attempts(parallel, () => runParallel(parallel));
    }
    case 'Map': {
      const map = { ...visit, state };
      return attempts(map, () => runMap(map));
    }
  }
}
