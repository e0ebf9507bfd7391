/** An operation's output into a REST response: status, headers and body by the schema's HTTP bindings. */
import { formatScalar } from './scalars.ts';
import { hasTrait, isFields, membersOf, textTrait } from './schema.ts';
import type { Fields, Shape } from './schema.ts';
import type { WireBody, WireResponse } from './wire.ts';
import { isBoundToHttp } from './xml-write.ts';

export interface BodyWriter {
  readonly contentType: string;
  write(shape: Shape, value: Fields): string;
}

export function writeRestOutput(shape: Shape, output: unknown, defaultStatus: number, bodies: BodyWriter): WireResponse {
  const fields = isFields(output) ? output : {};
  const { status, headers } = writeBound(shape, fields, defaultStatus);
  const payload = membersOf(shape).find(([, member]) => hasTrait(member, 'httpPayload'));
  if (payload !== undefined) return { status, ...writePayload(payload[1], fields[payload[0]], headers, bodies) };
  const hasDocument = membersOf(shape).some(([, member]) => !isBoundToHttp(member));
  if (!hasDocument) return { status, headers };
  return { status, headers: { 'content-type': bodies.contentType, ...headers }, body: bodies.write(shape, fields) };
}

function writeBound(shape: Shape, fields: Fields, defaultStatus: number) {
  let status = defaultStatus;
  const headers: Record<string, string> = {};
  for (const [name, member] of membersOf(shape)) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    if (hasTrait(member, 'httpResponseCode') && typeof value === 'number') status = value;
    Object.assign(headers, writeHeader(member, value));
  }
  return { status, headers };
}

function writeHeader(member: Shape, value: unknown): Record<string, string> {
  const header = textTrait(member, 'httpHeader');
  if (header !== undefined) return { [header.toLowerCase()]: writeHeaderValue(member, value) };
  const prefix = textTrait(member, 'httpPrefixHeaders');
  if (prefix === undefined || !isFields(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [prefix + name, String(one)]));
}

function writeHeaderValue(member: Shape, value: unknown): string {
  if (!Array.isArray(value)) return formatScalar(member, value, 'http-date');
  const element = member.getValueSchema();
  return value.map((one) => formatScalar(element, one, 'http-date')).join(',');
}

const isAsyncBytes = (value: unknown): value is AsyncIterable<Uint8Array> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

function writePayload(member: Shape, value: unknown, headers: Readonly<Record<string, string>>, bodies: BodyWriter) {
  if (value === undefined || value === null) return { headers };
  if (member.isStructSchema() && isFields(value))
    return { headers: { 'content-type': bodies.contentType, ...headers }, body: bodies.write(member, value) };
  return { headers: { 'content-type': 'application/octet-stream', ...headers }, body: toBody(value) };
}

function toBody(value: unknown): WireBody {
  if (typeof value === 'string' || value instanceof Uint8Array || isAsyncBytes(value)) return value;
  throw new TypeError(`a body must be bytes, text or a stream, is ${typeof value}`);
}
