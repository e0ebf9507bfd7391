import { AssemblyError, isArray, isObject } from './json.ts';
import type { TemplateResource } from './template.ts';

const SUB_NAME = /\$\{([^!}][^}]*)\}/g;

/** Names a value refers to: logical ids and parameters, in order of appearance. Names bound by Fn::Sub's own map are left out. */
export function references(value: unknown): readonly string[] {
  const found: string[] = [];
  collect(value, found);
  return found;
}

function collect(value: unknown, found: string[]): void {
  if (isArray(value)) {
    for (const item of value) collect(item, found);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'Ref' && typeof inner === 'string') found.push(inner);
    else if (key === 'Fn::GetAtt') found.push(...attributeOwner(inner));
    else if (key === 'Fn::Sub') found.push(...substituted(inner));
    collect(inner, found);
  }
}

function attributeOwner(inner: unknown): readonly string[] {
  const owner: unknown = isArray(inner) ? inner[0] : inner;
  return typeof owner === 'string' ? [owner.split('.')[0] ?? owner] : [];
}

function substituted(inner: unknown): readonly string[] {
  const [text, bound]: readonly unknown[] = isArray(inner) ? inner : [inner];
  if (typeof text !== 'string') return [];
  const own = isObject(bound) ? Object.keys(bound) : [];
  return [...text.matchAll(SUB_NAME)].flatMap(([, name = '']) => (own.includes(name) ? [] : [name.split('.')[0] ?? name]));
}

/** Resources so that each comes after those it refers to; otherwise in the template's order. */
export function inDependencyOrder(resources: readonly TemplateResource[], where: string): readonly TemplateResource[] {
  const byId = new Map(resources.map((resource) => [resource.logicalId, resource]));
  const ordered = new Set<TemplateResource>();
  const visit = (resource: TemplateResource, trail: readonly string[]) => {
    if (ordered.has(resource)) return;
    if (trail.includes(resource.logicalId)) {
      throw new AssemblyError(
        `${where}: resources depend on each other in a circle: ${[...trail, resource.logicalId].join(' → ')}`,
      );
    }
    for (const id of [...resource.dependsOn, ...references(resource.properties)]) {
      const needed = byId.get(id);
      if (needed) visit(needed, [...trail, resource.logicalId]);
    }
    ordered.add(resource);
  };
  for (const resource of resources) visit(resource, []);
  return [...ordered];
}
