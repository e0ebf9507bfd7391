import { createHash } from 'node:crypto';
import type { DeclaredResource } from './service.ts';

/**
 * A name for a resource whose template gives none, as CloudFormation makes them (`stack-LogicalId-1A2B3C4D5E6F`), but
 * the same at every start, so that kept state is found again.
 */
export function physicalName({ stack, logicalId }: DeclaredResource): string {
  const suffix = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 12).toUpperCase();
  return `${stack}-${logicalId}-${suffix}`;
}
