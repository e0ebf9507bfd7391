/** Contracts' schemas, looked into: which fields there are, which kinds an answer has, whether arguments fit. */
import { z } from 'zod';
import type { Value } from './asl.ts';

export type Schema = z.ZodType;
type Shape = Readonly<Record<string, Schema>>;

const isExpression = (value: unknown): boolean => typeof value === 'string' && value.startsWith('{%');

/** The objects a schema allows: one, or one a variant. */
function variantsOf(schema: unknown): Shape[] {
  if (schema instanceof z.ZodObject) return [shapeOf(schema)];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(variantsOf);
  return [];
}

function shapeOf(schema: z.ZodObject): Shape {
  const entries = Object.entries(schema.shape).filter((entry): entry is [string, Schema] => entry[1] instanceof z.ZodType);
  return Object.fromEntries(entries);
}

export function fieldOf(schema: Schema, field: string): Schema | undefined {
  return variantsOf(schema)
    .map((shape) => shape[field])
    .find((found) => found !== undefined);
}

export function kindsOf(schema: Schema): string[] {
  return variantsOf(schema).flatMap(({ kind }) => (kind instanceof z.ZodLiteral ? [...kind.values].map(String) : []));
}

/** Literal values are parsed; expressions are trusted. The variant is the one whose literals agree with the arguments. */
export function argumentProblems(schema: Schema, args: Value): string[] {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return ['its arguments are not an object'];
  const given = new Map(Object.entries(args));
  const variants = variantsOf(schema);
  const fitting = variants.filter((shape) => discriminates(shape, given));
  const [shape] = fitting.length > 0 ? fitting : variants;
  if (!shape) return ['its contract takes no object'];
  return [
    ...unknownArguments(shape, given),
    ...Object.entries(shape).flatMap(([name, field]) => fieldProblems(name, field, given)),
  ];
}

function discriminates(shape: Shape, given: ReadonlyMap<string, Value>): boolean {
  return Object.entries(shape).every(
    ([name, field]) => !(field instanceof z.ZodLiteral) || field.safeParse(given.get(name)).success,
  );
}

function unknownArguments(shape: Shape, given: ReadonlyMap<string, Value>): string[] {
  return [...given.keys()].filter((name) => !(name in shape)).map((name) => `gives "${name}", which the contract does not take`);
}

function fieldProblems(name: string, field: Schema, given: ReadonlyMap<string, Value>): string[] {
  const value = given.get(name);
  if (value === undefined) return field.safeParse(undefined).success ? [] : [`does not give "${name}"`];
  if (isExpression(value)) return [];
  const result = field.safeParse(value);
  return result.success
    ? []
    : [`gives "${name}": ${JSON.stringify(value)}, but ${result.error.issues[0]?.message ?? 'it does not fit'}`];
}
