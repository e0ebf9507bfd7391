/** What StartExecution refuses before anything starts. */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Json } from './language/json.ts';
import { bytesOf, parseJson } from './language/json.ts';
import { DATA_BYTES } from './run/evaluate.ts';

const NAME_LENGTH = 80;
/** AWS's list (StartExecution, `name`): white space, brackets, wildcards, special and control characters. */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/u;

export function checkName(name: string): void {
  if (name.length < 1 || name.length > NAME_LENGTH) throw tooLong('name', name, NAME_LENGTH);
  if (FORBIDDEN.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}

export function parseInput(input: string): Json {
  if (bytesOf(input) > DATA_BYTES) throw tooLong('input', `${input.slice(0, 40)}…`, DATA_BYTES);
  try {
    return parseJson(input);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`, 400, { cause });
  }
}

function tooLong(field: string, value: string, limit: number): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: ` +
      `Member must have length between 1 and ${limit}`,
  );
}
