/** The SDK's schemas, as the codecs read them. */
import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticOperationSchema } from '@smithy/types';

export type Shape = NormalizedSchema;
export type Fields = Readonly<Record<string, unknown>>;

export const shapeOf = (ref: Parameters<typeof NormalizedSchema.of>[0]): Shape => NormalizedSchema.of(ref);
export const nameOf = (operation: StaticOperationSchema): string => operation[2];
export const inputOf = (operation: StaticOperationSchema): Shape => shapeOf(operation[4]);
export const outputOf = (operation: StaticOperationSchema): Shape => shapeOf(operation[5]);

/** Members of a structure; none for the unit shape. */
export function membersOf(shape: Shape): readonly (readonly [string, Shape])[] {
  return shape.isStructSchema() ? [...shape.structIterator()] : [];
}

/** The members a structure requires: Smithy puts them first and gives their number. */
export function requiredOf(shape: Shape): readonly string[] {
  const schema = shape.getSchema();
  if (!Array.isArray(schema) || schema[0] !== 3) return [];
  return schema[4].slice(0, schema[6] ?? 0);
}

/** A trait whose value is a string; undefined if absent. */
export function textTrait(shape: Shape, trait: string): string | undefined {
  const value: unknown = shape.getMergedTraits()[trait];
  return typeof value === 'string' ? value : undefined;
}

export const hasTrait = (shape: Shape, trait: string): boolean => shape.getMergedTraits()[trait] !== undefined;

/** A trait of one member alone, not of the shape it has: XML names of containers and of elements differ that way. */
export function memberTextTrait(shape: Shape, trait: string): string | undefined {
  const value: unknown = shape.getMemberTraits()[trait];
  return typeof value === 'string' ? value : undefined;
}

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value on the wire that does not fit the schema. Each protocol answers it under its own name. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
  constructor(at: string, expected: string, found: unknown) {
    super(`${at || 'the input'} must be ${expected}, is ${describe(found)}`);
  }
}

function describe(found: unknown): string {
  const text = found === undefined ? 'absent' : JSON.stringify(found);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
