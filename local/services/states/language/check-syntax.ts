import validate from 'asl-validator';
import { AwsError } from '../../../kernel/aws-error.ts';
import { isArray, isObject, parseJson } from './json.ts';
import type { Json } from './json.ts';

/** A second opinion on the definition: reachability, missing ends, field shapes. */
export function checkSyntax(text: string): void {
  const definition = parseJson(text);
  // The validator writes into what it is given, so it gets its own copy.
  const verdict = validate(outputsAsText(definition));
  if (verdict.isValid) return;
  throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: ${verdict.errorsText('; ')}`);
}

/** The validator takes only text and objects for an Output; AWS takes any JSON. */
function outputsAsText(value: Json): Json {
  if (isArray(value)) return value.map(outputsAsText);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      key,
      key === 'Output' && !isObject(field) ? JSON.stringify(field) : outputsAsText(field),
    ]),
  );
}
