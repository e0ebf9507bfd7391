import type jsonata from 'jsonata';

/** The library's own type of a node leaves out what some kinds have. */
interface Node extends Omit<jsonata.ExprNode, 'type' | 'lhs' | 'rhs'> {
  readonly type: string;
  readonly lhs?: unknown;
  readonly rhs?: unknown;
  readonly expression?: unknown;
  readonly condition?: unknown;
  readonly then?: unknown;
  readonly else?: unknown;
}

/**
 * What an expression asks of a context it does not have: field names that follow nothing, `$` and `$$`. AWS refuses such a
 * definition (UNSUPPORTED_JSONATA_EXPRESSION); here it would only give nothing. Inside a path, a predicate or a function body
 * there is a context, so those are not looked at.
 */
export function bareReferences(ast: unknown): string[] {
  if (Array.isArray(ast)) return ast.flatMap(bareReferences);
  if (!isNode(ast)) return [];
  switch (ast.type) {
    case 'path':
      return bareReferences(ast.steps?.[0]);
    case 'name':
      return [String(ast.value)];
    case 'wildcard':
    case 'descendant':
      return ['*'];
    case 'variable':
      return ast.value === '' || ast.value === '$' ? [`$${String(ast.value)}`] : [];
    case 'lambda':
    case 'transform':
      return [];
    default:
      return [ast.lhs, ast.rhs, ast.expression, ast.expressions, ast.arguments, ast.condition, ast.then, ast.else].flatMap(
        bareReferences,
      );
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
