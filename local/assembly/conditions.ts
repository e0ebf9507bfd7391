import { resolve } from './intrinsics.ts';
import type { Scope } from './intrinsics.ts';
import { AssemblyError, asArray, asObject, asText } from './json.ts';

/** Whether a named condition of the template holds. */
export function isTrue(name: string, scope: Scope): boolean {
  const condition = scope.conditions[name];
  if (condition === undefined) throw new AssemblyError(`${scope.where}: there is no condition ${name}`);
  return holds(condition, scope);
}

function holds(condition: unknown, scope: Scope): boolean {
  const where = `${scope.where} condition`;
  const [[name, argument] = ['', undefined]] = Object.entries(asObject(condition, where));
  switch (name) {
    case 'Condition':
      return isTrue(asText(argument, where), scope);
    case 'Fn::And':
      return asArray(argument, where).every((part) => holds(part, scope));
    case 'Fn::Or':
      return asArray(argument, where).some((part) => holds(part, scope));
    case 'Fn::Not':
      return !asArray(argument, where).every((part) => holds(part, scope));
    case 'Fn::Equals': {
      const [one, other] = asArray(argument, where).map((side) => JSON.stringify(resolve(side, scope)));
      return one === other;
    }
    default:
      throw new AssemblyError(`${where}: ${name || 'nothing'} is not a condition function`);
  }
}
