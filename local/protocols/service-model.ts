/** What a service's SDK knows beyond its operations: its errors, as the client's module registers them, and its XML namespace. */
import { TypeRegistry } from '@smithy/core/schema';
import { shapeOf } from './schema.ts';
import type { Shape } from './schema.ts';
import type { LocalService } from '../kernel/service.ts';

/** From each client's runtimeConfig; real parsers (not the SDK's) look at them. */
const XML_NAMESPACES: Readonly<Record<string, string>> = {
  ec2: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  elasticloadbalancing: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  monitoring: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
  s3: 'http://s3.amazonaws.com/doc/2006-03-01/',
  sns: 'http://sns.amazonaws.com/doc/2010-03-31/',
  sqs: 'http://queue.amazonaws.com/doc/2012-11-05/',
};

export const xmlNamespaceOf = (service: LocalService): string | undefined => XML_NAMESPACES[service.name];

/** Services that moved from the query protocol to JSON and still answer query's error codes in a header. */
const QUERY_COMPATIBLE = new Set(['sqs', 'monitoring']);

export const isQueryCompatible = (service: LocalService | undefined): boolean =>
  service !== undefined && QUERY_COMPATIBLE.has(service.name);

/** The modelled error of this code: a class's name, or the shorter code the query protocol has for it. */
export function findErrorShape(service: LocalService | undefined, code: string): Shape | undefined {
  const namespace = Object.values(service?.operations ?? {})[0]?.schema[1];
  if (namespace === undefined) return undefined;
  const found = TypeRegistry.for(namespace).find((schema) => {
    const shape = shapeOf(schema);
    return shape.getMergedTraits().error !== undefined && (shape.getName() === code || queryErrorOf(shape)?.code === code);
  });
  return found === undefined ? undefined : shapeOf(found);
}

/** https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsqueryerror-trait */
export function queryErrorOf(shape: Shape): { readonly code: string; readonly status: number } | undefined {
  const trait: unknown = shape.getMergedTraits()['awsQueryError'];
  if (!Array.isArray(trait)) return undefined;
  const [code, status]: readonly unknown[] = trait as readonly unknown[];
  return typeof code === 'string' && typeof status === 'number' ? { code, status } : undefined;
}

/** The status the model gives an error; AwsError's default of 400 otherwise stands for "not said". */
export function statusOf(shape: Shape | undefined, said: number): number {
  if (said !== 400 || shape === undefined) return said;
  const modelled: unknown = shape.getMergedTraits()['httpError'];
  return queryErrorOf(shape)?.status ?? (typeof modelled === 'number' ? modelled : said);
}
