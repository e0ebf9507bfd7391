import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { InstanceState } from '../../../kernel/ports.ts';
import type { Target, TargetGroup } from './model.ts';

export interface HealthFacts {
  readonly group: TargetGroup;
  readonly target: Target;
  readonly isInUse: boolean;
  /** Undefined: EC2 no longer knows the instance. */
  readonly instance: InstanceState | undefined;
}

/** State, reason and description as DescribeTargetHealth answers them. */
export function describeHealth({ group, target, isInUse, instance }: HealthFacts): TargetHealth {
  if (target.drainsUntil !== undefined) {
    return { State: 'draining', Reason: 'Target.DeregistrationInProgress', Description: 'Target deregistration is in progress' };
  }
  if (!isInUse) {
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
  }
  if (instance === undefined || instance === 'stopped' || instance === 'terminated') {
    return { State: 'unused', Reason: 'Target.InvalidState', Description: 'Target is in the stopped state' };
  }
  if (!group.check.enabled) {
    return {
      State: 'unavailable',
      Reason: 'Target.HealthCheckDisabled',
      Description: 'Health checks are not enabled for this target',
    };
  }
  return describeChecked(target);
}

function describeChecked({ health }: Target): TargetHealth {
  switch (health.state) {
    case 'registering':
      return { State: 'initial', Reason: 'Elb.RegistrationInProgress', Description: 'Target registration is in progress' };
    case 'checking':
      return { State: 'initial', Reason: 'Elb.InitialHealthChecking', Description: 'Initial health checks in progress' };
    case 'healthy':
      return { State: 'healthy' };
    case 'unhealthy':
      return { State: 'unhealthy', Reason: health.failure?.reason, Description: health.failure?.description };
  }
}

export const NOT_REGISTERED: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
};
