import type { TaskState } from '../language/definition.ts';
import { asStateError, StateError, SubmitFailure, TIMEOUT } from '../language/state-error.ts';
import type { Json } from '../language/json.ts';
import { resourceOf } from '../integrations/resource.ts';
import type { TaskCall } from '../integrations/integration.ts';
import { encode, evaluate, evaluateNumber, runtimeFailure } from './evaluate.ts';
import type { Visit } from './run.ts';
import { record } from './run.ts';
import { Cancelled } from './scope.ts';
import type { Scope } from './scope.ts';

/** One attempt at a task. */
export async function runTask(visit: Visit<TaskState>): Promise<Json> {
  const { run, frame, state } = visit;
  const named = resourceOf(state.Resource);
  if (named === undefined) throw runtimeFailure(visit, `The resource '${state.Resource}' is unknown.`);
  const { resource, resourceType } = named;
  const parameters = state.Arguments === undefined ? visit.input : await evaluate(visit, 'Arguments', state.Arguments);
  const seconds = state.TimeoutSeconds === undefined ? undefined : await timeout(visit, state.TimeoutSeconds);
  record(run, frame, 'TaskScheduled', {
    taskScheduledEventDetails: {
      resourceType,
      resource,
      region: run.world.account.region,
      parameters: encode(visit, parameters, 'Arguments'),
      ...(seconds !== undefined && { timeoutInSeconds: seconds }),
    },
  });
  record(run, frame, 'TaskStarted', { taskStartedEventDetails: { resourceType, resource } });
  const call = { visit, named, parameters };
  // Waiting for an execution is waiting; only code that runs now is slow in account time.
  const pace = named.kind === 'start-execution-sync' ? 1 : run.speed;
  const limit = seconds === undefined ? undefined : seconds * 1000 * pace;
  const { result, text } = await inTime(visit, limit, (scope) => answerOf({ ...call, scope }));
  record(run, frame, 'TaskSucceeded', {
    taskSucceededEventDetails: { resourceType, resource, output: text, outputDetails: { truncated: false } },
  });
  return result;
}

async function timeout(visit: Visit<TaskState>, template: number | string): Promise<number> {
  return evaluateNumber(visit, 'TimeoutSeconds', template, (n) => Number.isInteger(n) && n >= 1 && n <= 99_999_999);
}

async function answerOf(call: TaskCall): Promise<{ result: Json; text: string }> {
  try {
    const result = await call.visit.run.integrations.call(call);
    return { result, text: encode(call.visit, result, 'result') };
  } catch (thrown) {
    if (!(thrown instanceof Cancelled)) recordFailure(call, asStateError(thrown));
    throw thrown;
  }
}

function recordFailure({ visit, named: { resource, resourceType } }: TaskCall, failure: StateError): void {
  const { run, frame } = visit;
  const details = { resourceType, resource, error: failure.error, cause: failure.because };
  if (failure.error === TIMEOUT) {
    record(run, frame, 'TaskTimedOut', { taskTimedOutEventDetails: details });
  } else if (failure instanceof SubmitFailure) {
    record(run, frame, 'TaskSubmitFailed', { taskSubmitFailedEventDetails: details });
  } else {
    record(run, frame, 'TaskFailed', { taskFailedEventDetails: details });
  }
}

/** Gives the work up with States.Timeout after so much account time. */
async function inTime<T>(visit: Visit, ms: number | undefined, work: (scope: Scope) => Promise<T>): Promise<T> {
  const scope = visit.frame.scope.fork();
  const label = `states/${visit.run.facts.name}: '${visit.name}' times out`;
  const timer =
    ms === undefined ? undefined : visit.run.world.time.after(ms, label, () => scope.cancel(new StateError(TIMEOUT, undefined)));
  try {
    return await work(scope);
  } finally {
    timer?.cancel();
    scope.close();
  }
}
