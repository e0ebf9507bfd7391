import { AwsError } from '../../../kernel/aws-error.ts';

export const invalid = (message: string): AwsError => new AwsError('ValidationError', message);
export const listenerNotFound = (arn: string): AwsError => new AwsError('ListenerNotFound', `Listener '${arn}' not found`);
export const ruleNotFound = (arn: string): AwsError => new AwsError('RuleNotFound', `Rule '${arn}' not found`);
export const groupNotFound = (arn: string): AwsError => new AwsError('TargetGroupNotFound', `Target group '${arn}' not found`);
export const loadBalancerNotFound = (arn: string): AwsError =>
  new AwsError('LoadBalancerNotFound', `Load balancer '${arn}' not found`);
export const priorityInUse = (priority: number): AwsError =>
  new AwsError('PriorityInUse', `Priority '${priority}' is currently in use`);
export const tooManyTargets = (group: string, most: number): AwsError =>
  new AwsError('TooManyTargets', `Target group '${group}' can have no more than ${most} targets`);
export const notRunning = (ids: readonly string[]): AwsError =>
  new AwsError('InvalidTarget', `The following targets are not in a running state and cannot be registered: ${quoted(ids)}`);
export const noSuchInstance = (ids: readonly string[]): AwsError =>
  new AwsError('InvalidTarget', `The following targets do not exist and cannot be registered: ${quoted(ids)}`);

const quoted = (ids: readonly string[]): string => ids.map((id) => `'${id}'`).join(', ');
