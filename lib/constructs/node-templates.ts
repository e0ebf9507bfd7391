import { Aws, Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Build, LaunchTemplate } from '../../core/service/service.ts';
import type { ServiceFile } from '../../core/service/service-file.ts';
import { nodeRolePath } from '../names.ts';
import { allow } from './grants.ts';

export interface NodeTemplatesProps {
  readonly file: ServiceFile;
  readonly controlPlane: string;
  /** Of the bucket where nodes leave evidence. */
  readonly evidenceArn: string;
  readonly evidenceBucket: string;
  readonly nodeGroup: ec2.ISecurityGroup;
}

/** How nodes of each build are launched. The image and the subnet come from whoever launches. */
export class NodeTemplates extends Construct {
  readonly templates: Readonly<Record<Build, LaunchTemplate>>;
  /** Unique id of the Linux nodes' role. */
  readonly nodeRole: string;

  constructor(scope: Construct, id: string, props: NodeTemplatesProps) {
    super(scope, id);
    const role = this.linuxRole(props);
    const iamInstanceProfile = { arn: this.linuxProfile(role, props).attrArn };
    this.nodeRole = idOf(role);
    const userData = this.whereToReport(props);
    this.templates = {
      linux: this.template('Linux', props.file.instanceTypes.linux, props, { iamInstanceProfile, userData }),
      unikernel: this.template('Unikernel', props.file.instanceTypes.unikernel, props),
    };
  }

  /** What the Linux image's supervisor needs to leave evidence and to publish its counts, as JSON. The node adds its instance id to the prefix. */
  private whereToReport({ file, evidenceBucket }: NodeTemplatesProps): string {
    const tandem = {
      service: file.name,
      region: Aws.REGION,
      bucket: evidenceBucket,
      reportPrefix: `nodes/${this.nodeRole}:`,
      ...(file.nodeMetrics && { nodeMetrics: { ...file.nodeMetrics, port: file.port } }),
    };
    return Fn.base64(Stack.of(this).toJsonString({ tandem }));
  }

  private template(
    id: string,
    instanceType: string,
    { file, controlPlane, nodeGroup }: NodeTemplatesProps,
    ofLinux: { readonly iamInstanceProfile?: { readonly arn: string }; readonly userData?: string } = {},
  ): LaunchTemplate {
    const template = new ec2.CfnLaunchTemplate(this, id, {
      launchTemplateData: {
        instanceType,
        securityGroupIds: [nodeGroup.securityGroupId],
        metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
        // A node that powers itself off keeps its disk and console until they are read.
        instanceInitiatedShutdownBehavior: 'stop',
        // The first merges with the AMI's mapping of the same device; encryption may be added at launch, never taken off (EC2).
        blockDeviceMappings: [
          { deviceName: ROOT_DEVICE, ebs: VOLUME },
          ...(file.dataVolumeGiB === undefined
            ? []
            : [{ deviceName: DATA_DEVICE, ebs: { ...VOLUME, volumeSize: file.dataVolumeGiB } }]),
        ],
        ...ofLinux,
      },
      tagSpecifications: [
        {
          resourceType: 'launch-template',
          tags: [{ key: 'tandem:stack', value: controlPlane }, { key: 'tandem:service', value: file.name }, ...localHints(file)],
        },
      ],
    });
    return { id: template.ref, version: template.attrLatestVersionNumber };
  }

  /** Unikernels get none. A Linux node may leave evidence under its own name, and read nothing. */
  private linuxRole({ file, controlPlane, evidenceArn }: NodeTemplatesProps): iam.Role {
    const role = new iam.Role(this, 'LinuxRole', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      path: nodeRolePath(controlPlane),
      description: `Linux nodes of a Tandem service, made by ${Aws.STACK_NAME}`,
    });
    // AWS: for an instance's role, aws:userid is <role id>:<instance id> (IAM, "policy variables").
    const resources = [`${evidenceArn}/nodes/\${aws:userid}/*`];
    const because = 'Below its own name a node may leave whatever it finds.';
    allow(role, { actions: ['s3:PutObject'], resources, because });
    if (file.nodeMetrics) mayPublish(role, file.nodeMetrics.namespace);
    return role;
  }

  private linuxProfile(role: iam.Role, { controlPlane }: NodeTemplatesProps): iam.CfnInstanceProfile {
    return new iam.CfnInstanceProfile(this, 'LinuxProfile', { roles: [role.roleName], path: nodeRolePath(controlPlane) });
  }
}

/** Its own counts, where the service file says that nodes publish them. */
function mayPublish(role: iam.Role, namespace: string): void {
  const conditions = { StringEquals: { 'cloudwatch:namespace': namespace } };
  const because = 'PutMetricData has no resource-level rights; the condition limits it to the namespace of the service file.';
  allow(role, { actions: ['cloudwatch:PutMetricData'], resources: ['*'], conditions, because });
}

/** Tags of the template itself, and of nothing it launches: the local runtime reads them, and nobody else does. */
const localHints = ({ local }: ServiceFile) =>
  Object.entries(local).map(([name, value]) => ({ key: `local:${name}`, value: String(value) }));

function idOf(role: iam.Role): string {
  const { defaultChild } = role.node;
  if (!(defaultChild instanceof iam.CfnRole)) throw new TypeError('a role is a CfnRole');
  return defaultChild.attrRoleId;
}

/** The bake registers every AMI with this root device. */
const ROOT_DEVICE = '/dev/xvda';
/** Of the names that EC2 has for volumes besides the root (/dev/sd[f-p]); a guest finds it by not being the root's. */
const DATA_DEVICE = '/dev/sdf';

/** One that no snapshot and no AMI stands for would stay after its instance (EC2's default). */
const VOLUME = { encrypted: true, volumeType: 'gp3', deleteOnTermination: true };
