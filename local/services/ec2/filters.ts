import { AwsError } from '../../kernel/aws-error.ts';
import type { Tags } from './state.ts';

export interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

/** What a thing has under a filter's name; EC2 refuses names it does not know. */
export type Fields = Readonly<Record<string, readonly (string | undefined)[]>>;

/** `*` is any text and `?` any one character; a backslash takes their meaning away. */
function toPattern(value: string): RegExp {
  const source = value.replace(/\\([*?\\])|[*?]|[.+^${}()|[\]\\]/g, (found: string, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    if (found === '*') return '.*';
    return found === '?' ? '.' : `\\${found}`;
  });
  return new RegExp(`^${source}$`, 's');
}

function fieldOf(name: string, fields: Fields, tags: Tags): readonly (string | undefined)[] {
  if (name === 'tag-key') return Object.keys(tags);
  if (name.startsWith('tag:')) return [tags[name.slice('tag:'.length)]];
  const field = fields[name];
  if (field === undefined) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  return field;
}

/** All filters hold; one holds if any of its values does. */
export function matchesFilters(filters: readonly Filter[] | undefined, fields: Fields, tags: Tags): boolean {
  return (filters ?? []).every(({ Name = '', Values = [] }) => {
    const found = fieldOf(Name, fields, tags);
    const patterns = Values.map(toPattern);
    return found.some((value) => value !== undefined && patterns.some((pattern) => pattern.test(value)));
  });
}

interface PageRequest {
  readonly NextToken?: string | undefined;
  readonly MaxResults?: number | undefined;
}

/** Cut after an id, not at a number: what came or went between two pages moves nothing. */
export function toPage<T extends { readonly id: string }>(items: readonly T[], { NextToken, MaxResults }: PageRequest) {
  if (MaxResults !== undefined && (MaxResults < 5 || MaxResults > 1000))
    throw new AwsError(
      'InvalidParameterValue',
      `Value (${MaxResults}) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`,
    );
  const after = NextToken === undefined ? undefined : Buffer.from(NextToken, 'base64url').toString();
  const rest = [...items].sort((a, b) => (a.id < b.id ? -1 : 1)).filter((item) => after === undefined || item.id > after);
  const page = rest.slice(0, MaxResults ?? 1000);
  const last = page.at(-1);
  const next = rest.length > page.length && last !== undefined ? Buffer.from(last.id).toString('base64url') : undefined;
  return { page, next };
}
