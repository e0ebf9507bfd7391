import { RUNTIME, DATA_LIMIT, QUERY_EVALUATION, StateError } from '../language/state-error.ts';
import type { Bindings } from '../language/expressions.ts';
import { EvaluationError } from '../language/expressions.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { bytesOf } from '../language/json.ts';
import type { Visit } from './run.ts';
import { record } from './run.ts';

/** AWS's quota for a state's, task's or execution's input or output: 256 KiB as UTF-8. */
export const DATA_BYTES = 262_144;

/** What `$states` has besides input and context, depending on where an expression stands. */
export interface Seen {
  readonly result?: Json;
  readonly errorOutput?: Json;
}

/** Evaluates a template for a state; a failure is in the history and becomes States.QueryEvaluationError. */
export async function evaluate(visit: Visit, field: string, template: Json, seen: Seen = {}): Promise<Json> {
  const { run, frame } = visit;
  const states = { input: visit.input, context: contextOf(visit), ...seen };
  const bindings: Bindings = { ...frame.variables.all(), states };
  try {
    return await run.expressions.evaluate(template, field, bindings);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw queryFailed(visit, error.field, error.message);
  }
}

/** A number that may be written as JSONata. */
export async function evaluateNumber(
  visit: Visit,
  field: string,
  template: Json,
  holds: (n: number) => boolean,
): Promise<number> {
  const value = await evaluate(visit, field, template);
  if (typeof value === 'number' && holds(value)) return value;
  throw queryFailed(visit, field, `The value of the field '${field}' is not allowed there: ${JSON.stringify(value)}.`);
}

/** States.QueryEvaluationError, with its event. */
export function queryFailed(visit: Visit, field: string, message: string): StateError {
  const cause = inState(visit, message);
  const error = QUERY_EVALUATION;
  record(visit.run, visit.frame, 'EvaluationFailed', {
    evaluationFailedEventDetails: { error, cause, location: field, state: visit.name },
  });
  return new StateError(error, cause);
}

/** AWS's preamble of causes that arise inside a state. */
export function inState(visit: Visit, message: string): string {
  return `An error occurred while executing the state '${visit.name}' (entered at the event id #${visit.enteredEvent}). ${message}`;
}

export function runtimeFailure(visit: Visit, message: string): StateError {
  return new StateError(RUNTIME, inState(visit, message));
}

/** The text of a value in the history; refused above AWS's quota. */
export function encode(visit: Visit, value: Json, what: string): string {
  const text = JSON.stringify(value);
  if (bytesOf(text) <= DATA_BYTES) return text;
  throw new StateError(
    DATA_LIMIT,
    `The state/task '${visit.name}' returned a result with a size exceeding the maximum number of bytes service limit (${what}).`,
  );
}

/** The context object (developer guide, "Accessing execution data from the Context object"). */
function contextOf(visit: Visit): JsonObject {
  const { facts } = visit.run;
  const retried = visit.state.Type === 'Task' || visit.state.Type === 'Parallel' || visit.state.Type === 'Map';
  return {
    Execution: {
      Id: facts.arn,
      Input: facts.input,
      StartTime: new Date(facts.startedAt).toISOString(),
      Name: facts.name,
      RoleArn: facts.roleArn,
      RedriveCount: 0,
    },
    StateMachine: { Id: facts.machineArn, Name: facts.machineName },
    State: {
      Name: visit.name,
      EnteredTime: new Date(visit.enteredAt).toISOString(),
      ...(retried && { RetryCount: visit.retries }),
    },
    ...(visit.frame.item !== undefined && { Map: { Item: { Index: visit.frame.item.Index, Value: visit.frame.item.Value } } }),
  };
}
