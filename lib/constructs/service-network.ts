import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ServiceFile } from '../../core/service/service-file.ts';
import { acknowledge } from './acknowledge.ts';

export interface ServiceNetworkProps {
  readonly file: ServiceFile;
  /** A VPC that is there already; without it one is made. */
  readonly vpc?: ec2.IVpc;
}

/** Where a service's nodes and its load balancer live, and who may talk to whom. */
export class ServiceNetwork extends Construct {
  readonly vpc: ec2.IVpc;
  readonly nodeSubnets: ec2.SubnetSelection;
  readonly balancerSubnets: ec2.SubnetSelection;
  readonly balancerGroup: ec2.SecurityGroup;
  readonly nodeGroup: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, { file, vpc }: ServiceNetworkProps) {
    super(scope, id);
    this.vpc = vpc ?? this.makeVpc(file.internetFacing);
    this.nodeSubnets = { subnets: [...privateSubnetsOf(this.vpc)] };
    this.balancerSubnets = file.internetFacing ? { subnetType: ec2.SubnetType.PUBLIC, onePerAz: true } : this.nodeSubnets;
    this.balancerGroup = new ec2.SecurityGroup(this, 'BalancerGroup', {
      vpc: this.vpc,
      description: `Load balancer of ${file.name}`,
      allowAllOutbound: false,
    });
    this.nodeGroup = new ec2.SecurityGroup(this, 'NodeGroup', {
      vpc: this.vpc,
      description: `Nodes of ${file.name}`,
      // What a service itself calls is its own business; from isolated subnets that is the VPC, S3 and DynamoDB.
      allowAllOutbound: true,
    });
    this.connect(file);
    if (vpc === undefined && file.nodeMetrics) this.openCloudWatch(file);
    acknowledge(
      this.balancerGroup,
      'EC23',
      'Who may connect is what the service file says: its blocks, or the VPC; the check cannot read the latter.',
    );
  }

  private connect(file: ServiceFile): void {
    const port = file.protocol === 'udp' ? ec2.Port.udp(file.port) : ec2.Port.tcp(file.port);
    const listener = listenerPortOf(file);
    const entry = file.protocol === 'udp' ? ec2.Port.udp(listener) : ec2.Port.tcp(listener);
    const users = file.allowFrom.length > 0 ? file.allowFrom : [this.vpc.vpcCidrBlock];
    for (const cidr of users) this.balancerGroup.addIngressRule(ec2.Peer.ipv4(cidr), entry, 'users');
    this.balancerGroup.connections.allowTo(this.nodeGroup, port, 'requests');
    // AWS: UDP target groups are health-checked by TCP or HTTP, never by UDP.
    if (file.protocol === 'udp') this.balancerGroup.connections.allowTo(this.nodeGroup, ec2.Port.tcp(file.port), 'health checks');
  }

  /**
   * The way by which nodes publish their counts. An interface endpoint costs by the hour and zone: one zone is enough for
   * what may be missing.
   */
  private openCloudWatch({ name }: ServiceFile): void {
    const group = new ec2.SecurityGroup(this, 'CloudWatchGroup', {
      vpc: this.vpc,
      description: `CloudWatch for nodes of ${name}`,
      allowAllOutbound: false,
    });
    group.connections.allowFrom(this.nodeGroup, ec2.Port.tcp(443), 'counts of nodes');
    const endpoint = new ec2.InterfaceVpcEndpoint(this, 'CloudWatch', {
      vpc: this.vpc,
      service: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
      subnets: { subnets: [...privateSubnetsOf(this.vpc)].slice(0, 1) },
      securityGroups: [group],
      open: false,
    });
    endpoint.addToPolicy(
      new iam.PolicyStatement({ principals: [new iam.AnyPrincipal()], actions: ['cloudwatch:PutMetricData'], resources: ['*'] }),
    );
  }

  /** Nodes have no way out but to S3 and DynamoDB, which gateway endpoints give for nothing. */
  private makeVpc(hasPublic: boolean): ec2.Vpc {
    const nodes = { name: 'nodes', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 20 };
    const entry = { name: 'entry', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false };
    const vpc = new ec2.Vpc(this, 'Vpc', {
      maxAzs: 3,
      natGateways: 0,
      // CDK would empty the default security group by a custom resource. Nothing is ever put into that group.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: hasPublic ? [nodes, entry] : [nodes],
      gatewayEndpoints: {
        S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
        DynamoDB: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    acknowledge(
      vpc,
      'VPC7',
      'Flow logs cost by traffic and are an account-wide decision; the load balancer logs every request of users.',
    );
    return vpc;
  }
}

/** One an availability zone, in the VPC's order. */
function privateSubnetsOf(vpc: ec2.IVpc): readonly ec2.ISubnet[] {
  const subnetType = vpc.privateSubnets.length > 0 ? ec2.SubnetType.PRIVATE_WITH_EGRESS : ec2.SubnetType.PRIVATE_ISOLATED;
  return vpc.selectSubnets({ subnetType, onePerAz: true }).subnets;
}

export function listenerPortOf(file: ServiceFile): number {
  if (file.listenerPort) return file.listenerPort;
  if (file.protocol !== 'http') return file.port;
  return file.certificateArn ? 443 : 80;
}
