import type { Properties } from '../../../kernel/properties.ts';
import { takeProperties, TemplateError } from '../../../kernel/properties.ts';
import type { DeclaredResource, Physical } from '../../../kernel/service.ts';
import type { HealthCheck, Protocol, TargetGroup } from '../core/model.ts';
import { readAttributes } from './attributes.ts';
import type { ResourceContext } from './context.ts';
import { arnId, arnOf, generatedName } from './context.ts';

const KNOWN = [
  'Name',
  'Protocol',
  'Port',
  'VpcId',
  'TargetType',
  'TargetGroupAttributes',
  'HealthCheckEnabled',
  'HealthCheckProtocol',
  'HealthCheckPort',
  'HealthCheckPath',
  'HealthCheckIntervalSeconds',
  'HealthCheckTimeoutSeconds',
  'HealthyThresholdCount',
  'UnhealthyThresholdCount',
  'Matcher',
  'Tags',
] as const;
type Known = (typeof KNOWN)[number];

const IGNORED = {
  IpAddressType: 'targets have loopback addresses, which are IPv4',
  ProtocolVersion: 'targets are spoken to in HTTP/1.1',
};

const ATTRIBUTES = {
  'deregistration_delay.timeout_seconds': 'any',
  'slow_start.duration_seconds': 'any',
  'deregistration_delay.connection_termination.enabled': 'any',
  'target_health_state.unhealthy.connection_termination.enabled': 'any',
  'stickiness.enabled': ['false'],
  'stickiness.type': 'any',
  'load_balancing.algorithm.type': ['round_robin'],
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': ['1'],
  // On one machine the source of a connection is loopback in either case.
  'preserve_client_ip.enabled': 'any',
  'proxy_protocol_v2.enabled': ['false'],
} as const;

const DEFAULTS: Readonly<Record<string, string>> = {
  'deregistration_delay.timeout_seconds': '300',
  'slow_start.duration_seconds': '0',
  'stickiness.enabled': 'false',
  'deregistration_delay.connection_termination.enabled': 'false',
  'target_health_state.unhealthy.connection_termination.enabled': 'true',
};

export function declareTargetGroup({ world, state }: ResourceContext, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, KNOWN, IGNORED);
  const targetType = properties.text('TargetType') ?? 'instance';
  if (targetType !== 'instance')
    throw new TemplateError(`${resource.path}: targets of type ${targetType} are not known locally; use instance`);
  const protocol = readProtocol(resource, properties.getText('Protocol'));
  const name = properties.text('Name') ?? generatedName(resource);
  const fullName = `targetgroup/${name}/${arnId(resource)}`;
  const group: TargetGroup = {
    arn: arnOf(world, fullName),
    fullName,
    name,
    protocol,
    port: properties.getNumber('Port'),
    vpcId: properties.text('VpcId') ?? '',
    check: readCheck(resource, properties, protocol),
    attributes: { ...DEFAULTS, ...readAttributes(resource, properties, 'TargetGroupAttributes', ATTRIBUTES) },
    tags: properties.tags('Tags'),
    targets: new Map(),
  };
  state.groups.set(group.arn, group);
  return {
    ref: group.arn,
    attributes: { TargetGroupArn: group.arn, TargetGroupFullName: fullName, TargetGroupName: name, LoadBalancerArns: [] },
  };
}

/** Defaults are those of the API: an HTTP group is checked on `/` for 200, every 30 seconds. */
function readCheck(resource: DeclaredResource, properties: Properties<Known>, protocol: Protocol): HealthCheck {
  const isHttpGroup = protocol === 'HTTP';
  const checkProtocol = properties.text('HealthCheckProtocol') ?? (isHttpGroup ? 'HTTP' : 'TCP');
  if (checkProtocol !== 'HTTP' && checkProtocol !== 'TCP') {
    throw new TemplateError(`${resource.path}: health checks by ${checkProtocol} are not known locally; use HTTP or TCP`);
  }
  if (isHttpGroup && checkProtocol === 'TCP')
    throw new TemplateError(`${resource.path}: a target group of HTTP cannot be checked by TCP`);
  const port = properties.text('HealthCheckPort') ?? 'traffic-port';
  const check: HealthCheck = {
    enabled: properties.flag('HealthCheckEnabled') ?? true,
    protocol: checkProtocol,
    port: port === 'traffic-port' ? port : Number(port),
    path: properties.text('HealthCheckPath') ?? '/',
    matcher: properties.item('Matcher', ['HttpCode'])?.getText('HttpCode') ?? (isHttpGroup ? '200' : '200-399'),
    intervalSeconds: properties.number('HealthCheckIntervalSeconds') ?? 30,
    timeoutSeconds: properties.number('HealthCheckTimeoutSeconds') ?? (isHttpGroup ? 5 : 10),
    healthyThreshold: properties.number('HealthyThresholdCount') ?? 5,
    unhealthyThreshold: properties.number('UnhealthyThresholdCount') ?? 2,
  };
  requireRange(resource, 'HealthCheckIntervalSeconds', check.intervalSeconds, [5, 300]);
  requireRange(resource, 'HealthCheckTimeoutSeconds', check.timeoutSeconds, [2, 120]);
  requireRange(resource, 'HealthyThresholdCount', check.healthyThreshold, [2, 10]);
  requireRange(resource, 'UnhealthyThresholdCount', check.unhealthyThreshold, [2, 10]);
  if (check.timeoutSeconds >= check.intervalSeconds) {
    throw new TemplateError(
      `${resource.path}: the health check timeout of ${check.timeoutSeconds} s must be less than its interval of ${check.intervalSeconds} s`,
    );
  }
  return check;
}

function requireRange(resource: DeclaredResource, name: string, value: number, [least, most]: readonly [number, number]): void {
  if (value >= least && value <= most) return;
  throw new TemplateError(`${resource.path}: ${name} must be between ${least} and ${most}, is ${value}`);
}

function readProtocol(resource: DeclaredResource, protocol: string): Protocol {
  if (protocol === 'HTTP' || protocol === 'TCP' || protocol === 'UDP') return protocol;
  throw new TemplateError(`${resource.path}: the protocol ${protocol} is not known locally; use HTTP, TCP or UDP`);
}
