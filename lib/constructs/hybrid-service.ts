import { Stack, Tags } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { Service, ServiceResources } from '../../core/service/service.ts';
import type { ServiceFile } from '../../core/service/service-file.ts';
import { bundlesFolder } from '../bundles.ts';
import type { ControlPlaneStack } from '../control-plane-stack.ts';
import { SERVICES_PATH, STACK_TAG_KEY } from '../names.ts';
import { sizeProblems } from '../services/file-size.ts';
import { NodeTemplates } from './node-templates.ts';
import { ServiceAlarms } from './service-alarms.ts';
import { ServiceBalancer } from './service-balancer.ts';
import { ServiceNetwork } from './service-network.ts';
import { ServiceProber } from './service-prober.ts';

export interface HybridServiceProps {
  readonly file: ServiceFile;
  readonly controlPlane: ControlPlaneStack;
  /** A VPC that is there already, with private subnets; without it one is made. */
  readonly vpc?: ec2.IVpc;
  /** Folder of the functions' bundles; by default those of this package. */
  readonly bundles?: string;
}

/** All that one service needs on AWS, but its nodes and its weights: those are the control plane's. */
export class HybridService extends Construct {
  constructor(scope: Construct, id: string, props: HybridServiceProps) {
    super(scope, id);
    const { file } = props;
    const controlPlane = props.controlPlane.stackName;
    const bundles = props.bundles ?? bundlesFolder();
    // Not the anchor rule: the control plane may change what bears its tag, and that rule is not its own.
    Tags.of(this).add(STACK_TAG_KEY, controlPlane, { excludeResourceTypes: ['AWS::ElasticLoadBalancingV2::ListenerRule'] });
    Tags.of(this).add('tandem:service', file.name);
    const network = new ServiceNetwork(this, 'Network', { file, ...(props.vpc ? { vpc: props.vpc } : {}) });
    const { templates, nodeRole } = new NodeTemplates(this, 'Nodes', {
      file,
      controlPlane,
      evidenceArn: props.controlPlane.exportedEvidenceArn,
      evidenceBucket: props.controlPlane.exportedEvidenceBucket,
      nodeGroup: network.nodeGroup,
    });
    const balancer = new ServiceBalancer(this, 'Traffic', { file, network, logs: props.controlPlane.logs });
    new ServiceAlarms(this, 'ServiceAlarms', { file, balancer, notices: props.controlPlane.notices });
    const prober =
      file.probes.length > 0 ? new ServiceProber(this, 'Probes', { file, network, bundles, controlPlane }) : undefined;
    this.publish(file, {
      launchTemplates: templates,
      subnets: network.vpc.selectSubnets(network.nodeSubnets).subnets.map((s) => ({ id: s.subnetId, zone: s.availabilityZone })),
      ...balancer.resources,
      ...(prober ? { prober: prober.versionArn } : {}),
      nodeRole,
    });
  }

  private publish(file: ServiceFile, resources: ServiceResources): void {
    this.node.addValidation({ validate: () => sizeProblems(file) });
    const service: Service = { file, resources };
    new ssm.CfnParameter(this, 'Facts', {
      name: `${SERVICES_PATH}/${file.name}`,
      type: 'String',
      tier: 'Intelligent-Tiering',
      description: `What the control plane knows of ${file.name}`,
      value: Stack.of(this).toJsonString(service),
    });
  }
}
