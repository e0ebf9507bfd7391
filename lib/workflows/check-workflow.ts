/**
 * What synth proves of a workflow: every call gives its callee exactly the arguments of its contract; every field of an
 * answer that is read is one the callee can give; every variable that is read is set; every choice on the kind of an
 * answer has a way on for each kind. Expressions are not evaluated: a value that is one is trusted.
 */
import type { Assignment, Choice, Definition, State, Value } from './asl.ts';
import { argumentProblems, fieldOf, kindsOf, type Schema } from './schemas.ts';
import { ANSWER, type Callable } from './steps.ts';

interface Scope {
  readonly callables: ReadonlyMap<string, Callable>;
  /** What is known of each variable; undefined for a variable that is set to something without a contract. */
  readonly variables: ReadonlyMap<string, readonly (Schema | undefined)[]>;
}

export function checkWorkflow(definition: Definition, callables: readonly Callable[]): string[] {
  const states = allStates(definition);
  const byId = new Map(callables.map((callable) => [callable.id, callable]));
  const scope: Scope = { callables: byId, variables: variablesOf(states, byId) };
  return states.flatMap(([name, state]) => checkState(state, scope).map((problem) => `"${name}": ${problem}`));
}

function allStates(definition: Definition): (readonly [string, State])[] {
  return Object.entries(definition.States).flatMap(([name, state]) => [[name, state] as const, ...innerStates(state)]);
}

function innerStates(state: State): (readonly [string, State])[] {
  if (state.Type === 'Parallel') return state.Branches.flatMap(allStates);
  return state.Type === 'Map' ? allStates(state.ItemProcessor) : [];
}

function checkState(state: State, scope: Scope): string[] {
  return [
    ...checkCall(state, scope),
    ...expressionsIn(state).flatMap((expression) => checkReads(expression, calleeOf(state, scope.callables), scope)),
    ...(state.Type === 'Choice' ? checkChoice(state, scope) : []),
  ];
}

function checkCall(state: State, { callables }: Scope): string[] {
  if (state.Type !== 'Task') return [];
  const isCall = /lambda:invoke$|startExecution\.sync:2$|:aws-sdk:/.test(state.Resource);
  if (!isCall) return [];
  const callee = calleeOf(state, callables);
  if (!callee) return ['calls something without a contract'];
  if (callee.kind === 'sdk') return argumentProblems(callee.input, state.Arguments);
  return argumentProblems(callee.input, state.Arguments['Payload'] ?? state.Arguments['Input'] ?? {});
}

function calleeOf(state: State, callables: ReadonlyMap<string, Callable>): Callable | undefined {
  if (state.Type !== 'Task') return undefined;
  const isSdk = state.Resource.includes(':aws-sdk:');
  const id = isSdk ? state.Resource : (state.Arguments['FunctionName'] ?? state.Arguments['StateMachineArn']);
  return typeof id === 'string' ? callables.get(id) : undefined;
}

/** Variables of all scopes together: the names are ours, and none is used twice for different things. */
function variablesOf(states: readonly (readonly [string, State])[], callables: Scope['callables']): Scope['variables'] {
  const variables = new Map<string, (Schema | undefined)[]>();
  for (const [, state] of states) {
    const callee = calleeOf(state, callables);
    for (const [name, value] of assignmentsOf(state)) {
      variables.set(name, [...(variables.get(name) ?? []), callee && answerTaken(value, callee)]);
    }
  }
  return variables;
}

function assignmentsOf(state: State): [string, Value][] {
  const own = 'Assign' in state ? [state.Assign] : [];
  const choices = state.Type === 'Choice' ? state.Choices.map((choice) => choice.Assign) : [];
  const catches = 'Catch' in state ? (state.Catch ?? []).map((catcher) => catcher.Assign) : [];
  const assignments: (Assignment | undefined)[] = [...own, ...choices, ...catches];
  return assignments.flatMap((assignment) => Object.entries(assignment ?? {}));
}

/** The schema a variable has that takes the whole answer. */
function answerTaken(value: Value, callee: Callable): Schema | undefined {
  return value === `{% ${ANSWER[callee.kind]} %}` ? callee.output : undefined;
}

function expressionsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('{%') ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(expressionsIn);
  if (typeof value !== 'object' || value === null) return [];
  // Inner states are looked at by themselves, with their own names.
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'Branches' || key === 'ItemProcessor' ? [] : expressionsIn(inner),
  );
}

/** Text in quotes is no code; `$name(` is a function. */
function checkReads(expression: string, callee: Callable | undefined, scope: Scope): string[] {
  const code = expression.replace(/'[^']*'|"[^"]*"/g, "''");
  const reads = [...code.matchAll(/\$([A-Za-z_]\w*)(?!\w*\()((?:\.\w+)*)/g)];
  return reads.flatMap(([, name = '', path = '']) => {
    const fields = path.split('.').slice(1);
    if (name === 'states') return callee ? answerReads(fields, callee) : [];
    return variableReads(name, fields, scope);
  });
}

function answerReads(fields: readonly string[], callee: Callable): string[] {
  const [result, place, ...rest] = fields;
  if (callee.kind === 'sdk') return result === 'result' ? missingField(callee.output, fields.slice(1), 'the answer') : [];
  if (result !== 'result' || `$states.${result}.${place ?? ''}` !== ANSWER[callee.kind]) return [];
  return missingField(callee.output, rest, 'the answer');
}

function variableReads(name: string, fields: readonly string[], { variables }: Scope): string[] {
  const known = variables.get(name);
  if (!known) return [`reads $${name}, which no state sets`];
  return known.flatMap((schema) => (schema ? missingField(schema, fields, `$${name}`) : []));
}

function missingField(schema: Schema, fields: readonly string[], whose: string): string[] {
  const [field] = fields;
  if (field === undefined || fieldOf(schema, field)) return [];
  return [`reads ${whose}.${field}, which its contract does not have`];
}

function checkChoice(state: Choice, { variables }: Scope): string[] {
  if (state.Default !== undefined) return [];
  const tests = state.Choices.map(({ Condition }) => /^\{% \$(\w+)\.kind = '([\w-]+)' %\}$/.exec(Condition));
  const asked = new Map<string, Set<string>>();
  for (const test of tests) {
    if (!test) return ['has no default, and a condition that is not on the kind of an answer'];
    const [, name = '', kind = ''] = test;
    asked.set(name, (asked.get(name) ?? new Set()).add(kind));
  }
  return [...asked].flatMap(([name, kinds]) => kindProblems(name, kinds, variables.get(name) ?? []));
}

function kindProblems(name: string, asked: ReadonlySet<string>, schemas: readonly (Schema | undefined)[]): string[] {
  const kinds = new Set(schemas.flatMap((schema) => (schema ? kindsOf(schema) : [])));
  const forgotten = [...kinds].filter((kind) => !asked.has(kind)).map((kind) => `has no way on for $${name}.kind "${kind}"`);
  const invented = [...asked]
    .filter((kind) => !kinds.has(kind))
    .map((kind) => `asks for $${name}.kind "${kind}", which is never answered`);
  return [...forgotten, ...invented];
}
