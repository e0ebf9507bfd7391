import type { z } from 'zod';
import { allowedIn, fieldAt } from './field-schema.ts';
import { nearestName } from './nearest-name.ts';

type Issue = z.core.$ZodIssue;

/** One problem of a service file: field, what was found, what is allowed. */
export function explainIssue(issue: Issue, content: unknown): string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(issue.path, key));
  const field = fieldAt(issue.path);
  const place = pathText(issue.path);
  // Rules over several fields say themselves what is allowed.
  if (issue.code === 'custom') return [`${place}: ${issue.message}`];
  const found = valueAt(content, issue.path);
  if (found === undefined) return [`${place}: is missing; it must be ${field ? allowedIn(field) : issue.message}`];
  return [`${place}: found ${shown(found)}, allowed is ${field ? allowedIn(field) : issue.message}`];
}

function unknownField(parent: readonly PropertyKey[], key: string): string {
  const known = Object.keys(fieldAt(parent)?.properties ?? {});
  const nearest = nearestName(key, known);
  const hint = nearest ? `; did you mean "${nearest}"?` : `; known are ${known.join(', ')}`;
  return `${pathText([...parent, key])}: there is no such field${hint}`;
}

function pathText(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return steps.join('').replace(/^\./, '') || 'the file';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== 'object' || value === null) return step === undefined ? value : undefined;
  return valueAt(Object.getOwnPropertyDescriptor(value, step)?.value, rest);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
