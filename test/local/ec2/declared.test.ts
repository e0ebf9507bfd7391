import { describe, expect, it } from 'vitest';
import { testAccount } from './account.ts';
import { call, declare } from './world.ts';

describe('a declared network', () => {
  it('is what the CLI lists', async () => {
    const { ec2, vpc, subnet } = await testAccount();
    const api = (operation: string, input: object = {}) => call(ec2, operation, input);
    expect(await api('DescribeVpcs')).toMatchObject({ Vpcs: [{ VpcId: vpc.ref, CidrBlock: '10.0.0.0/16', State: 'available' }] });
    expect(await api('DescribeSubnets', { Filters: [{ Name: 'vpc-id', Values: [vpc.ref] }] })).toMatchObject({
      Subnets: [{ SubnetId: subnet.ref, VpcId: vpc.ref, AvailabilityZone: 'eu-central-1a' }],
    });
    expect(await api('DescribeSubnets', { Filters: [{ Name: 'availability-zone', Values: ['eu-central-1b'] }] })).toMatchObject({
      Subnets: [],
    });
    await expect(api('DescribeSubnets', { SubnetIds: ['subnet-00000000000000000'] })).rejects.toMatchObject({
      code: 'InvalidSubnetID.NotFound',
    });
    await expect(api('DescribeVpcs', { VpcIds: ['vpc-1'] })).rejects.toMatchObject({ code: 'InvalidVpcID.Malformed' });
  });

  it('answers the attributes that others refer to', async () => {
    const { vpc, subnet, group, template } = await testAccount();
    expect(vpc.attributes).toMatchObject({
      VpcId: vpc.ref,
      CidrBlock: '10.0.0.0/16',
      DefaultSecurityGroup: expect.stringMatching(/^sg-/) as string,
    });
    expect(subnet.attributes).toMatchObject({ SubnetId: subnet.ref, AvailabilityZone: 'eu-central-1a' });
    expect(group.attributes).toMatchObject({ GroupId: group.ref });
    expect(template.attributes).toMatchObject({ LaunchTemplateId: template.ref, LatestVersionNumber: '1' });
  });

  it.each([
    ['RouteTable', { VpcId: 'v' }, 'RouteTableId'],
    ['Route', { RouteTableId: 'r', DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'i' }, undefined],
    ['SubnetRouteTableAssociation', { RouteTableId: 'r', SubnetId: 's' }, 'Id'],
    ['InternetGateway', {}, 'InternetGatewayId'],
    ['VPCGatewayAttachment', { VpcId: 'v', InternetGatewayId: 'i' }, undefined],
    ['VPCEndpoint', { VpcId: 'v', ServiceName: 's', RouteTableIds: ['r'], VpcEndpointType: 'Gateway' }, 'Id'],
    ['SecurityGroupEgress', { GroupId: 'g', IpProtocol: '-1', CidrIp: '0.0.0.0/0' }, 'Id'],
    ['FlowLog', { ResourceId: 'v', ResourceType: 'VPC', TrafficType: 'ALL', LogDestination: 'l' }, 'Id'],
  ])('takes %s, which has an id and no effect here', async (type, properties, attribute) => {
    const { ec2 } = await testAccount();
    const made = await declare(ec2, `AWS::EC2::${type}`, properties);
    expect(made.ref).toMatch(/^[a-z-]+-0[0-9a-f]{16}$/);
    if (attribute !== undefined) expect(made.attributes[attribute]).toBe(made.ref);
    await expect(declare(ec2, `AWS::EC2::${type}`, { ...properties, Surprise: 1 })).rejects.toThrow(/Surprise/);
  });
});

describe('a declared launch template', () => {
  it('is described as it was declared', async () => {
    const { ec2, template, group } = await testAccount();
    const api = (operation: string, input: object = {}) => call(ec2, operation, input);
    expect(await api('DescribeLaunchTemplates')).toMatchObject({
      LaunchTemplates: [{ LaunchTemplateId: template.ref, DefaultVersionNumber: 1, LatestVersionNumber: 1 }],
    });
    expect(await api('DescribeLaunchTemplateVersions', { LaunchTemplateId: template.ref, Versions: ['$Latest'] })).toMatchObject({
      LaunchTemplateVersions: [
        {
          VersionNumber: 1,
          DefaultVersion: true,
          LaunchTemplateData: {
            InstanceType: 't3.micro',
            InstanceInitiatedShutdownBehavior: 'stop',
            SecurityGroupIds: [group.ref],
            MetadataOptions: { HttpTokens: 'required' },
          },
        },
      ],
    });
    await expect(api('DescribeLaunchTemplates', { LaunchTemplateIds: ['lt-1'] })).rejects.toMatchObject({
      code: 'InvalidLaunchTemplateId.NotFound',
    });
    await expect(api('DescribeLaunchTemplateVersions', {})).rejects.toMatchObject({ code: 'MissingParameter' });
  });

  it('is refused with what would change an instance and is not kept', async () => {
    const { ec2 } = await testAccount();
    const LaunchTemplateData = { InstanceType: 't3.micro', NetworkInterfaces: [{ DeviceIndex: 0 }] };
    await expect(declare(ec2, 'AWS::EC2::LaunchTemplate', { LaunchTemplateData })).rejects.toThrow(
      /LaunchTemplateData\.NetworkInterfaces/,
    );
  });
});
