/** Event patterns with their content filters, as the EventBridge user guide ("comparison operators") has them. */
import { BlockList, isIP } from 'node:net';

/** What is wrong with a pattern; the caller gives it AWS's code. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

export type Matcher = (event: unknown) => boolean;

/** Tests one value at the end of a path; `undefined` where the event has no such field. */
type Filter = (value: unknown) => boolean;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Every field of the pattern must match; each of its lists is alternatives; `$or` lists alternative patterns. */
export function compilePattern(pattern: unknown, path = ''): Matcher {
  if (!isObject(pattern)) throw new PatternError(`Event pattern is not valid. Reason: ${path || 'Filter'} is not an object`);
  const tests = Object.entries(pattern).map(([key, value]) => {
    if (key === '$or' && isList(value)) return anyOf(value.map((one) => compilePattern(one, `${path}$or.`)));
    const test = compileField(value, path + key);
    return (event: unknown) => test(isObject(event) ? event[key] : undefined);
  });
  return (event) => tests.every((test) => test(event));
}

const anyOf =
  (matchers: readonly Matcher[]): Matcher =>
  (event) =>
    matchers.some((matches) => matches(event));

function compileField(value: unknown, path: string): Filter {
  if (isList(value)) {
    if (value.length === 0) throw new PatternError(`Event pattern is not valid. Reason: Empty arrays are not allowed (${path})`);
    const alternatives = value.map((one) => compileFilter(one, path));
    return (found) => alternatives.some((matches) => (isList(found) ? meetsList(found, matches) : matches(found)));
  }
  const inner = compilePattern(value, `${path}.`);
  return (found) => (isList(found) ? found.some(inner) : inner(found));
}

/** One element is enough; an empty list counts as an absent field. */
const meetsList = (found: readonly unknown[], matches: Filter) => (found.length === 0 ? matches(undefined) : found.some(matches));

type FilterMaker = (argument: unknown, path: string) => Filter;

const FILTERS: Readonly<Record<string, FilterMaker>> = {
  prefix: (argument, path) => text(argument, path, (value, wanted) => value.startsWith(wanted)),
  suffix: (argument, path) => text(argument, path, (value, wanted) => value.endsWith(wanted)),
  'equals-ignore-case': (argument, path) => text(argument, path, (value, wanted) => value.toLowerCase() === wanted.toLowerCase()),
  wildcard: (argument, path) => wildcard(argument, path),
  'anything-but': (argument, path) => anythingBut(argument, path),
  numeric: (argument, path) => numeric(argument, path),
  exists: (argument) => (value) => (value !== undefined) === (argument === true),
  cidr: (argument, path) => cidr(argument, path),
};

function compileFilter(filter: unknown, path: string): Filter {
  if (!isObject(filter)) return (value) => value === filter;
  const [[name, argument] = ['', undefined], ...others] = Object.entries(filter);
  const maker = FILTERS[name];
  if (maker && others.length === 0) return maker(argument, path);
  throw new PatternError(`Event pattern is not valid. Reason: Unrecognized match type ${name || 'none'} (${path})`);
}

/** `prefix` and `suffix` take a string, or { "equals-ignore-case": string }. */
function text(argument: unknown, path: string, compare: (value: string, wanted: string) => boolean): Filter {
  const folded = isObject(argument) ? argument['equals-ignore-case'] : undefined;
  if (typeof folded === 'string')
    return (value) => typeof value === 'string' && compare(value.toLowerCase(), folded.toLowerCase());
  if (typeof argument === 'string') return (value) => typeof value === 'string' && compare(value, argument);
  throw new PatternError(`Event pattern is not valid. Reason: a string is expected (${path})`);
}

/** `*` stands for any run of characters; a backslash takes the next character as it is. */
function wildcard(argument: unknown, path: string): Filter {
  if (typeof argument !== 'string')
    throw new PatternError(`Event pattern is not valid. Reason: wildcard match pattern must be a string (${path})`);
  if (argument.includes('**')) {
    throw new PatternError(
      `Event pattern is not valid. Reason: Consecutive wildcard characters at pos ${argument.indexOf('**')} (${path})`,
    );
  }
  const source = argument.replace(/\\(.)|\*|[^\\*]+/gs, (part, escaped?: string) =>
    part === '*' ? '.*' : (escaped ?? part).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
  );
  const expression = new RegExp(`^${source}$`, 's');
  return (value) => typeof value === 'string' && expression.test(value);
}

/** Values, a list of them, or a string filter on one string or several. An absent field is not "anything". */
function anythingBut(argument: unknown, path: string): Filter {
  if (!isObject(argument)) {
    const refused = isList(argument) ? argument : [argument];
    return (value) => value !== undefined && !refused.includes(value);
  }
  const [[name, inner] = ['', undefined]] = Object.entries(argument);
  if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(name)) {
    throw new PatternError(`Event pattern is not valid. Reason: Unsupported anything-but pattern: ${name} (${path})`);
  }
  const refused = (isList(inner) ? inner : [inner]).map((one) => compileFilter({ [name]: one }, path));
  return (value) => value !== undefined && !refused.some((matches) => matches(value));
}

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

function numeric(argument: unknown, path: string): Filter {
  const parts = isList(argument) ? argument : [];
  const tests = parts.flatMap((operator, index) => {
    const limit = parts[index + 1];
    if (index % 2 === 1) return [];
    const compare = typeof operator === 'string' ? COMPARISONS[operator] : undefined;
    if (!compare || typeof limit !== 'number') {
      throw new PatternError(
        `Event pattern is not valid. Reason: Unrecognized numeric range operator: ${String(operator)} (${path})`,
      );
    }
    return [(value: number) => compare(value, limit)];
  });
  if (tests.length === 0 || tests.length > 2)
    throw new PatternError(`Event pattern is not valid. Reason: Bad numeric range (${path})`);
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function cidr(argument: unknown, path: string): Filter {
  const [address = '', bits] = typeof argument === 'string' ? argument.split('/') : [];
  const version = isIP(address);
  if (version === 0) throw new PatternError(`Event pattern is not valid. Reason: Malformed CIDR, one '/' required (${path})`);
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(address, bits === undefined ? (version === 4 ? 32 : 128) : Number(bits), family);
  return (value) => typeof value === 'string' && isIP(value) === version && block.check(value, family);
}
