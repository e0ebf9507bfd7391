import type {
  DescribeTargetGroupsInput,
  DescribeTargetGroupsOutput,
  TargetGroup as SdkTargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { groupNotFound } from '../core/errors.ts';
import type { TargetGroup } from '../core/model.ts';
import type { ElbState } from '../core/state.ts';
import { page } from './page.ts';

export function describeTargetGroups(state: ElbState, input: DescribeTargetGroupsInput): DescribeTargetGroupsOutput {
  const { things, NextMarker } = page(asked(state, input), input);
  return { TargetGroups: things.map((group) => format(group, state.ownerOf(group.arn))), NextMarker };
}

function asked(state: ElbState, { LoadBalancerArn, TargetGroupArns, Names }: DescribeTargetGroupsInput): readonly TargetGroup[] {
  const all = [...state.groups.values()];
  if (LoadBalancerArn) {
    const { arn } = state.getLoadBalancer(LoadBalancerArn);
    return all.filter((group) => state.ownerOf(group.arn) === arn);
  }
  if (TargetGroupArns?.length) return TargetGroupArns.map((arn) => state.getGroup(arn));
  if (!Names?.length) return all;
  return Names.map((name) => {
    const group = all.find((candidate) => candidate.name === name);
    if (!group) throw groupNotFound(name);
    return group;
  });
}

function format(group: TargetGroup, owner: string | undefined): SdkTargetGroup {
  const { check } = group;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: String(check.port),
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    ...(check.protocol === 'HTTP' && { HealthCheckPath: check.path, Matcher: { HttpCode: check.matcher } }),
    LoadBalancerArns: owner === undefined ? [] : [owner],
    TargetType: 'instance',
    ...(group.protocol === 'HTTP' && { ProtocolVersion: 'HTTP1' }),
    IpAddressType: 'ipv4',
  };
}
