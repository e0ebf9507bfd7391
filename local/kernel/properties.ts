import type { DeclaredResource } from './service.ts';

/** Properties the local runtime does not keep, each with why leaving it out is harmless. */
export type IgnoredProperties = Readonly<Record<string, string>>;

/** A template that says what the local runtime cannot do, or says it wrongly. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/**
 * The resource's properties that the service knows. One that is neither known nor ignored with a reason is refused by
 * name: a template that means more than the local runtime does must not pass as if it were kept.
 */
export function takeProperties<Name extends string>(
  resource: DeclaredResource,
  known: readonly Name[],
  ignored: IgnoredProperties = {},
): Properties<Name> {
  return new Properties({ resource, at: '', values: resource.properties }, known, ignored);
}

interface Source {
  readonly resource: DeclaredResource;
  /** Where the values stand in the resource: '' or `DefaultActions.0.`. */
  readonly at: string;
  readonly values: unknown;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Typed reading of resolved properties. `x()` is undefined where the property is absent, `getX()` throws. CloudFormation
 * takes numbers and booleans as strings too, so they are read from both.
 */
export class Properties<Name extends string> {
  readonly #resource: DeclaredResource;
  readonly #at: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(source: Source, known: readonly Name[], ignored: IgnoredProperties) {
    this.#resource = source.resource;
    this.#at = source.at;
    if (!isRecord(source.values)) throw this.#wrong(source.at.slice(0, -1), 'an object', source.values);
    this.#values = source.values;
    const allowed = new Set<string>([...known, ...Object.keys(ignored)]);
    const unknown = Object.keys(source.values).filter((name) => !allowed.has(name));
    if (unknown.length > 0) throw this.#refusal(unknown, known);
  }

  has(name: Name): boolean {
    return this.#values[name] !== undefined;
  }

  raw(name: Name): unknown {
    return this.#values[name];
  }

  text(name: Name): string | undefined {
    const value = this.#values[name];
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw this.#wrong(this.#at + name, 'a string', value);
  }

  number(name: Name): number | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    throw this.#wrong(this.#at + name, 'a number', value);
  }

  flag(name: Name): boolean | undefined {
    const value = this.#values[name];
    if (value === undefined || typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    throw this.#wrong(this.#at + name, 'true or false', value);
  }

  /** Empty where the property is absent. */
  texts(name: Name): readonly string[] {
    return this.#list(name).map((value, index) => {
      if (typeof value === 'string') return value;
      throw this.#wrong(`${this.#at}${name}.${index}`, 'a string', value);
    });
  }

  /** An object inside, under the same law of known names. */
  item<Inner extends string>(
    name: Name,
    known: readonly Inner[],
    ignored: IgnoredProperties = {},
  ): Properties<Inner> | undefined {
    const values = this.#values[name];
    return values === undefined ? undefined : this.#inner({ at: `${this.#at}${name}.`, values }, known, ignored);
  }

  /** A list of objects inside; empty where the property is absent. */
  items<Inner extends string>(
    name: Name,
    known: readonly Inner[],
    ignored: IgnoredProperties = {},
  ): readonly Properties<Inner>[] {
    return this.#list(name).map((values, index) => this.#inner({ at: `${this.#at}${name}.${index}.`, values }, known, ignored));
  }

  /** A `Tags` list as a record. */
  tags(name: Name): Readonly<Record<string, string>> {
    const tags = this.items(name, ['Key', 'Value']);
    return Object.fromEntries(tags.map((tag) => [tag.getText('Key'), tag.getText('Value')]));
  }

  getText(name: Name): string {
    return this.text(name) ?? this.#absent(name);
  }

  getNumber(name: Name): number {
    return this.number(name) ?? this.#absent(name);
  }

  #inner<Inner extends string>(
    inner: Omit<Source, 'resource'>,
    known: readonly Inner[],
    ignored: IgnoredProperties,
  ): Properties<Inner> {
    return new Properties({ resource: this.#resource, ...inner }, known, ignored);
  }

  #list(name: Name): readonly unknown[] {
    const value = this.#values[name];
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    throw this.#wrong(this.#at + name, 'a list', value);
  }

  #absent(name: Name): never {
    throw new TemplateError(`${where(this.#resource)}: property ${this.#at}${name} is required and absent`);
  }

  #wrong(property: string, expected: string, found: unknown): TemplateError {
    return new TemplateError(`${where(this.#resource)}: property ${property} must be ${expected}, is ${JSON.stringify(found)}`);
  }

  #refusal(unknown: readonly string[], known: readonly string[]): TemplateError {
    const names = unknown.map((name) => this.#at + name).join(', ');
    return new TemplateError(
      `${where(this.#resource)}: the local runtime does not have ${names}; it has ${known.join(', ') || 'no properties here'}`,
    );
  }
}

function where(resource: DeclaredResource): string {
  return `${resource.path} (${resource.type})`;
}
