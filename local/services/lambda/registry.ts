import { AwsError } from '../../kernel/aws-error.ts';
import { ASYNC_DEFAULTS } from './function.ts';
import type { AsyncConfig, LambdaFunction } from './function.ts';

export interface Target {
  readonly fn: LambdaFunction;
  /** `$LATEST` or a version's number. */
  readonly version: string;
  readonly arn: string;
}

/** The functions, their published versions and aliases. Code never changes while the runtime is up, so versions share it. */
export class Registry {
  readonly #functions = new Map<string, LambdaFunction>();
  readonly #versions = new Map<string, number>();
  readonly #aliases = new Map<string, string>();
  readonly #async = new Map<string, AsyncConfig>();

  add(fn: LambdaFunction): void {
    if (this.#functions.has(fn.name)) throw new AwsError('ResourceConflictException', `Function already exist: ${fn.name}`, 409);
    this.#functions.set(fn.name, fn);
  }

  publish(fn: LambdaFunction): string {
    const version = (this.#versions.get(fn.name) ?? 0) + 1;
    this.#versions.set(fn.name, version);
    return String(version);
  }

  addAlias(fn: LambdaFunction, alias: string, version: string): void {
    this.#aliases.set(`${fn.name}:${alias}`, version);
  }

  configureAsync(fn: LambdaFunction, qualifier: string, config: AsyncConfig): void {
    this.#async.set(`${fn.name}:${qualifier}`, config);
  }

  asyncConfig(target: Target): AsyncConfig {
    const qualifier = target.arn === target.fn.arn ? '$LATEST' : target.arn.slice(target.fn.arn.length + 1);
    return this.#async.get(`${target.fn.name}:${qualifier}`) ?? ASYNC_DEFAULTS;
  }

  functions(): readonly LambdaFunction[] {
    return [...this.#functions.values()];
  }

  /** A name, partial ARN or ARN, each with or without a qualifier after a colon; or the qualifier apart. */
  find(nameOrArn: string, qualifier?: string): Target {
    const marker = nameOrArn.indexOf(':function:');
    const rest = marker < 0 ? nameOrArn : nameOrArn.slice(marker + ':function:'.length);
    const [name = '', inName] = rest.split(':');
    const fn = this.#functions.get(name);
    const asked = qualifier ?? inName;
    const version = fn && this.#versionOf(fn, asked);
    if (fn && version !== undefined) return { fn, version, arn: asked === undefined ? fn.arn : `${fn.arn}:${asked}` };
    throw new AwsError(
      'ResourceNotFoundException',
      `Function not found: ${nameOrArn}${qualifier === undefined ? '' : `:${qualifier}`}`,
      404,
    );
  }

  #versionOf(fn: LambdaFunction, qualifier: string | undefined): string | undefined {
    if (qualifier === undefined || qualifier === '$LATEST') return '$LATEST';
    if (/^\d+$/.test(qualifier)) return Number(qualifier) <= (this.#versions.get(fn.name) ?? 0) ? qualifier : undefined;
    return this.#aliases.get(`${fn.name}:${qualifier}`);
  }
}
