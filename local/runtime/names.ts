/** Values of a template's names: pseudo parameters, parameters, resources declared so far, other stacks' exports. */
import type { Scope } from '../assembly/intrinsics.ts';
import { AssemblyError, asText } from '../assembly/json.ts';
import type { AssemblyStack } from '../assembly/read-assembly.ts';
import type { Physical } from '../kernel/service.ts';
import type { AccountFacts } from '../kernel/world.ts';

/** What is shared by all stacks. */
export interface Shared {
  readonly account: AccountFacts;
  readonly exports: Map<string, unknown>;
  /** SSM parameters that templates name, read before they are resolved. */
  readonly ssm: Map<string, string>;
}

const SSM_PARAMETER = /^AWS::SSM::Parameter::Value<(.+)>$/;

export class StackNames {
  readonly stack: AssemblyStack;
  readonly #shared: Shared;
  readonly #resources = new Map<string, Physical>();

  constructor(stack: AssemblyStack, shared: Shared) {
    this.stack = stack;
    this.#shared = shared;
  }

  keep(logicalId: string, physical: Physical): void {
    this.#resources.set(logicalId, physical);
  }

  scope(where: string): Scope {
    const { conditions, mappings } = this.stack.template;
    return {
      where: `${this.stack.name} ${where}`,
      conditions,
      mappings,
      ref: (name) => this.#ref(name, where),
      attribute: (logicalId, name) => this.#attribute({ logicalId, name }, where),
      imported: (name) => this.#imported(name, where),
      ssm: (name) => this.#ssm(name, where),
      zones: () => this.#shared.account.zones,
    };
  }

  #ref(name: string, where: string): unknown {
    if (name.startsWith('AWS::')) return this.#pseudo(name, where);
    const resource = this.#resources.get(name);
    if (resource) return resource.ref;
    const parameter = this.stack.template.parameters.find((one) => one.name === name);
    if (parameter) return this.#parameter(parameter.type, parameter.default, `${where} parameter ${name}`);
    throw this.#error(where, `there is no resource or parameter ${name}`);
  }

  #pseudo(name: string, where: string): unknown {
    const { account } = this.#shared;
    const { name: stack } = this.stack;
    const values: Readonly<Record<string, unknown>> = {
      'AWS::AccountId': account.id,
      'AWS::Region': account.region,
      'AWS::Partition': account.partition,
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack,
      'AWS::StackId': `arn:${account.partition}:cloudformation:${account.region}:${account.id}:stack/${stack}/local`,
      'AWS::NotificationARNs': [],
      'AWS::NoValue': undefined,
    };
    if (name in values) return values[name];
    throw this.#error(where, `there is no pseudo parameter ${name}`);
  }

  #parameter(type: string, value: unknown, where: string): unknown {
    if (value === undefined) throw this.#error(where, 'it has no default, and the local runtime takes no parameter values');
    const [, inner] = SSM_PARAMETER.exec(type) ?? [];
    const text = asText(value, where);
    if (inner === undefined) return type === 'CommaDelimitedList' ? text.split(',') : text;
    const found = this.#ssm(text, where);
    return inner.startsWith('List<') || inner === 'CommaDelimitedList' ? found.split(',') : found;
  }

  #attribute({ logicalId, name }: { readonly logicalId: string; readonly name: string }, where: string): unknown {
    const resource = this.#resources.get(logicalId);
    if (!resource) throw this.#error(where, `there is no resource ${logicalId}`);
    if (name in resource.attributes) return resource.attributes[name];
    const known = Object.keys(resource.attributes).join(', ') || 'none';
    throw this.#error(where, `Fn::GetAtt ${logicalId}.${name} is not known locally (known: ${known})`);
  }

  #imported(name: string, where: string): unknown {
    if (this.#shared.exports.has(name)) return this.#shared.exports.get(name);
    throw this.#error(where, `no stack before this one exports ${name}`);
  }

  #ssm(name: string, where: string): string {
    const value = this.#shared.ssm.get(name.replace(/:\d+$/, ''));
    if (value === undefined) throw this.#error(where, `there is no SSM parameter ${name}`);
    return value;
  }

  #error(where: string, what: string): AssemblyError {
    return new AssemblyError(`${this.stack.name} ${where}: ${what}`);
  }
}

/** Names of SSM parameters that the template's own parameters stand for. */
export const ssmParameters = (stack: AssemblyStack): readonly string[] =>
  stack.template.parameters
    .filter(({ type }) => SSM_PARAMETER.test(type))
    .map((parameter) => asText(parameter.default, `${stack.name} parameter ${parameter.name}`));
