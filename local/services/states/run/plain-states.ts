/** Pass, Choice, Wait, Succeed and Fail: the states that call nobody. */
import type { ChoiceState, FailState, PassState, SucceedState, WaitState } from '../language/definition.ts';
import { NO_CHOICE, StateError } from '../language/state-error.ts';
import { evaluate, evaluateNumber, inState, queryFailed } from './evaluate.ts';
import { leave } from './leave.ts';
import type { Step, Visit } from './run.ts';
import { sleepUntil } from './sleep.ts';

export async function runPass(visit: Visit<PassState>): Promise<Step> {
  return leave(visit, visit.state, visit.input);
}

/** A rule that holds is left by its own Assign and Output; the state's own belong to its Default. */
export async function runChoice(visit: Visit<ChoiceState>): Promise<Step> {
  const { state } = visit;
  for (const [index, rule] of state.Choices.entries()) {
    const field = `Choices[${index}]/Condition`;
    const holds = await evaluate(visit, field, rule.Condition);
    if (typeof holds !== 'boolean')
      throw queryFailed(visit, field, `The field '${field}' is not a boolean: ${JSON.stringify(holds)}.`);
    if (holds) return leave(visit, rule, visit.input);
  }
  if (state.Default === undefined) {
    throw new StateError(NO_CHOICE, inState(visit, 'No rule of the Choice holds and it has no Default.'));
  }
  return leave(visit, { Output: state.Output, Assign: state.Assign, Next: state.Default }, visit.input);
}

export async function runWait(visit: Visit<WaitState>): Promise<Step> {
  await sleepUntil(visit, await endOfWait(visit), 'waits');
  return leave(visit, visit.state, visit.input);
}

async function endOfWait(visit: Visit<WaitState>): Promise<number> {
  const { state } = visit;
  if (state.Timestamp === undefined) {
    const seconds = await evaluateNumber(visit, 'Seconds', state.Seconds ?? 0, (n) => n >= 0 && n <= 99_999_999);
    return visit.run.world.time.now() + seconds * 1000;
  }
  const timestamp = await evaluate(visit, 'Timestamp', state.Timestamp);
  const instant = typeof timestamp === 'string' && TIMESTAMP.test(timestamp) ? Date.parse(timestamp) : NaN;
  if (Number.isNaN(instant)) throw queryFailed(visit, 'Timestamp', `Not a timestamp: ${JSON.stringify(timestamp)}.`);
  return instant;
}

/** RFC 3339 with the T and the zone in capitals, as the language asks. */
export const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

export async function runSucceed(visit: Visit<SucceedState>): Promise<Step> {
  return leave(visit, { Output: visit.state.Output }, visit.input);
}

export async function runFail(visit: Visit<FailState>): Promise<never> {
  const { Error: error, Cause: cause } = visit.state;
  throw new StateError(await textOf(visit, 'Error', error), await textOf(visit, 'Cause', cause));
}

async function textOf(visit: Visit, field: string, template: string | undefined): Promise<string | undefined> {
  if (template === undefined) return undefined;
  const text = await evaluate(visit, field, template);
  if (typeof text !== 'string') throw queryFailed(visit, field, `The field '${field}' is not a string: ${JSON.stringify(text)}.`);
  return text;
}
