import { Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { prober } from '../../lambdas/prober/contract.ts';
import type { ServiceFile } from '../../core/service/service-file.ts';
import { proberName } from '../names.ts';
import { ContractFunction } from './contract-function.ts';
import { allow, deny } from './grants.ts';
import type { ServiceNetwork } from './service-network.ts';

export interface ServiceProberProps {
  readonly file: ServiceFile;
  readonly network: ServiceNetwork;
  readonly bundles: string;
  readonly controlPlane: string;
}

/** AWS: what Lambda needs to put a function into a VPC; none of it takes a resource ("Lambda execution role for VPC"). */
const VPC_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** The one function that reaches private nodes: it asks each its probes, from inside the VPC. */
export class ServiceProber extends Construct {
  readonly versionArn: string;

  constructor(scope: Construct, id: string, { file, network, bundles, controlPlane }: ServiceProberProps) {
    super(scope, id);
    const securityGroup = new ec2.SecurityGroup(this, 'Group', {
      vpc: network.vpc,
      description: `Prober of ${file.name}`,
      allowAllOutbound: false,
    });
    securityGroup.connections.allowTo(network.nodeGroup, ec2.Port.tcp(file.port), 'probes');
    const one = new ContractFunction(this, 'Prober', {
      contract: prober,
      environment: { PORT: String(file.port), PROBES: JSON.stringify(file.probes), TIMEOUT_MS: '5000' },
      size: { memoryMiB: 256, timeout: Duration.seconds(60) },
      bundles,
      network: { vpc: network.vpc, subnets: network.nodeSubnets, securityGroup },
      functionName: proberName(controlPlane, file.name),
    });
    allow(one, {
      actions: VPC_ACTIONS,
      resources: ['*'],
      because: 'Lambda makes network interfaces for it; AWS asks for these rights without a resource.',
    });
    // They are for Lambda itself: the code, which has the same role, is denied them (AWS: Lambda, "VPC access permissions").
    const stack = Stack.of(this);
    const itself = stack.formatArn({ service: 'lambda', resource: `function:${proberName(controlPlane, file.name)}` });
    deny(one, VPC_ACTIONS, { ArnLike: { 'lambda:SourceFunctionArn': [itself, `${itself}:*`] } });
    this.versionArn = one.version.functionArn;
  }
}
