import { GetParameterCommand, type SSMClient, paginateGetParametersByPath } from '@aws-sdk/client-ssm';
import { inputInvalid } from '../core/errors.ts';
import type { Catalog } from '../core/release/ports.ts';
import type { Service } from '../core/service/service.ts';
import { failureName } from './aws-failure.ts';

/** Turns a parameter's JSON into a service, or says in a sentence what does not fit. */
export type ServiceParser = (value: unknown) => { readonly service: Service } | { readonly why: string };

/** One parameter a service, `<path>/<service>`, written by the service's stack. */
export class SsmCatalog implements Catalog {
  private readonly client: SSMClient;
  private readonly path: string;
  private readonly parse: ServiceParser;

  constructor(client: SSMClient, path: string, parse: ServiceParser) {
    this.client = client;
    this.path = path;
    this.parse = parse;
  }

  async find(service: string): Promise<Service | undefined> {
    const name = `${this.path}/${service}`;
    try {
      const { Parameter } = await this.client.send(new GetParameterCommand({ Name: name }));
      return this.toService(name, service, Parameter?.Value ?? '');
    } catch (cause) {
      if (failureName(cause) === 'ParameterNotFound') return undefined;
      throw cause;
    }
  }

  async names(): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const page of paginateGetParametersByPath({ client: this.client }, { Path: this.path }))
      names.push(...(page.Parameters ?? []).flatMap(({ Name }) => (Name ? [Name.slice(this.path.length + 1)] : [])));
    return names.sort();
  }

  private toService(name: string, service: string, text: string): Service {
    const parsed = this.parse(json(text));
    if ('service' in parsed) return parsed.service;
    throw inputInvalid(
      `SSM parameter ${name}`,
      `${parsed.why}. Deploy the stack of "${service}" again with this version of Tandem`,
    );
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
