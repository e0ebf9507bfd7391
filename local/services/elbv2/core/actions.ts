import type { Action as SdkAction } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../../kernel/aws-error.ts';
import { groupNotFound, invalid } from './errors.ts';
import type { Action, GroupWeight, LoadBalancerKind, TargetGroup } from './model.ts';

const MAX_GROUPS = 5;
const MAX_WEIGHT = 999;

export interface ActionContext {
  readonly kind: LoadBalancerKind;
  findGroup(arn: string): TargetGroup | undefined;
  /** The load balancer a group already belongs to, if any. */
  ownerOf(groupArn: string): string | undefined;
  readonly loadBalancerArn: string;
}

/** One action, checked as ELB checks it. More than one is only for authentication, which is not kept here. */
export function parseActions(actions: readonly SdkAction[] | undefined, context: ActionContext): Action {
  const [action, another] = actions ?? [];
  if (!action) throw invalid('An action must be specified');
  if (another) throw invalid('Only one action is known locally: forward, or fixed-response');
  if (action.Type === 'fixed-response') return parseFixed(action, context);
  if (action.Type === 'forward') return parseForward(action, context);
  throw invalid(`The action type '${String(action.Type)}' is not known locally; use forward or fixed-response`);
}

function parseFixed({ FixedResponseConfig: config }: SdkAction, { kind }: ActionContext): Action {
  if (kind === 'network')
    throw new AwsError('InvalidLoadBalancerAction', "The action type 'fixed-response' is not valid with network load balancers");
  const status = Number(config?.StatusCode);
  if (!/^[245]\d\d$/.test(config?.StatusCode ?? ''))
    throw invalid(`The fixed response's status code '${String(config?.StatusCode)}' must be 2XX, 4XX or 5XX`);
  return { kind: 'fixed', status, contentType: config?.ContentType, body: config?.MessageBody ?? '' };
}

function parseForward(action: SdkAction, context: ActionContext): Action {
  const tuples = action.ForwardConfig?.TargetGroups ?? (action.TargetGroupArn ? [{ TargetGroupArn: action.TargetGroupArn }] : []);
  if (tuples.length === 0) throw invalid('A target group ARN must be specified');
  if (tuples.length > MAX_GROUPS) {
    throw new AwsError(
      'TooManyTargetGroups',
      `An action can have no more than ${MAX_GROUPS} target groups; this one has ${tuples.length}`,
    );
  }
  const groups = tuples.map(({ TargetGroupArn = '', Weight }): GroupWeight => {
    if (Weight === undefined && tuples.length > 1)
      throw invalid(`A weight must be specified for target group '${TargetGroupArn}'`);
    return { groupArn: TargetGroupArn, weight: requireWeight(Weight ?? 1) };
  });
  requireDistinct(groups);
  for (const { groupArn } of groups) requireGroup(groupArn, context);
  const sticky = action.ForwardConfig?.TargetGroupStickinessConfig;
  return { kind: 'forward', groups, ...(sticky?.Enabled ? { stickySeconds: requireDuration(sticky.DurationSeconds) } : {}) };
}

function requireGroup(arn: string, context: ActionContext): void {
  const group = context.findGroup(arn);
  if (!group) throw groupNotFound(arn);
  const isHttp = group.protocol === 'HTTP';
  if (isHttp !== (context.kind === 'application')) {
    throw new AwsError(
      'IncompatibleProtocols',
      `Target group '${arn}' has the protocol ${group.protocol}, which ${context.kind} load balancers do not forward to`,
    );
  }
  const owner = context.ownerOf(arn);
  if (owner !== undefined && owner !== context.loadBalancerArn) {
    throw new AwsError(
      'TargetGroupAssociationLimit',
      `The following target groups cannot be associated with more than one load balancer: ${arn}`,
    );
  }
}

function requireWeight(weight: number): number {
  if (Number.isInteger(weight) && weight >= 0 && weight <= MAX_WEIGHT) return weight;
  throw invalid(`Target group weight '${weight}' must be between 0 and ${MAX_WEIGHT} inclusive`);
}

function requireDistinct(groups: readonly GroupWeight[]): void {
  if (new Set(groups.map(({ groupArn }) => groupArn)).size === groups.length) return;
  throw new AwsError('InvalidLoadBalancerAction', 'A target group stands twice in the action');
}

function requireDuration(seconds: number | undefined): number {
  if (seconds !== undefined && seconds >= 1 && seconds <= 604_800) return seconds;
  throw invalid('Target group stickiness duration must be between 1 and 604800 seconds');
}

/** As the describe operations answer it. A single group stands in TargetGroupArn too. */
export function formatAction(action: Action): SdkAction {
  if (action.kind === 'fixed') {
    return {
      Type: 'fixed-response',
      Order: 1,
      FixedResponseConfig: { StatusCode: String(action.status), ContentType: action.contentType, MessageBody: action.body },
    };
  }
  const [first] = action.groups;
  return {
    Type: 'forward',
    Order: 1,
    ...(action.groups.length === 1 && first ? { TargetGroupArn: first.groupArn } : {}),
    ForwardConfig: {
      TargetGroups: action.groups.map(({ groupArn, weight }) => ({ TargetGroupArn: groupArn, Weight: weight })),
      TargetGroupStickinessConfig:
        action.stickySeconds === undefined ? { Enabled: false } : { Enabled: true, DurationSeconds: action.stickySeconds },
    },
  };
}

export const groupsOf = (action: Action): readonly GroupWeight[] => (action.kind === 'forward' ? action.groups : []);
