/** A REST request's parts into the operation's input (https://smithy.io/2.0/spec/http-bindings.html). */
import { AwsError } from '../kernel/aws-error.ts';
import { readWhole } from './limits.ts';
import type { Match } from './routes.ts';
import { parseScalar } from './scalars.ts';
import { hasTrait, inputOf, isFields, membersOf, textTrait } from './schema.ts';
import type { Shape } from './schema.ts';
import type { WireRequest } from './wire.ts';

export interface BodyReader {
  /** Reads the document of a structure; `name` is the member's where the body is one member alone. */
  read(shape: Shape, body: Buffer): unknown;
}

export async function readRestInput(match: Match, request: WireRequest, bodies: BodyReader): Promise<Record<string, unknown>> {
  const shape = inputOf(match.route.operation);
  const input: Record<string, unknown> = {};
  for (const [name, member] of membersOf(shape)) {
    const value = readBound(name, member, match, request);
    if (value !== undefined) input[name] = value;
  }
  return Object.assign(input, await readBody(shape, request, bodies));
}

function readBound(name: string, member: Shape, match: Match, request: WireRequest): unknown {
  const label = match.labels[name];
  if (hasTrait(member, 'httpLabel') && label !== undefined) return parseScalar(member, decodeLabel(label), name);
  const header = textTrait(member, 'httpHeader');
  if (header !== undefined) return readHeader(member, request.headers[header.toLowerCase()], name);
  const prefix = textTrait(member, 'httpPrefixHeaders');
  if (prefix !== undefined) return readPrefixHeaders(prefix.toLowerCase(), request.headers);
  const query = textTrait(member, 'httpQuery');
  if (query !== undefined) return readQuery(member, request.query.getAll(query), name);
  return undefined;
}

function decodeLabel(label: string): string {
  try {
    return decodeURIComponent(label);
  } catch (cause) {
    throw new AwsError('InvalidURI', `Couldn't parse the specified URI: ${label}`, 400, { cause });
  }
}

function readHeader(member: Shape, text: string | undefined, name: string): unknown {
  if (text === undefined) return undefined;
  if (!member.isListSchema()) return parseScalar(member, text, name);
  const element = member.getValueSchema();
  return text.split(',').map((part) => parseScalar(element, part.trim(), name));
}

function readPrefixHeaders(prefix: string, headers: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

function readQuery(member: Shape, values: readonly string[], name: string): unknown {
  const [first] = values;
  if (first === undefined) return undefined;
  if (!member.isListSchema()) return parseScalar(member, first, name);
  const element = member.getValueSchema();
  return values.map((value) => parseScalar(element, value, name));
}

const BOUND = ['httpLabel', 'httpHeader', 'httpPrefixHeaders', 'httpQuery', 'httpQueryParams', 'httpPayload'] as const;

async function readBody(shape: Shape, request: WireRequest, bodies: BodyReader): Promise<Record<string, unknown>> {
  const payload = membersOf(shape).find(([, member]) => hasTrait(member, 'httpPayload'));
  if (payload !== undefined) return readPayload(payload[0], payload[1], request, bodies);
  const hasDocument = membersOf(shape).some(([, member]) => !BOUND.some((trait) => hasTrait(member, trait)));
  if (!hasDocument) return {};
  const body = await readWhole(request.body);
  const document = body.length === 0 ? {} : bodies.read(shape, body);
  return isFields(document) ? document : {};
}

async function readPayload(
  name: string,
  member: Shape,
  request: WireRequest,
  bodies: BodyReader,
): Promise<Record<string, unknown>> {
  if (member.isStreaming()) return { [name]: request.body };
  const body = await readWhole(request.body);
  if (member.isBlobSchema()) return body.length === 0 ? {} : { [name]: body };
  if (member.isStringSchema()) return { [name]: body.toString('utf8') };
  return body.length === 0 ? {} : { [name]: bodies.read(member, body) };
}
