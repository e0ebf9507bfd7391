/** SDK values to and from plain trees: what JSON and CBOR have in common. */
import { isFields, membersOf, Misfit, textTrait } from './schema.ts';
import type { Shape } from './schema.ts';

/** How a tree holds what JSON has no type for. */
export interface PlainForm {
  /** Whether members go by their jsonName trait (REST-JSON does, JSON-RPC does not). */
  readonly usesJsonName: boolean;
  toBlob(bytes: Uint8Array): unknown;
  fromBlob(value: unknown, at: string): Uint8Array;
  toTimestamp(date: Date, shape: Shape): unknown;
  fromTimestamp(value: unknown, at: string): Date;
}

export function fromPlain(form: PlainForm, shape: Shape, value: unknown, at = ''): unknown {
  if (shape.isStructSchema()) return fromPlainStruct(form, shape, value, at);
  if (shape.isListSchema()) return fromPlainList(form, shape, value, at);
  if (shape.isMapSchema()) return fromPlainMap(form, shape, value, at);
  if (shape.isBlobSchema()) return form.fromBlob(value, at);
  if (shape.isTimestampSchema()) return form.fromTimestamp(value, at);
  return fromPlainSimple(shape, value, at);
}

const join = (at: string, name: string | number): string => (at ? `${at}.${name}` : String(name));
const wireName = (form: PlainForm, shape: Shape, name: string): string =>
  (form.usesJsonName ? textTrait(shape, 'jsonName') : undefined) ?? name;

function fromPlainStruct(form: PlainForm, shape: Shape, value: unknown, at: string): Record<string, unknown> {
  if (!isFields(value)) throw new Misfit(at, 'an object', value);
  const fields: Record<string, unknown> = {};
  for (const [name, member] of membersOf(shape)) {
    const found = value[wireName(form, member, name)];
    if (found !== undefined && found !== null) fields[name] = fromPlain(form, member, found, join(at, name));
  }
  return fields;
}

function fromPlainList(form: PlainForm, shape: Shape, value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) throw new Misfit(at, 'a list', value);
  const element = shape.getValueSchema();
  return value.map((one, index) => fromPlain(form, element, one, join(at, index)));
}

function fromPlainMap(form: PlainForm, shape: Shape, value: unknown, at: string): Record<string, unknown> {
  if (!isFields(value)) throw new Misfit(at, 'an object', value);
  const element = shape.getValueSchema();
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fromPlain(form, element, one, join(at, key))]));
}

function fromPlainSimple(shape: Shape, value: unknown, at: string): unknown {
  if (shape.isStringSchema() && typeof value !== 'string') throw new Misfit(at, 'a string', value);
  if (shape.isBooleanSchema() && typeof value !== 'boolean') throw new Misfit(at, 'true or false', value);
  if (shape.isNumericSchema()) return fromPlainNumber(value, at);
  return value;
}

/** Smithy writes the numbers JSON lacks as strings. */
const NAMED_NUMBERS: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };

function fromPlainNumber(value: unknown, at: string): number {
  if (typeof value === 'bigint') return Number(value);
  const number = typeof value === 'string' ? NAMED_NUMBERS[value] : value;
  if (typeof number !== 'number') throw new Misfit(at, 'a number', value);
  return number;
}

/** Members the shape does not have are left out: a service may keep more in its records than AWS answers. */
export function toPlain(form: PlainForm, shape: Shape, value: unknown): unknown {
  if (shape.isStructSchema() && isFields(value)) return toPlainStruct(form, shape, value);
  if (shape.isListSchema() && Array.isArray(value)) {
    const element = shape.getValueSchema();
    return value.map((one) => toPlain(form, element, one));
  }
  if (shape.isMapSchema() && isFields(value)) {
    const element = shape.getValueSchema();
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toPlain(form, element, one)]));
  }
  if (value instanceof Uint8Array) return form.toBlob(value);
  if (value instanceof Date) return form.toTimestamp(value, shape);
  if (shape.isBlobSchema() && typeof value === 'string') return form.toBlob(Buffer.from(value));
  return toPlainSimple(shape, value);
}

function toPlainStruct(form: PlainForm, shape: Shape, value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, member] of membersOf(shape)) {
    const one = value[name];
    if (one !== undefined && one !== null) fields[wireName(form, member, name)] = toPlain(form, member, one);
  }
  return fields;
}

function toPlainSimple(shape: Shape, value: unknown): unknown {
  if (shape.isStructSchema() || shape.isListSchema() || shape.isMapSchema())
    throw new TypeError(`${shape.getName() ?? 'a value'} cannot be written from ${JSON.stringify(value)}`);
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
