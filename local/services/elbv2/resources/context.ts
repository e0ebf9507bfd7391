import { createHash } from 'node:crypto';
import { physicalName } from '../../../kernel/physical-name.ts';
import type { DeclaredResource } from '../../../kernel/service.ts';
import type { World } from '../../../kernel/world.ts';
import type { Routing } from '../core/routing.ts';
import type { ElbState } from '../core/state.ts';

export interface ResourceContext {
  readonly world: World;
  readonly state: ElbState;
  readonly routing: Routing;
}

/** As CloudFormation names what has no name, cut to the 32 characters ELB allows. */
export function generatedName(resource: DeclaredResource): string {
  return `${resource.stack.slice(0, 10)}-${resource.logicalId.slice(0, 8)}-${physicalName(resource).slice(-12)}`;
}

/** The id at the end of an ARN: the same at every start, so that kept records still name it. */
export function arnId({ stack, logicalId }: DeclaredResource): string {
  return createHash('sha256').update(`${stack}/${logicalId}/arn`).digest('hex').slice(0, 16);
}

export function arnOf({ account }: World, resource: string): string {
  return `arn:${account.partition}:elasticloadbalancing:${account.region}:${account.id}:${resource}`;
}
