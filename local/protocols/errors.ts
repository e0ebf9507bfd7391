import { AwsError } from '../kernel/aws-error.ts';
import type { LocalService, Operation } from '../kernel/service.ts';
import { Misfit } from './schema.ts';
import type { Protocol } from './wire.ts';

/** The code is AWS's own for an operation it does not have; the sentence says which side lacks it. */
export function unknownOperation(unknown: Protocol['unknown'], operation: string, service: LocalService): AwsError {
  const message = `The local runtime does not have the operation ${operation} in its ${service.name}.`;
  return new AwsError(unknown.code, message, unknown.status);
}

/** Names come from requests: `constructor` is no operation. */
export const findOperation = (service: LocalService, name: string): Operation | undefined =>
  Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;

export const noOperationNamed = (code: string): AwsError => new AwsError(code, 'The request names no operation.');

/** Reads, and answers what does not fit the schema under the protocol's own name for it. */
export async function readOrRefuse<T>(code: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Misfit) throw new AwsError(code, error.message, 400, { cause: error });
    throw error;
  }
}

/** Whose fault, as the query protocols say it. */
export const faultOf = (error: AwsError): 'Sender' | 'Receiver' => (error.status < 500 ? 'Sender' : 'Receiver');
