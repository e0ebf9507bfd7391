import type {
  DescribeLoadBalancersInput,
  DescribeLoadBalancersOutput,
  LoadBalancer as SdkLoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { loadBalancerNotFound } from '../core/errors.ts';
import type { LoadBalancer } from '../core/model.ts';
import type { ElbState } from '../core/state.ts';
import { page } from './page.ts';

export function describeLoadBalancers(
  state: ElbState,
  input: DescribeLoadBalancersInput,
  zones: readonly string[],
): DescribeLoadBalancersOutput {
  const { things, NextMarker } = page(asked(state, input), input);
  return { LoadBalancers: things.map((balancer) => format(balancer, zones)), NextMarker };
}

function asked(state: ElbState, { LoadBalancerArns, Names }: DescribeLoadBalancersInput): readonly LoadBalancer[] {
  if (LoadBalancerArns?.length) return LoadBalancerArns.map((arn) => state.getLoadBalancer(arn));
  const all = [...state.loadBalancers.values()];
  if (!Names?.length) return all;
  return Names.map((name) => {
    const balancer = all.find((candidate) => candidate.name === name);
    if (!balancer) throw loadBalancerNotFound(name);
    return balancer;
  });
}

function format(balancer: LoadBalancer, zones: readonly string[]): SdkLoadBalancer {
  return {
    LoadBalancerArn: balancer.arn,
    DNSName: balancer.address,
    CanonicalHostedZoneId: 'Z00000000000000000000',
    CreatedTime: new Date(balancer.createdAt),
    LoadBalancerName: balancer.name,
    Scheme: balancer.scheme,
    State: { Code: 'active' },
    Type: balancer.kind,
    AvailabilityZones: balancer.subnets.map((SubnetId, i) => ({ SubnetId, ZoneName: zones[i % Math.max(1, zones.length)] })),
    SecurityGroups: [...balancer.securityGroups],
    IpAddressType: 'ipv4',
  };
}
