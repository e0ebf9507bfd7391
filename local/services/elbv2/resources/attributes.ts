import type { Properties } from '../../../kernel/properties.ts';
import { TemplateError } from '../../../kernel/properties.ts';
import type { DeclaredResource } from '../../../kernel/service.ts';

/** Key to why another value than the kept one would be harmless, or undefined where every value is kept. */
export type KnownAttributes = Readonly<Record<string, readonly string[] | 'any'>>;

/** A list of Key and Value; a key nobody keeps, or a value that is not kept, is refused by name. */
export function readAttributes<Name extends string>(
  resource: DeclaredResource,
  properties: Properties<Name>,
  name: Name,
  known: KnownAttributes,
): Readonly<Record<string, string>> {
  const pairs = properties.items(name, ['Key', 'Value']).map((pair) => [pair.getText('Key'), pair.getText('Value')] as const);
  for (const [key, value] of pairs) {
    const allowed = known[key];
    if (allowed === undefined) throw new TemplateError(`${resource.path}: the local runtime does not have the attribute ${key}`);
    if (allowed !== 'any' && !allowed.includes(value)) {
      throw new TemplateError(`${resource.path}: the attribute ${key} can only be ${allowed.join(' or ')} locally, is ${value}`);
    }
  }
  return Object.fromEntries(pairs);
}
