/** A definition's text → a machine that can run, or a refusal that names the state and the field. */
import type { z } from 'zod';
import { AwsError } from '../../../kernel/aws-error.ts';
import { KNOWN_RESOURCES, resourceOf } from '../integrations/resource.ts';
import { checkSyntax } from './check-syntax.ts';
import { machine } from './definition.ts';
import type { Branch, Catcher, Machine, State } from './definition.ts';
import { bareReferences } from './bare-references.ts';
import type { Expressions } from './expressions.ts';
import { sourceOf } from './expressions.ts';
import { isArray, isObject, parseJson } from './json.ts';
import type { Json } from './json.ts';

const JSONPATH_FIELDS = ['InputPath', 'OutputPath', 'ResultPath', 'Parameters', 'ResultSelector', 'ItemsPath', 'Result'];

export function readDefinition(text: string, expressions: Expressions): Machine {
  const parsed = machine.safeParse(asJson(text));
  if (!parsed.success) throw refusal(parsed.error.issues.map(describe));
  const faults = [...branchFaults(parsed.data, new Set(), expressions), ...duplicates(namesIn(parsed.data))];
  if (faults.length > 0) throw refusal(faults);
  checkSyntax(text);
  return parsed.data;
}

export function refusal(faults: readonly string[]): AwsError {
  return new AwsError('InvalidDefinition', `Invalid State Machine Definition: ${faults.join('; ')}`);
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: not JSON: ${String(cause)}`, 400, { cause });
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const at = issue.path.map(String);
  const index = at.lastIndexOf('States');
  const where = index < 0 ? 'state machine' : `state '${at[index + 1] ?? ''}'`;
  const field = at.slice(index < 0 ? 0 : index + 2).join('/');
  if (issue.code !== 'unrecognized_keys') return `${where}: ${field === '' ? '' : `${field}: `}${issue.message}`;
  const names = issue.keys.map((key) =>
    isJsonPath(key) ? `${key} is JSONPath, only JSONata runs here` : `${key} is not known here`,
  );
  return `${where}: ${field === '' ? '' : `${field}: `}${names.join(', ')}`;
}

function isJsonPath(field: string): boolean {
  return JSONPATH_FIELDS.includes(field) || field.endsWith('Path') || field.endsWith('.$');
}

function branchFaults(branch: Branch, outer: ReadonlySet<string>, expressions: Expressions): string[] {
  const own = new Set(Object.values(branch.States).flatMap(assignedBy));
  const shadowed = [...own].filter((name) => outer.has(name));
  const targets = [branch.StartAt, ...Object.values(branch.States).flatMap(targetsOf)];
  const inner = new Set([...outer, ...own]);
  return [
    ...shadowed.map(
      (name) => `variable $${name} is assigned in an inner scope and in an outer one: give one of them another name`,
    ),
    ...targets.filter((name) => !(name in branch.States)).map((name) => `there is no state '${name}' beside '${branch.StartAt}'`),
    ...Object.entries(branch.States).flatMap(([name, state]) => [
      ...stateFaults(state, expressions).map((fault) => `state '${name}': ${fault}`),
      ...branchesOf(state).flatMap((each) => branchFaults(each, inner, expressions)),
    ]),
  ];
}

function stateFaults(state: State, expressions: Expressions): string[] {
  const faults: string[] = [];
  if (FLOWING.has(state.Type) && (nextOf(state) === undefined) === (endOf(state) === undefined)) {
    faults.push('needs either Next or End');
  }
  if (state.Type === 'Wait' && (state.Seconds === undefined) === (state.Timestamp === undefined)) {
    faults.push('needs either Seconds or Timestamp');
  }
  if (state.Type === 'Task' && resourceOf(state.Resource) === undefined) {
    faults.push(`Resource ${state.Resource} is not known here; known: ${KNOWN_RESOURCES.join(', ')}`);
  }
  return [...faults, ...handlingFaults(state), ...expressionFaults(withoutBranches(state), expressions)];
}

const FLOWING: ReadonlySet<string> = new Set(['Task', 'Pass', 'Wait', 'Parallel', 'Map']);

function nextOf(state: State): string | undefined {
  return 'Next' in state ? state.Next : undefined;
}

function endOf(state: State): true | undefined {
  return 'End' in state ? state.End : undefined;
}

/** States.ALL stands alone, and in the last retrier or catcher. */
function handlingFaults(state: State): string[] {
  if (!('Retry' in state)) return [];
  return [state.Retry, state.Catch].flatMap((handlers) =>
    handlers.flatMap((handler, index) => {
      if (!handler.ErrorEquals.includes('States.ALL')) return [];
      if (handler.ErrorEquals.length > 1) return ['States.ALL must be alone in ErrorEquals'];
      return index < handlers.length - 1 ? ['States.ALL must be in the last retrier or catcher'] : [];
    }),
  );
}

function expressionFaults(value: Json, expressions: Expressions): string[] {
  if (isArray(value)) return value.flatMap((item) => expressionFaults(item, expressions));
  if (isObject(value)) return Object.values(value).flatMap((field) => expressionFaults(field, expressions));
  const source = typeof value === 'string' ? sourceOf(value) : undefined;
  if (source === undefined) return [];
  try {
    const ast = expressions.compile(source).ast();
    return bareReferences(ast).map((name) => `JSONata '${source}': Reference to '${name}' at the top level is not supported`);
  } catch (error) {
    const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
    return [`JSONata '${source}': ${message}`];
  }
}

function withoutBranches(state: State): Json {
  const fields = Object.entries(state).filter(([name]) => name !== 'Branches' && name !== 'ItemProcessor');
  return Object.fromEntries(fields.map(([name, field]: [string, unknown]) => [name, asPlain(field)]));
}

function asPlain(value: unknown): Json {
  return parseJson(JSON.stringify(value ?? null));
}

function branchesOf(state: State): readonly Branch[] {
  if (state.Type === 'Parallel') return state.Branches;
  return state.Type === 'Map' ? [state.ItemProcessor] : [];
}

function catchersOf(state: State): readonly Catcher[] {
  return 'Catch' in state ? state.Catch : [];
}

function targetsOf(state: State): string[] {
  const own = state.Type === 'Choice' ? [state.Default, ...state.Choices.map((rule) => rule.Next)] : [nextOf(state)];
  return [...own, ...catchersOf(state).map((each) => each.Next)].filter((name) => name !== undefined);
}

function assignedBy(state: State): string[] {
  const own = 'Assign' in state ? [state.Assign] : [];
  const rules = state.Type === 'Choice' ? state.Choices.map((rule) => rule.Assign) : [];
  const all = [...own, ...rules, ...catchersOf(state).map((each) => each.Assign)];
  return all.flatMap((assign) => Object.keys(assign ?? {}));
}

function namesIn(branch: Branch): string[] {
  return Object.entries(branch.States).flatMap(([name, state]) => [name, ...branchesOf(state).flatMap(namesIn)]);
}

function duplicates(names: readonly string[]): string[] {
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) => `two states are named '${name}'`);
}
