/** Flat query parameters to SDK values: AWS query (`Filters.member.1.Name`) and EC2's dialect of it (`Filter.1.Name`). */
import { AwsError } from '../kernel/aws-error.ts';
import { parseScalar } from './scalars.ts';
import { hasTrait, membersOf, textTrait } from './schema.ts';
import type { Shape } from './schema.ts';

export type Dialect = 'query' | 'ec2';

/** Parameters as a tree of name parts, so that reading a list does not search all of them for each element. */
interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

export function parseParameters(parameters: Iterable<readonly [string, string]>): Node {
  const root: Node = { children: new Map() };
  for (const [name, value] of parameters) {
    let node = root;
    for (const part of name.split('.')) node = childOf(node, part);
    node.value = value;
  }
  return root;
}

function childOf(node: Node, part: string): Node {
  const known = node.children.get(part);
  if (known !== undefined) return known;
  const made: Node = { children: new Map() };
  node.children.set(part, made);
  return made;
}

export function readParameters(dialect: Dialect, shape: Shape, root: Node): Record<string, unknown> {
  return readStruct(dialect, shape, root, '');
}

function readValue(dialect: Dialect, shape: Shape, node: Node, at: string): unknown {
  if (shape.isStructSchema()) return readStruct(dialect, shape, node, at);
  if (shape.isListSchema()) return readList(dialect, shape, node, at);
  if (shape.isMapSchema()) return readMap(dialect, shape, node, at);
  return parseScalar(shape, node.value ?? '', at);
}

const join = (at: string, part: string | number): string => (at ? `${at}.${part}` : String(part));

function readStruct(dialect: Dialect, shape: Shape, node: Node, at: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const known = new Set<string>();
  for (const [name, member] of membersOf(shape)) {
    const part = partOf(dialect, name, member);
    known.add(part);
    const child = node.children.get(part);
    if (child !== undefined) fields[name] = readValue(dialect, member, child, join(at, part));
  }
  const unknown = [...node.children.keys()].find((part) => !known.has(part));
  if (unknown !== undefined && dialect === 'ec2')
    throw new AwsError('UnknownParameter', `The parameter ${join(at, unknown)} is not recognized`);
  return fields;
}

/** EC2 capitalises XML names (https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#query-key-resolution). */
function partOf(dialect: Dialect, name: string, member: Shape): string {
  const xmlName = textTrait(member, 'xmlName') ?? name;
  if (dialect === 'query') return xmlName;
  return textTrait(member, 'ec2QueryName') ?? xmlName.charAt(0).toUpperCase() + xmlName.slice(1);
}

function readList(dialect: Dialect, shape: Shape, node: Node, at: string): unknown[] {
  const element = shape.getValueSchema();
  const isFlat = dialect === 'ec2' || hasTrait(shape, 'xmlFlattened');
  const container = isFlat ? node : node.children.get(textTrait(element, 'xmlName') ?? 'member');
  return numbered(container).map(([index, one]) => readValue(dialect, element, one, join(at, index)));
}

function readMap(dialect: Dialect, shape: Shape, node: Node, at: string): Record<string, unknown> {
  const [key, element] = [shape.getKeySchema(), shape.getValueSchema()];
  const [keyPart, valuePart] = [textTrait(key, 'xmlName') ?? 'key', textTrait(element, 'xmlName') ?? 'value'];
  const container = hasTrait(shape, 'xmlFlattened') ? node : node.children.get('entry');
  const pairs = numbered(container).map(([index, one]) => {
    const name = one.children.get(keyPart)?.value ?? '';
    return [name, readValue(dialect, element, childOf(one, valuePart), join(at, index))] as const;
  });
  return Object.fromEntries(pairs);
}

/** Children in the order of their numbers: 10 after 9. */
function numbered(node: Node | undefined): readonly (readonly [number, Node])[] {
  const children = [...(node?.children ?? [])].map(([part, child]) => [Number(part), child] as const);
  return children.filter(([index]) => Number.isInteger(index)).sort(([a], [b]) => a - b);
}
