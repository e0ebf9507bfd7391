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

export const number = (json: unknown, where: string): number =>
  typeof json === 'number' && Number.isFinite(json) ? json : badTrace(`${where} is ${show(json)}, and must be a number`);

export const optionalNumber = (json: unknown, where: string) => (isMissing(json) ? undefined : number(json, where));

export const counts = (json: unknown, where: string): readonly number[] =>
  list(json, where).map((one, index) => {
    const count = number(one, `${where}[${index}]`);
    return count >= 0 ? count : badTrace(`${where}[${index}] is ${count}, and must not be below 0`);
  });

export function record<Value>(
  json: unknown,
  where: string,
  read: (value: unknown, where: string) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(fields(json, where)).map(([key, value]) => [key, read(value, `${where}.${key}`)]));
}
