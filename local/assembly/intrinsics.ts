/** CloudFormation's intrinsic functions, as its user guide's intrinsic function reference gives them. */
import { Buffer } from 'node:buffer';
import { ipv4Networks } from './cidr.ts';
import { isTrue } from './conditions.ts';
import { AssemblyError, asArray, asObject, asText, isArray, isObject, objectOrEmpty } from './json.ts';
import type { JsonObject } from './json.ts';

/** What a template's names stand for while it is resolved. */
export interface Scope {
  /** Template or resource, for messages. */
  readonly where: string;
  /** Value of a pseudo parameter, parameter or declared resource; throws AssemblyError for an unknown name. */
  ref(name: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  /** Value another stack exports. */
  imported(name: string): unknown;
  /** Value of an SSM parameter, for `{{resolve:ssm:…}}`. */
  ssm(name: string): string;
  zones(region: string): readonly string[];
  readonly conditions: JsonObject;
  readonly mappings: JsonObject;
}

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => scope.ref(asText(argument, `${scope.where} Ref`)),
  'Fn::GetAtt': getAttribute,
  'Fn::Join': join,
  'Fn::Sub': substitute,
  'Fn::Select': select,
  'Fn::Split': split,
  'Fn::ImportValue': (argument, scope) => scope.imported(textOf(argument, scope, 'Fn::ImportValue')),
  'Fn::GetAZs': (argument, scope) => scope.zones(textOf(argument, scope, 'Fn::GetAZs')),
  'Fn::If': choose,
  'Fn::FindInMap': findInMap,
  'Fn::Base64': (argument, scope) => Buffer.from(textOf(argument, scope, 'Fn::Base64')).toString('base64'),
  'Fn::Cidr': cidr,
};

/** Resolves every intrinsic in a value. AWS::NoValue is `undefined`, and leaves no key or list item behind. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return value.includes('{{resolve:') ? resolveDynamic(value, scope) : value;
  if (isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  const [name, ...others] = Object.keys(value);
  if (name !== undefined && others.length === 0 && (name === 'Ref' || name.startsWith('Fn::')))
    return call(name, value[name], scope);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]): [string, unknown] => [key, resolve(inner, scope)])
      .filter(([, inner]) => inner !== undefined),
  );
}

function call(name: string, argument: unknown, scope: Scope): unknown {
  const intrinsic = INTRINSICS[name];
  if (intrinsic) return intrinsic(argument, scope);
  throw new AssemblyError(`${scope.where}: ${name} is not known locally (known: ${Object.keys(INTRINSICS).join(', ')})`);
}

const textOf = (value: unknown, scope: Scope, name: string) => asText(resolve(value, scope), `${scope.where} ${name}`);
const listOf = (value: unknown, scope: Scope, name: string) => asArray(resolve(value, scope), `${scope.where} ${name}`);

function getAttribute(argument: unknown, scope: Scope): unknown {
  if (isArray(argument))
    return scope.attribute(textOf(argument[0], scope, 'Fn::GetAtt'), textOf(argument[1], scope, 'Fn::GetAtt'));
  return attributeByPath(asText(argument, `${scope.where} Fn::GetAtt`), scope);
}

function attributeByPath(path: string, scope: Scope): unknown {
  const dot = path.indexOf('.');
  return scope.attribute(path.slice(0, dot), path.slice(dot + 1));
}

function join(argument: unknown, scope: Scope): string {
  const [separator, parts] = asArray(argument, `${scope.where} Fn::Join`);
  return listOf(parts, scope, 'Fn::Join')
    .map((part) => asText(part, `${scope.where} Fn::Join`))
    .join(textOf(separator, scope, 'Fn::Join'));
}

/** `${!Name}` stays as `${Name}`; names bound in the second argument go first. */
function substitute(argument: unknown, scope: Scope): string {
  const [text, bound] = isArray(argument) ? argument : [argument];
  const own = objectOrEmpty(bound);
  const value = (name: string): unknown => {
    if (name in own) return resolve(own[name], scope);
    return name.includes('.') ? attributeByPath(name, scope) : scope.ref(name);
  };
  const replaced = asText(text, `${scope.where} Fn::Sub`).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) =>
    literal === '!' ? `\${${name}}` : asText(value(name.trim()), `${scope.where} Fn::Sub \${${name}}`),
  );
  return replaced.includes('{{resolve:') ? resolveDynamic(replaced, scope) : replaced;
}

function select(argument: unknown, scope: Scope): unknown {
  const [index, list] = asArray(argument, `${scope.where} Fn::Select`);
  const items = listOf(list, scope, 'Fn::Select');
  const at = Number(textOf(index, scope, 'Fn::Select'));
  if (at in items) return items[at];
  throw new AssemblyError(`${scope.where}: Fn::Select wants item ${at} of a list of ${items.length}`);
}

function split(argument: unknown, scope: Scope): readonly string[] {
  const [separator, text] = asArray(argument, `${scope.where} Fn::Split`);
  return textOf(text, scope, 'Fn::Split').split(textOf(separator, scope, 'Fn::Split'));
}

function choose(argument: unknown, scope: Scope): unknown {
  const [condition, whenTrue, whenFalse] = asArray(argument, `${scope.where} Fn::If`);
  return resolve(isTrue(asText(condition, `${scope.where} Fn::If`), scope) ? whenTrue : whenFalse, scope);
}

function findInMap(argument: unknown, scope: Scope): unknown {
  const [map, first, second] = asArray(argument, `${scope.where} Fn::FindInMap`).map((name) =>
    textOf(name, scope, 'Fn::FindInMap'),
  );
  const rows = asObject(scope.mappings[map ?? ''], `${scope.where} Fn::FindInMap ${map}`);
  const row = asObject(rows[first ?? ''], `${scope.where} Fn::FindInMap ${map}.${first}`);
  const value = row[second ?? ''];
  if (value === undefined) throw new AssemblyError(`${scope.where}: Fn::FindInMap finds no ${map}.${first}.${second}`);
  return value;
}

function cidr(argument: unknown, scope: Scope): readonly string[] {
  const [block, count, hostBits] = asArray(argument, `${scope.where} Fn::Cidr`).map((part) => textOf(part, scope, 'Fn::Cidr'));
  return ipv4Networks(block ?? '', Number(count), Number(hostBits));
}

const DYNAMIC = /\{\{resolve:([a-z-]+):([^}]+)\}\}/g;

function resolveDynamic(text: string, scope: Scope): string {
  return text.replace(DYNAMIC, (whole, service: string, name: string) => {
    if (service !== 'ssm') throw new AssemblyError(`${scope.where}: ${whole}: only SSM parameters can be resolved locally`);
    return scope.ssm(name);
  });
}

/** Names of the SSM parameters that a value's dynamic references need. */
export function dynamicNames(value: unknown): readonly string[] {
  const found = [...JSON.stringify([value]).matchAll(DYNAMIC)].filter(([, service]) => service === 'ssm');
  return [...new Set(found.map(([, , name = '']) => name))];
}
