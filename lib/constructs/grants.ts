import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { acknowledgeWildcards, type Reason } from './acknowledge.ts';

export type Grantee = iam.IGrantable & IConstruct;
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Conditions;
  /** Why the resources are not named one by one; needed where one of them is a pattern. */
  readonly because?: Reason;
}

export function allow(grantee: Grantee, { actions, resources, conditions = {}, because }: Grant): void {
  if (because) acknowledgeWildcards(grantee, resources, because);
  grantee.grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({ actions: [...actions], resources: [...resources], conditions }),
  );
}

/** Over everything, unless it is said over what, or over what not. */
export interface Reach {
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
}

export function deny(grantee: Grantee, actions: readonly string[], conditions: Conditions, reach: Reach = {}): void {
  const { notResources, resources = ['*'] } = reach;
  const over = notResources ? { notResources: [...notResources] } : { resources: [...resources] };
  grantee.grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: [...actions], ...over, conditions }),
  );
}
