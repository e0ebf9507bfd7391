/** XML bodies to SDK values: the few S3 takes (parts, keys to delete, configurations). */
import { parseXML } from '@aws-sdk/xml-builder';
import { AwsError } from '../kernel/aws-error.ts';
import { parseScalar } from './scalars.ts';
import { hasTrait, isFields, membersOf, memberTextTrait, Misfit } from './schema.ts';
import type { Shape } from './schema.ts';

export function readXml(shape: Shape, body: Buffer): unknown {
  const [root] = Object.values(parse(body.toString('utf8')));
  return readValue(shape, root, '');
}

function parse(xml: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = parseXML(xml);
    if (isFields(parsed)) return parsed;
  } catch (cause) {
    throw malformed(cause);
  }
  throw malformed(undefined);
}

const malformed = (cause: unknown) =>
  new AwsError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema', 400, {
    cause,
  });

function readValue(shape: Shape, node: unknown, at: string): unknown {
  if (shape.isStructSchema()) return readStruct(shape, node, at);
  if (shape.isListSchema()) {
    const element = shape.getValueSchema();
    const name = memberTextTrait(element, 'xmlName') ?? 'member';
    return readElements(element, isFields(node) ? node[name] : undefined, at);
  }
  if (shape.isMapSchema()) throw new Misfit(at, 'no map: S3 takes none', node);
  return parseScalar(shape, textOf(node, at), at);
}

function readStruct(shape: Shape, node: unknown, at: string): Record<string, unknown> {
  const children = isFields(node) ? node : {};
  const fields: Record<string, unknown> = {};
  for (const [name, member] of membersOf(shape)) {
    const child = children[memberTextTrait(member, 'xmlName') ?? name];
    if (child === undefined) continue;
    const place = at ? `${at}.${name}` : name;
    fields[name] =
      member.isListSchema() && hasTrait(member, 'xmlFlattened')
        ? readElements(member.getValueSchema(), child, place)
        : readValue(member, child, place);
  }
  return fields;
}

/** One element is parsed as itself, several as a list. */
function readElements(element: Shape, found: unknown, at: string): unknown[] {
  if (found === undefined) return [];
  const nodes: readonly unknown[] = Array.isArray(found) ? found : [found];
  return nodes.map((node, index) => readValue(element, node, `${at}.${index}`));
}

function textOf(node: unknown, at: string): string {
  const text = isFields(node) ? (node['#text'] ?? '') : node;
  if (typeof text === 'string') return text;
  throw new Misfit(at, 'text', node);
}
