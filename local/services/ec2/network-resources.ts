/** The network as `ec2.Vpc` declares it. Subnets and groups are looked up; everything is reached over loopback. */
import { takeProperties, TemplateError } from '../../kernel/properties.ts';
import type { DeclaredResource, LocalService, Physical } from '../../kernel/service.ts';
import { RULE, toPortRanges } from './security-rules.ts';
import { newId } from './state.ts';
import type { Ec2State } from './state.ts';

const LOOPBACK = 'instances have addresses of their own on loopback, reached without routes or rules';

function declareVpc(ec2: Ec2State, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, ['CidrBlock', 'Tags'], {
    EnableDnsHostnames: LOOPBACK,
    EnableDnsSupport: LOOPBACK,
    InstanceTenancy: 'there is one host',
  });
  const id = newId(ec2, 'vpc');
  const cidr = properties.getText('CidrBlock');
  const defaultGroup = newId(ec2, 'sg');
  ec2.vpcs.set(id, { id, cidr, tags: properties.tags('Tags') });
  ec2.securityGroups.set(defaultGroup, { id: defaultGroup, vpcId: id, name: 'default', letsIn: [] });
  return {
    ref: id,
    attributes: {
      VpcId: id,
      CidrBlock: cidr,
      DefaultSecurityGroup: defaultGroup,
      DefaultNetworkAcl: newId(ec2, 'acl'),
      Ipv6CidrBlocks: [],
    },
  };
}

/** `Fn::GetAZs` gives names; a template may also count zones. */
function declareSubnet(ec2: Ec2State, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, ['VpcId', 'CidrBlock', 'AvailabilityZone', 'Tags'], {
    MapPublicIpOnLaunch: LOOPBACK,
  });
  const subnet = {
    id: newId(ec2, 'subnet'),
    vpcId: properties.getText('VpcId'),
    cidr: properties.getText('CidrBlock'),
    zone: properties.text('AvailabilityZone') ?? ec2.world.account.zones[0] ?? `${ec2.world.account.region}a`,
    tags: properties.tags('Tags'),
  };
  ec2.subnets.set(subnet.id, subnet);
  return {
    ref: subnet.id,
    attributes: {
      SubnetId: subnet.id,
      VpcId: subnet.vpcId,
      CidrBlock: subnet.cidr,
      AvailabilityZone: subnet.zone,
      NetworkAclAssociationId: newId(ec2, 'aclassoc'),
      Ipv6CidrBlocks: [],
    },
  };
}

const SOURCES = {
  CidrIp: LOOPBACK,
  CidrIpv6: LOOPBACK,
  SourceSecurityGroupId: LOOPBACK,
  SourceSecurityGroupOwnerId: LOOPBACK,
  SourcePrefixListId: LOOPBACK,
  Description: 'nothing here shows it',
};

function declareSecurityGroup(ec2: Ec2State, resource: DeclaredResource): Physical {
  const known = ['VpcId', 'GroupName', 'GroupDescription', 'SecurityGroupIngress', 'Tags'] as const;
  const properties = takeProperties(resource, known, { SecurityGroupEgress: LOOPBACK });
  const id = newId(ec2, 'sg');
  const vpcId = properties.text('VpcId') ?? '';
  const name = properties.text('GroupName') ?? `${resource.stack}-${resource.logicalId}`;
  const letsIn = properties.items('SecurityGroupIngress', RULE, SOURCES).flatMap(toPortRanges);
  ec2.securityGroups.set(id, { id, vpcId, name, letsIn });
  return { ref: id, attributes: { Id: id, GroupId: id, VpcId: vpcId } };
}

function declareIngress(ec2: Ec2State, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, ['GroupId', ...RULE], SOURCES);
  const group = ec2.securityGroups.get(properties.getText('GroupId'));
  if (group === undefined)
    throw new TemplateError(`${resource.path}: there is no security group ${properties.getText('GroupId')}`);
  ec2.securityGroups.set(group.id, { ...group, letsIn: [...group.letsIn, ...toPortRanges(properties)] });
  const id = newId(ec2, 'sgr');
  return { ref: id, attributes: { Id: id } };
}

/** Resources that have an id and no effect. */
interface Inert {
  readonly prefix: string;
  /** Attributes that repeat the id. */
  readonly idAttributes: readonly string[];
  readonly properties: readonly string[];
  readonly why: string;
}

const INERT: Readonly<Record<string, Inert>> = {
  RouteTable: { prefix: 'rtb', idAttributes: ['RouteTableId'], properties: ['VpcId', 'Tags'], why: LOOPBACK },
  Route: {
    prefix: 'r',
    idAttributes: [],
    properties: ['RouteTableId', 'DestinationCidrBlock', 'DestinationIpv6CidrBlock', 'GatewayId'],
    why: LOOPBACK,
  },
  SubnetRouteTableAssociation: {
    prefix: 'rtbassoc',
    idAttributes: ['Id'],
    properties: ['RouteTableId', 'SubnetId'],
    why: LOOPBACK,
  },
  InternetGateway: { prefix: 'igw', idAttributes: ['InternetGatewayId'], properties: ['Tags'], why: LOOPBACK },
  VPCGatewayAttachment: {
    prefix: 'igw-attach',
    idAttributes: ['AttachmentType'],
    properties: ['VpcId', 'InternetGatewayId'],
    why: LOOPBACK,
  },
  VPCEndpoint: {
    prefix: 'vpce',
    idAttributes: ['Id'],
    properties: [
      'VpcId',
      'ServiceName',
      'RouteTableIds',
      'SubnetIds',
      'SecurityGroupIds',
      'VpcEndpointType',
      'PrivateDnsEnabled',
      'PolicyDocument',
      'Tags',
    ],
    why: 'functions and instances reach the gateway over loopback',
  },
  SecurityGroupEgress: {
    prefix: 'sgr',
    idAttributes: ['Id'],
    properties: [
      ...RULE,
      'GroupId',
      'CidrIp',
      'CidrIpv6',
      'Description',
      'DestinationSecurityGroupId',
      'DestinationPrefixListId',
    ],
    why: LOOPBACK,
  },
  FlowLog: {
    prefix: 'fl',
    idAttributes: ['Id'],
    properties: [
      'ResourceId',
      'ResourceType',
      'TrafficType',
      'LogDestination',
      'LogDestinationType',
      'LogGroupName',
      'DeliverLogsPermissionArn',
      'MaxAggregationInterval',
      'LogFormat',
      'DestinationOptions',
      'Tags',
    ],
    why: 'traffic on loopback is not recorded; the load balancer keeps its own log',
  },
};

function declareInert(ec2: Ec2State, resource: DeclaredResource, { prefix, idAttributes, properties, why }: Inert): Physical {
  takeProperties(resource, [], Object.fromEntries(properties.map((name) => [name, why])));
  const id = newId(ec2, prefix);
  return { ref: id, attributes: Object.fromEntries(idAttributes.map((name) => [name, id])) };
}

export const networkResources = (ec2: Ec2State): LocalService['resources'] => ({
  'AWS::EC2::VPC': (resource) => declareVpc(ec2, resource),
  'AWS::EC2::Subnet': (resource) => declareSubnet(ec2, resource),
  'AWS::EC2::SecurityGroup': (resource) => declareSecurityGroup(ec2, resource),
  'AWS::EC2::SecurityGroupIngress': (resource) => declareIngress(ec2, resource),
  ...Object.fromEntries(
    Object.entries(INERT).map(([type, inert]) => [
      `AWS::EC2::${type}`,
      (resource: DeclaredResource) => declareInert(ec2, resource, inert),
    ]),
  ),
});
