export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Throws SyntaxError. */
export function parseJson(text: string): Json {
  const parsed: unknown = JSON.parse(text);
  return toJson(parsed);
}

export function bytesOf(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/**
 * What a function or an SDK call answered, as Step Functions sees it: dates as ISO text, what has no JSON form left out.
 * Throws nothing: `undefined` becomes null, as an empty answer does.
 */
export function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object') return null;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined && typeof field !== 'function');
  return Object.fromEntries(entries.map(([key, field]) => [key, toJson(field)]));
}
