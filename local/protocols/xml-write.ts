/** SDK values to XML, by the schema's XML traits (https://smithy.io/2.0/spec/protocol-traits.html#xml-bindings). */
import { formatScalar } from './scalars.ts';
import { hasTrait, isFields, membersOf, memberTextTrait, textTrait } from './schema.ts';
import type { Fields, Shape } from './schema.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#xD;' };

export const escapeXml = (text: string): string => text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);

export const element = (name: string, content: string, attributes = ''): string =>
  content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;

export const textElement = (name: string, text: string): string => element(name, escapeXml(text));

/** Content of a structure's element. Members bound to HTTP are not in it. */
export function writeMembers(shape: Shape, value: Fields): string {
  return membersOf(shape)
    .filter(([, member]) => !isBoundToHttp(member) && !hasTrait(member, 'xmlAttribute'))
    .map(([name, member]) => writeMember(name, member, value[name]))
    .join('');
}

export const isBoundToHttp = (member: Shape): boolean =>
  ['httpHeader', 'httpPrefixHeaders', 'httpQuery', 'httpQueryParams', 'httpLabel', 'httpResponseCode', 'httpPayload'].some(
    (trait) => hasTrait(member, trait),
  );

/** A whole element for a structure, with its attributes and namespace. */
export function writeElement(name: string, shape: Shape, value: unknown, namespace?: string): string {
  if (!shape.isStructSchema() || !isFields(value)) return element(name, writeContent(shape, value));
  return element(name, writeMembers(shape, value), attributesOf(shape, value, namespace));
}

function writeMember(memberName: string, member: Shape, value: unknown): string {
  if (value === undefined || value === null) return '';
  const name = memberTextTrait(member, 'xmlName') ?? memberName;
  if (!hasTrait(member, 'xmlFlattened')) return writeElement(name, member, value);
  if (member.isMapSchema() && isFields(value)) return writeEntries(name, member, value);
  if (!Array.isArray(value)) throw new TypeError(`${memberName} must be a list, is ${JSON.stringify(value)}`);
  const elementShape = member.getValueSchema();
  return value.map((one) => writeElement(name, elementShape, one)).join('');
}

function writeContent(shape: Shape, value: unknown): string {
  if (shape.isListSchema() && Array.isArray(value)) {
    const elementShape = shape.getValueSchema();
    const name = memberTextTrait(elementShape, 'xmlName') ?? 'member';
    return value.map((one) => writeElement(name, elementShape, one)).join('');
  }
  if (shape.isMapSchema() && isFields(value)) return writeEntries('entry', shape, value);
  return escapeXml(formatScalar(shape, value, 'date-time'));
}

function writeEntries(name: string, shape: Shape, value: Fields): string {
  const [key, one] = [shape.getKeySchema(), shape.getValueSchema()];
  const keyName = memberTextTrait(key, 'xmlName') ?? 'key';
  const valueName = memberTextTrait(one, 'xmlName') ?? 'value';
  return Object.entries(value)
    .map(([entryKey, entry]) => element(name, textElement(keyName, entryKey) + writeElement(valueName, one, entry)))
    .join('');
}

function attributesOf(shape: Shape, value: Fields, outer: string | undefined): string {
  const own: unknown = shape.getMergedTraits()['xmlNamespace'];
  const [prefix, uri]: readonly unknown[] = Array.isArray(own) ? (own as readonly unknown[]) : ['', outer];
  const namespace =
    typeof uri === 'string' ? ` xmlns${typeof prefix === 'string' && prefix ? `:${prefix}` : ''}="${escapeXml(uri)}"` : '';
  const attributes = membersOf(shape)
    .filter(([name, member]) => hasTrait(member, 'xmlAttribute') && value[name] !== undefined)
    .map(
      ([name, member]) =>
        ` ${textTrait(member, 'xmlName') ?? name}="${escapeXml(formatScalar(member, value[name], 'date-time'))}"`,
    );
  return namespace + attributes.join('');
}
