import type { DeclaredResource } from '../../../kernel/service.ts';
import type { World } from '../../../kernel/world.ts';
import type { Routing } from '../core/routing.ts';
import type { ElbState } from '../core/state.ts';

export interface ResourceContext {
  readonly world: World;
  readonly state: ElbState;
  readonly routing: Routing;
}

/** As CloudFormation names what has no name: pieces of the stack and the id, and letters, at most 32 in all. */
export function generatedName(world: World, { stack, logicalId }: DeclaredResource): string {
  return `${stack.slice(0, 10)}-${logicalId.slice(0, 8)}-${world.random.hex(12).toUpperCase()}`;
}

export function arnOf({ account }: World, resource: string): string {
  return `arn:${account.partition}:elasticloadbalancing:${account.region}:${account.id}:${resource}`;
}
