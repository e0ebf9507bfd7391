import type { CfnResource } from 'aws-cdk-lib';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { Group, ServiceResources } from '../../core/service/service.ts';
import type { ServiceFile } from '../../core/service/service-file.ts';
import { acknowledge } from './acknowledge.ts';
import type { LogsBucket } from './private-bucket.ts';
import { listenerPortOf, type ServiceNetwork } from './service-network.ts';

export interface ServiceBalancerProps {
  readonly file: ServiceFile;
  readonly network: ServiceNetwork;
  readonly logs: LogsBucket;
}

const GROUPS: readonly Group[] = ['blue', 'green', 'canary', 'baseline', 'control'];
/** Nobody asks for this: it only keeps all five groups "in use", because unused groups are not health-checked. */
const ANCHOR_HOST = 'anchor.tandem.internal';
const ANCHOR_PATH = '/.tandem/anchor';
const ANCHOR_PRIORITY = 50_000;

/**
 * Load balancer, listener and five target groups. An ALB's listener answers 503 by itself; the rules that send users
 * anywhere are the control plane's, so that no update of this stack can. An NLB has only its default action.
 */
export class ServiceBalancer extends Construct {
  readonly resources: Pick<ServiceResources, 'targetGroups' | 'listener' | 'metrics' | 'accessLog'>;
  readonly balancer: elb.CfnLoadBalancer;
  readonly groups: Readonly<Record<Group, elb.CfnTargetGroup>>;

  constructor(scope: Construct, id: string, props: ServiceBalancerProps) {
    super(scope, id);
    const vpcId = props.network.vpc.vpcId;
    this.groups = byGroup((group) => new elb.CfnTargetGroup(this, title(group), targetGroup(props.file, vpcId, group)));
    this.balancer = this.makeBalancer(props);
    const listener = this.makeListener(props.file);
    if (props.file.protocol === 'http') this.anchor(listener);
    this.resources = {
      listener: listener.ref,
      targetGroups: byGroup((group) => this.groups[group].ref),
      metrics: {
        loadBalancer: this.balancer.attrLoadBalancerFullName,
        targetGroups: byGroup((group) => this.groups[group].attrTargetGroupFullName),
      },
      ...(props.file.protocol === 'http' && {
        accessLog: { bucket: props.logs.bucket.bucketName, prefix: logPrefix(props.file) },
      }),
    };
  }

  private makeBalancer({ file, network, logs }: ServiceBalancerProps): elb.CfnLoadBalancer {
    const subnets = network.vpc.selectSubnets(network.balancerSubnets).subnetIds;
    const attributes: Readonly<Record<string, string>> =
      file.protocol === 'http'
        ? {
            'routing.http.drop_invalid_header_fields.enabled': 'true',
            'access_logs.s3.enabled': 'true',
            'access_logs.s3.bucket': logs.bucket.bucketName,
            'access_logs.s3.prefix': logPrefix(file),
          }
        : { 'load_balancing.cross_zone.enabled': 'true' };
    const balancer = new elb.CfnLoadBalancer(this, 'Balancer', {
      type: file.protocol === 'http' ? 'application' : 'network',
      scheme: file.internetFacing ? 'internet-facing' : 'internal',
      subnets,
      securityGroups: [network.balancerGroup.securityGroupId],
      loadBalancerAttributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
    });
    if (file.protocol !== 'http')
      acknowledge(balancer, 'ELB2', 'An NLB writes access logs for TLS listeners only, and has none here.');
    return balancer;
  }

  private makeListener(file: ServiceFile): elb.CfnListener {
    const certificate = file.certificateArn
      ? { certificates: [{ certificateArn: file.certificateArn }], sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' }
      : {};
    const http = {
      protocol: file.certificateArn ? 'HTTPS' : 'HTTP',
      defaultActions: [
        {
          type: 'fixed-response',
          fixedResponseConfig: { statusCode: '503', contentType: 'text/plain', messageBody: `${file.name} has no release yet` },
        },
      ],
      ...certificate,
    };
    const flow = {
      protocol: file.protocol.toUpperCase(),
      defaultActions: [this.forward((group) => (group === 'blue' ? 1 : 0))],
    };
    const listener = new elb.CfnListener(this, 'Listener', {
      loadBalancerArn: this.balancer.ref,
      port: listenerPortOf(file),
      ...(file.protocol === 'http' ? http : flow),
    });
    allowTags(listener);
    return listener;
  }

  private anchor(listener: elb.CfnListener): void {
    const rule = new elb.CfnListenerRule(this, 'Anchor', {
      listenerArn: listener.ref,
      priority: ANCHOR_PRIORITY,
      conditions: [
        { field: 'host-header', hostHeaderConfig: { values: [ANCHOR_HOST] } },
        { field: 'path-pattern', pathPatternConfig: { values: [ANCHOR_PATH] } },
      ],
      actions: [this.forward(() => 1)],
    });
    allowTags(rule);
  }

  private forward(weight: (group: Group) => number) {
    const targetGroups = GROUPS.map((group) => ({ targetGroupArn: this.groups[group].ref, weight: weight(group) }));
    return { type: 'forward', forwardConfig: { targetGroups } };
  }
}

/** CloudFormation takes tags on listeners and rules since July 2026; cfn-lint up to 1.51 does not know it yet. */
function allowTags(resource: CfnResource): void {
  resource.addMetadata('cfn-lint', { config: { ignore_checks: ['E3002'] } });
}

function targetGroup(file: ServiceFile, vpcId: string, group: Group): elb.CfnTargetGroupProps {
  const { health } = file;
  const http = file.protocol === 'http';
  const checks = http
    ? { healthCheckProtocol: 'HTTP', healthCheckPath: health.path, matcher: { httpCode: health.codes } }
    : { healthCheckProtocol: 'TCP' };
  const attributes = {
    'deregistration_delay.timeout_seconds': String(file.drainSeconds),
    'stickiness.enabled': 'false',
  };
  return {
    vpcId,
    targetType: 'instance',
    protocol: file.protocol.toUpperCase(),
    port: file.port,
    healthCheckEnabled: true,
    ...checks,
    healthCheckIntervalSeconds: health.intervalSeconds,
    healthCheckTimeoutSeconds: health.timeoutSeconds,
    healthyThresholdCount: health.healthyThreshold,
    unhealthyThresholdCount: health.unhealthyThreshold,
    targetGroupAttributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
    tags: [{ key: 'tandem:group', value: group }],
  };
}

export function byGroup<Item>(make: (group: Group) => Item): Record<Group, Item> {
  return {
    blue: make('blue'),
    green: make('green'),
    canary: make('canary'),
    baseline: make('baseline'),
    control: make('control'),
  };
}

export const title = (group: Group) => `${group.charAt(0).toUpperCase()}${group.slice(1)}`;

const logPrefix = ({ name }: ServiceFile) => `elb/${name}`;
