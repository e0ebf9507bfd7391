import validate from 'asl-validator';
import { AwsError } from '../../../kernel/aws-error.ts';
import { sourceOf } from './expressions.ts';
import { isArray, isObject, parseJson } from './json.ts';
import type { Json } from './json.ts';

/** What the validator said of a structure: '' for nothing. It takes 70 ms each time, and many definitions are built alike. */
const verdicts = new Map<string, string>();

/** A second opinion on the definition's structure: states nothing leads to, missing ends, field shapes. */
export function checkSyntax(text: string): void {
  const structure = JSON.stringify(structureOf(parseJson(text)));
  const verdict = verdicts.get(structure) ?? faultsIn(structure);
  verdicts.set(structure, verdict);
  if (verdict !== '') throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: ${verdict}`);
}

function faultsIn(structure: string): string {
  // Parsed once more: the validator writes into what it is given.
  const { isValid, errorsText } = validate(parseJson(structure));
  return isValid ? '' : errorsText('; ') || 'not valid';
}

/**
 * The validator refuses data AWS takes (expressions over several lines, outputs that are numbers or lists). So it is shown the
 * structure, with placeholders for data and expressions, which are checked by compiling them.
 */
const PLACEHOLDERS: Readonly<Record<string, Json>> = {
  Output: '{% 0 %}',
  Arguments: {},
  Assign: {},
  Items: '{% 0 %}',
  ItemSelector: {},
  Condition: '{% true %}',
};

function structureOf(value: Json): Json {
  if (isArray(value)) return value.map(structureOf);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, fieldOf(name, field)]));
  return typeof value === 'string' && sourceOf(value) !== undefined ? '{% 0 %}' : value;
}

function fieldOf(name: string, field: Json): Json {
  // Under `States` are names of states, whatever they are.
  if (name !== 'States' || !isObject(field)) return PLACEHOLDERS[name] ?? structureOf(field);
  return Object.fromEntries(Object.entries(field).map(([state, fields]) => [state, structureOf(fields)]));
}
