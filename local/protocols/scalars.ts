/** Simple values where the wire has only text: query parameters, headers, labels, XML. */
import { Misfit } from './schema.ts';
import type { Shape } from './schema.ts';

/** Smithy's three forms of an instant (https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait). */
export type TimestampForm = 'date-time' | 'http-date' | 'epoch-seconds';

const FORMS: Readonly<Record<number, TimestampForm>> = { 5: 'date-time', 6: 'http-date', 7: 'epoch-seconds' };

/** The form a schema demands, or the binding's own. */
export function timestampForm(shape: Shape, fallback: TimestampForm): TimestampForm {
  const schema = shape.getSchema();
  return (typeof schema === 'number' ? FORMS[schema] : undefined) ?? fallback;
}

export function formatTimestamp(date: Date, form: TimestampForm): string {
  if (form === 'http-date') return date.toUTCString();
  if (form === 'epoch-seconds') return String(date.getTime() / 1000);
  return date.toISOString().replace('.000Z', 'Z');
}

export function parseTimestamp(at: string, value: unknown): Date {
  const isSeconds = typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));
  const date = isSeconds ? new Date(Number(value) * 1000) : new Date(typeof value === 'string' ? value : NaN);
  if (Number.isNaN(date.getTime())) throw new Misfit(at, 'a timestamp', value);
  return date;
}

export function parseScalar(shape: Shape, text: string, at: string): unknown {
  if (shape.isBooleanSchema()) return parseBoolean(text, at);
  if (shape.isNumericSchema()) return parseNumber(text, at);
  if (shape.isBigIntegerSchema()) return BigInt(parseNumber(text, at));
  if (shape.isTimestampSchema()) return parseTimestamp(at, text);
  if (shape.isBlobSchema()) return Buffer.from(text, 'base64');
  return text;
}

export function formatScalar(shape: Shape, value: unknown, fallback: TimestampForm): string {
  if (value instanceof Date) return formatTimestamp(value, timestampForm(shape, fallback));
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (shape.isBlobSchema() && typeof value === 'string') return Buffer.from(value).toString('base64');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  throw new TypeError(`${shape.getMemberName()} has no text form: ${JSON.stringify(value)}`);
}

function parseBoolean(text: string, at: string): boolean {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw new Misfit(at, 'true or false', text);
}

function parseNumber(text: string, at: string): number {
  const number = text.trim() === '' ? NaN : Number(text);
  if (Number.isNaN(number)) throw new Misfit(at, 'a number', text);
  return number;
}
