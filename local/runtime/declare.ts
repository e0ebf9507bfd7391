import { isTrue } from '../assembly/conditions.ts';
import { dynamicNames, resolve } from '../assembly/intrinsics.ts';
import { AssemblyError, asObject, asText } from '../assembly/json.ts';
import { assetPath } from '../assembly/read-assembly.ts';
import type { Assembly, AssemblyStack } from '../assembly/read-assembly.ts';
import { references } from '../assembly/dependencies.ts';
import type { TemplateResource } from '../assembly/template.ts';
import type { LocalService } from '../kernel/service.ts';
import type { World } from '../kernel/world.ts';
import { StackNames, ssmParameters } from './names.ts';
import type { Shared } from './names.ts';

/** Resource types that mean nothing on one machine, each with why. */
export const IGNORED_TYPES: Readonly<Record<string, string>> = {
  'AWS::CDK::Metadata': 'tells AWS which constructs are used; nothing depends on it',
};

/** Found by CDK's check of its bootstrap stack, which one machine does not have. */
const BOOTSTRAP_VERSION = /^\/cdk-bootstrap\/[^/]+\/version$/;

export interface DeclarePorts {
  readonly world: World;
  readonly services: readonly LocalService[];
  /** Value of an SSM parameter that exists by now. */
  readonly readParameter: (name: string) => Promise<string | undefined>;
}

export interface Declared {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly ref: string;
}

/** Makes every resource of every stack, each after what it refers to. Refuses the whole assembly before making anything. */
export async function declareAssembly(assembly: Assembly, ports: DeclarePorts): Promise<readonly Declared[]> {
  refuseUnknownTypes(assembly, ports.services);
  const shared: Shared = { account: ports.world.account, exports: new Map(), ssm: new Map() };
  const declared: Declared[] = [];
  for (const stack of assembly.stacks) declared.push(...(await declareStack(new StackNames(stack, shared), shared, ports)));
  return declared;
}

function refuseUnknownTypes(assembly: Assembly, services: readonly LocalService[]): void {
  const owned = new Set([...services.flatMap((service) => Object.keys(service.resources)), ...Object.keys(IGNORED_TYPES)]);
  const unknown = assembly.stacks.flatMap((stack) =>
    stack.template.resources
      .filter(({ type }) => !owned.has(type))
      .map(({ type, logicalId, path }) => `  ${type}  ${logicalId} in stack ${stack.name} (${path})`),
  );
  if (unknown.length === 0) return;
  throw new AssemblyError(
    `the local runtime cannot make ${unknown.length} resource(s) of this assembly:\n${unknown.join('\n')}\n` +
      'Each type needs a maker in local/services/<service>/, or a line with a reason in local/runtime/declare.ts (IGNORED_TYPES).',
  );
}

async function declareStack(names: StackNames, shared: Shared, ports: DeclarePorts): Promise<readonly Declared[]> {
  const { stack } = names;
  const declared: Declared[] = [];
  await readParameters(ssmParameters(stack).filter(isNeeded(stack)), shared, ports);
  for (const resource of stack.template.resources) {
    if (resource.type in IGNORED_TYPES) continue;
    if (resource.condition !== undefined && !isTrue(resource.condition, names.scope(resource.logicalId))) continue;
    await readParameters(dynamicNames(resource.properties), shared, ports);
    declared.push(await declareResource(names, resource, ports));
  }
  for (const output of stack.template.outputs) {
    const scope = names.scope(`output ${output.name}`);
    if (output.exportName === undefined || (output.condition !== undefined && !isTrue(output.condition, scope))) continue;
    shared.exports.set(asText(resolve(output.exportName, scope), scope.where), resolve(output.value, scope));
  }
  return declared;
}

/** CDK adds a parameter for the bootstrap version to every template; only a rule uses it. */
const isNeeded = (stack: AssemblyStack) => (name: string) =>
  !BOOTSTRAP_VERSION.test(name) ||
  stack.template.resources.some(({ properties }) => references(properties).includes('BootstrapVersion'));

async function readParameters(names: readonly string[], shared: Shared, ports: DeclarePorts): Promise<void> {
  for (const name of names.map((one) => one.replace(/:\d+$/, ''))) {
    const value = await ports.readParameter(name);
    if (value !== undefined) shared.ssm.set(name, value);
  }
}

async function declareResource(names: StackNames, resource: TemplateResource, ports: DeclarePorts): Promise<Declared> {
  const { logicalId, type, path } = resource;
  const maker = ports.services.flatMap((service) => service.resources[type] ?? [])[0];
  if (!maker) throw new TypeError(`${type} has no maker`);
  const properties = asObject(resolve(resource.properties, names.scope(path)), path);
  const asset = assetPath(names.stack, properties);
  const physical = await maker({
    stack: names.stack.name,
    logicalId,
    type,
    path,
    properties,
    ...(asset === undefined ? {} : { assetPath: asset }),
  });
  names.keep(logicalId, physical);
  ports.world.trace.add(`cloudformation/${names.stack.name}`, 'made', { type, logicalId, ref: physical.ref });
  return { stack: names.stack.name, logicalId, type, ref: physical.ref };
}
