import { DescribeSubnets$, DescribeVpcs$ } from '@aws-sdk/client-ec2';
import type { DescribeSubnetsRequest, DescribeSubnetsResult, DescribeVpcsRequest, DescribeVpcsResult } from '@aws-sdk/client-ec2';
import type { Operation } from '../../kernel/service.ts';
import { matchesFilters, toPage } from './filters.ts';
import { getById, SUBNET_ID, toTagList, VPC_ID } from './state.ts';
import type { Ec2State } from './state.ts';

export const describeSubnets = (ec2: Ec2State): Operation<DescribeSubnetsRequest, DescribeSubnetsResult> => ({
  schema: DescribeSubnets$,
  run(input) {
    const named = input.SubnetIds?.map((id) => getById(id, SUBNET_ID, (known) => ec2.subnets.get(known)));
    const subnets = (named ?? [...ec2.subnets.values()]).filter(({ id, vpcId, zone, tags }) =>
      matchesFilters(input.Filters, { 'subnet-id': [id], 'vpc-id': [vpcId], 'availability-zone': [zone] }, tags),
    );
    const { page, next } = toPage(subnets, input);
    return {
      Subnets: page.map((subnet) => ({
        SubnetId: subnet.id,
        VpcId: subnet.vpcId,
        CidrBlock: subnet.cidr,
        AvailabilityZone: subnet.zone,
        State: 'available',
        OwnerId: ec2.world.account.id,
        Tags: toTagList(subnet.tags),
      })),
      NextToken: next,
    };
  },
});

export const describeVpcs = (ec2: Ec2State): Operation<DescribeVpcsRequest, DescribeVpcsResult> => ({
  schema: DescribeVpcs$,
  run(input) {
    const named = input.VpcIds?.map((id) => getById(id, VPC_ID, (known) => ec2.vpcs.get(known)));
    const vpcs = (named ?? [...ec2.vpcs.values()]).filter(({ id, cidr, tags }) =>
      matchesFilters(input.Filters, { 'vpc-id': [id], cidr: [cidr], 'is-default': ['false'] }, tags),
    );
    const { page, next } = toPage(vpcs, input);
    return {
      Vpcs: page.map((vpc) => ({
        VpcId: vpc.id,
        CidrBlock: vpc.cidr,
        State: 'available',
        IsDefault: false,
        OwnerId: ec2.world.account.id,
        Tags: toTagList(vpc.tags),
      })),
      NextToken: next,
    };
  },
});
