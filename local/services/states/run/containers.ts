/** Parallel and Map: states that run other states. */
import type { MapState, ParallelState } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import { isArray } from '../language/json.ts';
import { StateError, TOLERATED } from '../language/state-error.ts';
import { errorOutputOf } from './attempts.ts';
import { encode, evaluate, evaluateNumber, queryFailed } from './evaluate.ts';
import type { Frame, Visit } from './run.ts';
import { record } from './run.ts';
import { Cancelled, gather, isAborted } from './scope.ts';
import type { Scope } from './scope.ts';

/** AWS's quota of iterations of an inline Map that run at one time. */
const INLINE_CONCURRENCY = 40;

export async function runParallel(visit: Visit<ParallelState>): Promise<Json> {
  const { run, frame, state } = visit;
  const input = state.Arguments === undefined ? visit.input : await evaluate(visit, 'Arguments', state.Arguments);
  encode(visit, input, 'Arguments');
  const started = record(run, frame, 'ParallelStateStarted');
  const frames: Frame[] = [];
  const jobs = state.Branches.map((branch) => (scope: Scope) => {
    const inner = innerFrame(frame, scope, started);
    frames.push(inner);
    return run.branch(branch, input, inner);
  });
  const results = await orRecord(visit, 'ParallelStateFailed', () => gather(frame.scope, jobs, jobs.length));
  return finished(visit, 'ParallelStateSucceeded', frames, results);
}

export async function runMap(visit: Visit<MapState>): Promise<Json> {
  const { run, frame } = visit;
  const items = await itemsOf(visit);
  const limits = await limitsOf(visit, items.length);
  const started = record(run, frame, 'MapStateStarted', { mapStateStartedEventDetails: { length: items.length } });
  const iterations = new Iterations(visit, limits.tolerated, started);
  const jobs = items.map((item, index) => (scope: Scope) => iterations.run(item, index, scope));
  const results = await orRecord(visit, 'MapStateFailed', () => gather(frame.scope, jobs, limits.concurrency));
  return finished(visit, 'MapStateSucceeded', iterations.frames, results);
}

async function itemsOf(visit: Visit<MapState>): Promise<readonly Json[]> {
  const { Items } = visit.state;
  const items = Items === undefined ? visit.input : await evaluate(visit, 'Items', Items);
  if (isArray(items)) return items;
  throw queryFailed(visit, 'Items', `The items of a Map must be an array, not ${JSON.stringify(items).slice(0, 80)}.`);
}

interface Limits {
  readonly concurrency: number;
  /** How many failed iterations are borne; undefined if the Map does not say. */
  readonly tolerated: number | undefined;
}

async function limitsOf(visit: Visit<MapState>, length: number): Promise<Limits> {
  const { MaxConcurrency, ToleratedFailureCount, ToleratedFailurePercentage } = visit.state;
  const whole = (n: number) => Number.isInteger(n) && n >= 0;
  const asked = MaxConcurrency === undefined ? 0 : await evaluateNumber(visit, 'MaxConcurrency', MaxConcurrency, whole);
  const borne: number[] = [];
  if (ToleratedFailureCount !== undefined) {
    borne.push(await evaluateNumber(visit, 'ToleratedFailureCount', ToleratedFailureCount, whole));
  }
  if (ToleratedFailurePercentage !== undefined) {
    const share = (n: number) => n >= 0 && n <= 100;
    const percent = await evaluateNumber(visit, 'ToleratedFailurePercentage', ToleratedFailurePercentage, share);
    borne.push((percent / 100) * length);
  }
  return {
    concurrency: Math.min(asked === 0 ? INLINE_CONCURRENCY : asked, INLINE_CONCURRENCY),
    tolerated: borne.length === 0 ? undefined : Math.min(...borne),
  };
}

/** The iterations of one Map, which share how many of them may fail. */
class Iterations {
  readonly frames: Frame[] = [];
  readonly #visit: Visit<MapState>;
  readonly #tolerated: number | undefined;
  readonly #started: number;
  #failed = 0;

  constructor(visit: Visit<MapState>, tolerated: number | undefined, started: number) {
    this.#visit = visit;
    this.#tolerated = tolerated;
    this.#started = started;
  }

  async run(item: Json, index: number, scope: Scope): Promise<Json> {
    const { run, frame, name, state } = this.#visit;
    const inner = { ...innerFrame(frame, scope, this.#started), item: { Index: index, Value: item } };
    this.frames.push(inner);
    record(run, inner, 'MapIterationStarted', { mapIterationStartedEventDetails: { name, index } });
    try {
      const input = state.ItemSelector === undefined ? item : await this.#select(state.ItemSelector, inner);
      const output = await run.branch(state.ItemProcessor, input, inner);
      record(run, inner, 'MapIterationSucceeded', { mapIterationSucceededEventDetails: { name, index } });
      return output;
    } catch (error) {
      return this.#failure(error, index, inner);
    }
  }

  async #select(template: Json, inner: Frame): Promise<Json> {
    const visit = { ...this.#visit, frame: inner };
    const input = await evaluate(visit, 'ItemSelector', template);
    encode(visit, input, 'ItemSelector');
    return input;
  }

  #failure(error: unknown, index: number, inner: Frame): Json {
    const { run, name } = this.#visit;
    if (error instanceof Cancelled) {
      if (isAborted(error)) record(run, inner, 'MapIterationAborted', { mapIterationAbortedEventDetails: { name, index } });
      throw error;
    }
    record(run, inner, 'MapIterationFailed', { mapIterationFailedEventDetails: { name, index } });
    this.#failed += 1;
    if (this.#tolerated === undefined || !(error instanceof StateError)) throw error;
    if (this.#failed <= this.#tolerated) return errorOutputOf(error);
    throw new StateError(TOLERATED, `The Map state '${name}' bears ${this.#tolerated} failed items and has ${this.#failed}.`);
  }
}

function innerFrame(frame: Frame, scope: Scope, lastEvent: number): Frame {
  return { scope, variables: frame.variables.inner(), item: frame.item, lastEvent };
}

async function orRecord<T>(visit: Visit, type: 'ParallelStateFailed' | 'MapStateFailed', work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Cancelled)) record(visit.run, visit.frame, type);
    throw error;
  }
}

/** AWS: both the success and the exit of the state follow the last event of the last branch to end. */
function finished(
  visit: Visit,
  type: 'ParallelStateSucceeded' | 'MapStateSucceeded',
  frames: readonly Frame[],
  results: Json,
): Json {
  const { run, frame } = visit;
  const last = Math.max(frame.lastEvent, ...frames.map((each) => each.lastEvent));
  frame.lastEvent = last;
  record(run, frame, type);
  frame.lastEvent = last;
  encode(visit, results, 'result');
  return results;
}
