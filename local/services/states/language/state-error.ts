/** A failure inside an execution, with the error name the Amazon States Language matches on in Retry and Catch. */
export class StateError extends Error {
  override readonly name = 'StateError';
  readonly error: string | undefined;
  /** AWS's Cause; absent where AWS gives none (Error.cause means something else). */
  readonly because: string | undefined;
  constructor(error: string | undefined, cause: string | undefined) {
    super(cause ?? '');
    this.error = error;
    this.because = cause;
  }
}

/** The call that should have begun a job did not. */
export class SubmitFailure extends StateError {}

export const RUNTIME = 'States.Runtime';
export const DATA_LIMIT = 'States.DataLimitExceeded';
export const TIMEOUT = 'States.Timeout';
export const TASK_FAILED = 'States.TaskFailed';
export const QUERY_EVALUATION = 'States.QueryEvaluationError';
export const NO_CHOICE = 'States.NoChoiceMatched';
export const TOLERATED = 'States.ExceedToleratedFailureThreshold';

/**
 * Whether an error name is one of a Retry's or Catch's ErrorEquals. AWS: States.ALL matches neither States.Runtime nor
 * States.DataLimitExceeded; States.TaskFailed matches any error but States.Timeout (and those two); States.Runtime always ends
 * the execution (developer guide, "Handling errors in Step Functions workflows").
 */
export function matches(error: string | undefined, errorEquals: readonly string[]): boolean {
  if (error === RUNTIME) return false;
  if (error !== undefined && errorEquals.includes(error)) return true;
  if (error === DATA_LIMIT) return false;
  if (errorEquals.includes('States.ALL')) return true;
  return errorEquals.includes(TASK_FAILED) && error !== TIMEOUT;
}

/** Anything thrown while a state ran. What is not a StateError is a fault of the interpreter: the execution ends, it is not lost. */
export function asStateError(thrown: unknown): StateError {
  if (thrown instanceof StateError) return thrown;
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new StateError(RUNTIME, `Internal error of the local Step Functions: ${text}`);
}
