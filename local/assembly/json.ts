/** Templates are JSON of unknown shape: these narrow it, and say where it was not what CloudFormation allows. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
}

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const shown = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 120));

export function asObject(value: unknown, where: string): JsonObject {
  if (isObject(value)) return value;
  throw new AssemblyError(`${where}: an object is expected, found ${shown(value)}`);
}

export function asArray(value: unknown, where: string): readonly unknown[] {
  if (isArray(value)) return value;
  throw new AssemblyError(`${where}: a list is expected, found ${shown(value)}`);
}

/** CloudFormation takes numbers and booleans wherever it takes a string. */
export function asText(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new AssemblyError(`${where}: a string is expected, found ${shown(value)}`);
}

export const objectOrEmpty = (value: unknown): JsonObject => (isObject(value) ? value : {});
