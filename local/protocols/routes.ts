/** Which operation a REST request means: method, path template, the query parts in the template, and required parameters. */
import { translateTraits } from '@smithy/core/schema';
import type { StaticOperationSchema } from '@smithy/types';
import { inputOf, nameOf, requiredOf, textTrait } from './schema.ts';

export interface Route {
  readonly operation: StaticOperationSchema;
  readonly method: string;
  readonly status: number;
  readonly path: RegExp;
  readonly labels: readonly string[];
  /** Query parts of the template: `versions` or `list-type=2`. */
  readonly literals: readonly (readonly [string, string])[];
  /** Required members that travel in the query or a header tell PutObject from UploadPart and CopyObject. */
  readonly query: readonly string[];
  readonly headers: readonly string[];
}

export interface Match {
  readonly route: Route;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Target {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
}

const made = new WeakMap<StaticOperationSchema, Route>();

export function toRoute(operation: StaticOperationSchema): Route {
  const route = made.get(operation) ?? makeRoute(operation);
  made.set(operation, route);
  return route;
}

function makeRoute(operation: StaticOperationSchema): Route {
  const { method, uri, status } = httpOf(operation);
  const [template = '/', query = ''] = uri.split('?');
  const labels: string[] = [];
  const pattern = template.replace(/\{(\w+)(\+?)\}|[.*+?^$()|[\]\\]/g, (found, label: string | undefined, greedy: string) => {
    if (label === undefined) return `\\${found}`;
    labels.push(label);
    return greedy ? '(.+)' : '([^/]+)';
  });
  // `x-id` only repeats the operation's name in logs; botocore does not send it.
  const literals = [...new URLSearchParams(query)].filter(([name]) => name !== 'x-id');
  return { operation, method, status, path: new RegExp(`^${pattern}$`, 's'), labels, literals, ...requiredPartsOf(operation) };
}

/** The most particular route that fits: `GET /?versions` before `GET /`. */
export function findRoute(routes: readonly Route[], target: Target): Match | undefined {
  const matches = routes.flatMap((route) => {
    const labels = fits(route, target);
    return labels === undefined ? [] : [{ route, labels }];
  });
  return matches.sort((a, b) => particularity(b.route) - particularity(a.route))[0];
}

function httpOf(operation: StaticOperationSchema): { method: string; uri: string; status: number } {
  const trait: unknown = translateTraits(operation[3]).http;
  const [method, uri, status]: readonly unknown[] = Array.isArray(trait) ? (trait as readonly unknown[]) : [];
  if (typeof method === 'string' && typeof uri === 'string' && typeof status === 'number') return { method, uri, status };
  throw new TypeError(`${nameOf(operation)} has no http trait, so it cannot be served by REST`);
}

function requiredPartsOf(operation: StaticOperationSchema): Pick<Route, 'query' | 'headers'> {
  const input = inputOf(operation);
  const required = requiredOf(input).map((name) => input.getMemberSchema(name));
  const traits = (trait: string) => required.flatMap((member) => textTrait(member, trait) ?? []);
  return { query: traits('httpQuery'), headers: traits('httpHeader').map((name) => name.toLowerCase()) };
}

const particularity = (route: Route): number => route.literals.length + route.query.length + route.headers.length;

function fits(route: Route, target: Target): Readonly<Record<string, string>> | undefined {
  if (route.method !== target.method) return undefined;
  const path = route.path.exec(target.path);
  if (path === null) return undefined;
  const hasLiterals = route.literals.every(
    ([name, value]) => target.query.has(name) && (value === '' || target.query.get(name) === value),
  );
  const hasRequired =
    route.query.every((name) => target.query.has(name)) && route.headers.every((name) => target.headers[name] !== undefined);
  if (!hasLiterals || !hasRequired) return undefined;
  return Object.fromEntries(route.labels.map((label, index) => [label, path[index + 1] ?? '']));
}
