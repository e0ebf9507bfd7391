import type { Action, Condition, Routes, Rule } from './model.ts';

export interface RequestFacts {
  readonly host: string;
  readonly path: string;
  /** All values of a header; the name in small letters. */
  header(name: string): readonly string[];
}

export interface Match {
  readonly action: Action;
  /** 0 is the default action, as access logs write it. */
  readonly priority: number;
}

export function findAction(routes: Routes, request: RequestFacts): Match {
  const rule = routes.rules.find((candidate) => isMatch(candidate, request));
  return rule ? { action: rule.action, priority: rule.priority } : { action: routes.defaultAction, priority: 0 };
}

const isMatch = (rule: Rule, request: RequestFacts): boolean => rule.conditions.every((condition) => holds(condition, request));

function holds({ field, header, patterns }: Condition, request: RequestFacts): boolean {
  const subjects =
    field === 'host-header' ? [request.host] : field === 'path-pattern' ? [request.path] : request.header(header ?? '');
  return subjects.some((subject) => patterns.some((pattern) => pattern.test(subject)));
}

/** `*` is any number of characters, `?` exactly one. Paths are case-sensitive, hosts and header values are not. */
export function toPattern(field: Condition['field'], value: string): RegExp {
  const source = value
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, field === 'path-pattern' ? 's' : 'is');
}
