/** Unknown into typed, at the door: what does not fit is told by path, with what was found and what is allowed. */
import type { z } from 'zod';
import { inputInvalid } from '../../core/errors.ts';

const ISSUES_TOLD = 3;
const LONGEST_FOUND = 60;

export function parseInput<Schema extends z.ZodType>(name: string, schema: Schema, raw: unknown): z.output<Schema> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw inputInvalid(`The input of ${name}`, toSentence(raw, parsed.error.issues));
}

export function toSentence(raw: unknown, issues: readonly z.core.$ZodIssue[]): string {
  const told = issues.slice(0, ISSUES_TOLD).map(({ path, message }) => {
    const where = path.length > 0 ? path.map(String).join('.') : 'the whole';
    return `${where}: found ${found(raw, path)}; ${message}`;
  });
  const more = issues.length - told.length;
  return told.join('. ') + (more > 0 ? `. And ${more} more` : '');
}

function found(raw: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>((at, key) => (isObject(at) ? Reflect.get(at, key) : undefined), raw);
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > LONGEST_FOUND ? `${text.slice(0, LONGEST_FOUND)}…` : text;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
