import jsonata from 'jsonata';
import type { World } from '../../../kernel/world.ts';
import { addAwsFunctions } from './aws-functions.ts';
import type { Json } from './json.ts';
import { isArray, isObject } from './json.ts';

/**
 * Bounds of one evaluation. `stack` ends a runaway recursion; a tail-recursive one runs in constant stack and would hold the
 * whole process for ever, so wall-clock time (the library knows no other) ends that. It is far above what any expression takes.
 */
const BOUNDS = { timeout: 5000, stack: 500 };

/** A field whose JSONata failed, in AWS's words. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

export type Bindings = Readonly<Record<string, Json | undefined>>;

/** The expression inside `{% … %}`; undefined for any other text. AWS allows no space outside the marks. */
export function sourceOf(text: string): string | undefined {
  return text.startsWith('{%') && text.endsWith('%}') && text.length >= 4 ? text.slice(2, -2).trim() : undefined;
}

/** Evaluates templates: JSON in which any string may be an expression. Compiled expressions are kept. */
export class Expressions {
  readonly #world: World;
  readonly #compiled = new Map<string, jsonata.Expression>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Compiles without evaluating; throws on a syntax error. */
  compile(source: string): jsonata.Expression {
    const known = this.#compiled.get(source);
    if (known !== undefined) return known;
    const expression = jsonata(source, BOUNDS);
    addAwsFunctions(expression, this.#world);
    this.#compiled.set(source, expression);
    return expression;
  }

  async evaluate(template: Json, field: string, bindings: Bindings): Promise<Json> {
    if (typeof template === 'string') return this.#text(template, field, bindings);
    if (isArray(template)) {
      const items: Json[] = [];
      for (const [index, item] of template.entries()) items.push(await this.evaluate(item, `${field}/${index}`, bindings));
      return items;
    }
    if (!isObject(template)) return template;
    const entries: [string, Json][] = [];
    for (const [key, value] of Object.entries(template)) {
      entries.push([key, await this.evaluate(value, `${field}/${key}`, bindings)]);
    }
    return Object.fromEntries(entries);
  }

  async #text(text: string, field: string, bindings: Bindings): Promise<Json> {
    const source = sourceOf(text);
    if (source === undefined) return text;
    const said = `The JSONata expression '${source}' specified for the field '${field}'`;
    try {
      const value: unknown = await this.compile(source).evaluate(undefined, bindings);
      if (value === undefined) throw new EvaluationError(field, `${said} returned nothing (undefined).`);
      return plain(value);
    } catch (cause) {
      if (cause instanceof EvaluationError) throw cause;
      throw new EvaluationError(field, `${said} threw an error during evaluation. ${describe(cause)}`);
    }
  }
}

/** A JSONata result without the library's marks on its arrays, and refused where JSON has no form for it. */
function plain(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`Number out of range: ${value}`);
    return value;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || '_jsonata_lambda' in value || '_jsonata_function' in value) {
    throw new TypeError('The result is a function, which JSON cannot hold');
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([key, field]) => [key, plain(field)]),
  );
}

/** jsonata throws plain objects with `code` and `message`. */
function describe(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('message' in thrown)) return String(thrown);
  const message = String(thrown.message);
  return 'code' in thrown && typeof thrown.code === 'string' ? `${thrown.code}: ${message}` : message;
}
