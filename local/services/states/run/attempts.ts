import type { Catcher, MapState, ParallelState, Retrier, TaskState } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import { asStateError, matches } from '../language/state-error.ts';
import type { StateError } from '../language/state-error.ts';
import { leave } from './leave.ts';
import type { Step, Visit } from './run.ts';
import { Cancelled } from './scope.ts';
import { sleep } from './sleep.ts';

/** Runs a state's work until it succeeds, no retrier takes its error, or a catcher does. */
export async function attempts(visit: Visit<TaskState | ParallelState | MapState>, work: () => Promise<Json>): Promise<Step> {
  const used = new Map<Retrier, number>();
  for (;;) {
    try {
      const result = await work();
      return await leave(visit, visit.state, result, { result });
    } catch (thrown) {
      if (thrown instanceof Cancelled) throw thrown;
      const failure = asStateError(thrown);
      const delay = delayBeforeRetry(visit, failure, used);
      if (delay === undefined) return await handle(visit, failure);
      await sleep(visit, delay, 'retries');
      visit.retries += 1;
    }
  }
}

/** Milliseconds until the next attempt; undefined if none is allowed. The first retrier that matches decides alone. */
function delayBeforeRetry(visit: Visit<TaskState | ParallelState | MapState>, failure: StateError, used: Map<Retrier, number>) {
  const retrier = visit.state.Retry.find((each) => matches(failure.error, each.ErrorEquals));
  if (retrier === undefined) return undefined;
  const before = used.get(retrier) ?? 0;
  if (before >= retrier.MaxAttempts) return undefined;
  used.set(retrier, before + 1);
  const seconds = Math.min(retrier.IntervalSeconds * retrier.BackoffRate ** before, retrier.MaxDelaySeconds ?? Infinity);
  const delay = Math.round(seconds * 1000);
  // FULL: anything from none to the whole of the delay.
  return retrier.JitterStrategy === 'FULL' ? visit.run.world.random.below(delay + 1) : delay;
}

async function handle(visit: Visit<TaskState | ParallelState | MapState>, failure: StateError): Promise<Step> {
  const catcher: Catcher | undefined = visit.state.Catch.find((each) => matches(failure.error, each.ErrorEquals));
  if (catcher === undefined) throw failure;
  const errorOutput = errorOutputOf(failure);
  return leave(visit, catcher, errorOutput, { errorOutput });
}

export function errorOutputOf(failure: StateError): Json {
  return { Error: failure.error ?? '', ...(failure.because !== undefined && { Cause: failure.because }) };
}
