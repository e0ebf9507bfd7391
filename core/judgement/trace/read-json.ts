/** Small readers of JSON that say where it is not what it must be. */
export class BadTrace extends Error {
  override readonly name = 'BadTrace';
}

export function badTrace(why: string): never {
  throw new BadTrace(why);
}

export type Fields = Readonly<Record<string, unknown>>;

/** A group without data in an interval is absent, or null. */
export const isMissing = (json: unknown): json is undefined | null => json === undefined || json === null;

export function show(json: unknown): string {
  const written = json === undefined ? 'missing' : JSON.stringify(json);
  return written.length > 60 ? `${written.slice(0, 60)}…` : written;
}

function isFields(json: unknown): json is Fields {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

export const fields = (json: unknown, where: string): Fields =>
  isFields(json) ? json : badTrace(`${where} is ${show(json)}, and must be an object`);

export const list = (json: unknown, where: string): readonly unknown[] =>
  Array.isArray(json) ? json : badTrace(`${where} is ${show(json)}, and must be a list`);

export const text = (json: unknown, where: string): string =>
  typeof json === 'string' ? json : badTrace(`${where} is ${show(json)}, and must be a text`);

export interface Range {
  readonly least: number;
  readonly most: number;
}

export const NOT_NEGATIVE: Range = { least: 0, most: 1e15 };
const ANY: Range = { least: -1e15, most: 1e15 };

export function number(json: unknown, where: string, { least, most }: Range = ANY): number {
  if (typeof json !== 'number') return badTrace(`${where} is ${show(json)}, and must be a number`);
  if (json >= least && json <= most) return json;
  return badTrace(`${where} is ${json}, and must be between ${least} and ${most}`);
}

export const optionalNumber = (json: unknown, where: string, range?: Range) =>
  isMissing(json) ? undefined : number(json, where, range);

export const counts = (json: unknown, where: string): readonly number[] =>
  list(json, where).map((one, index) => number(one, `${where}[${index}]`, NOT_NEGATIVE));

export function record<Value>(
  json: unknown,
  where: string,
  read: (value: unknown, where: string) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(fields(json, where)).map(([key, value]) => [key, read(value, `${where}.${key}`)]));
}
