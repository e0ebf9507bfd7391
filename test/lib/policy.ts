/** A small IAM: evaluates synthesized policies for one role, action, resource and request. Deny wins; no allow is a no. */
import type { Template } from 'aws-cdk-lib/assertions';
import { resourcesOf } from './synth.ts';

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export type Context = Readonly<Record<string, string | readonly string[]>>;

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '123456789012',
};

/** References to resources become <LogicalId>, with no hash, so that tests can name them. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[kind, inner] = ['', undefined]] = Object.entries(value as object) as [string, unknown][];
  if (kind === 'Ref') return PSEUDO[inner as string] ?? named(inner as string);
  if (kind === 'Fn::GetAtt') return named((inner as string[])[0]!);
  if (kind === 'Fn::Join') return (inner as [string, unknown[]])[1].map(toText).join('');
  if (kind === 'Fn::Select') return `zone-${(inner as [number])[0]}`;
  if (kind === 'Fn::ImportValue') return `<${inner as string}>`;
  throw new Error(`the test's IAM does not know ${JSON.stringify(value)}`);
}

const named = (logicalId: string) => `<${logicalId.replace(/[0-9A-F]{8}$/, '')}>`;

/** Everything the role may do whose construct path leads to this logical id. */
export function statementsOf(template: Template, role: string): Statement[] {
  const found = Object.values(resourcesOf(template))
    .filter((resource) => resource.Type === 'AWS::IAM::Policy')
    .filter(({ Properties }) => (Properties['Roles'] as unknown[]).some((ref) => toText(ref) === `<${role}>`))
    .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement);
  if (found.length === 0) throw new Error(`no policy names the role ${role}`);
  return found;
}

export function may(statements: readonly Statement[], action: string, resource: string, context: Context = {}): boolean {
  const applying = statements.filter((statement) => applies(statement, action, resource, context));
  return applying.length > 0 && applying.every(({ Effect }) => Effect === 'Allow');
}

/** Every action any statement allows, on whatever resource. */
export const actionsOf = (statements: readonly Statement[]): string[] =>
  [...new Set(statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => list(Action)))].sort();

function applies(statement: Statement, action: string, resource: string, context: Context): boolean {
  return (
    list(statement.Action).some((pattern) => matches(pattern, action)) &&
    reaches(statement, resource) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, context[key], list(wanted).map(toText))),
    )
  );
}

function reaches({ Resource, NotResource }: Statement, resource: string): boolean {
  const named = list(NotResource ?? Resource).some((pattern) => matches(toText(pattern), resource));
  return NotResource === undefined ? named : !named;
}

function holds(operator: string, given: string | readonly string[] | undefined, wanted: readonly string[]): boolean {
  if (operator === 'Null') return (given === undefined) === (wanted[0] === 'true');
  if (given === undefined) return false;
  const values = list(given);
  switch (operator) {
    case 'StringEquals':
    case 'Bool':
      return values.every((value) => wanted.includes(value));
    case 'StringLike':
    case 'ArnLike':
    case 'ForAnyValue:StringLike':
      return values.some((value) => wanted.some((pattern) => matches(pattern, value)));
    default:
      throw new Error(`the test's IAM does not know the operator ${operator}`);
  }
}

function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(text);
}

const list = <Item>(value: Item | readonly Item[]): readonly Item[] =>
  Array.isArray(value) ? (value as readonly Item[]) : [value as Item];
