import { takeProperties, TemplateError } from '../../../kernel/properties.ts';
import type { DeclaredResource, Physical } from '../../../kernel/service.ts';
import { loopback } from '../../../kernel/world.ts';
import type { LoadBalancer } from '../core/model.ts';
import { readAttributes } from './attributes.ts';
import type { ResourceContext } from './context.ts';
import { arnId, arnOf, generatedName } from './context.ts';

const KNOWN = ['Name', 'Type', 'Scheme', 'Subnets', 'SecurityGroups', 'LoadBalancerAttributes', 'Tags'] as const;
const IGNORED = { IpAddressType: 'the load balancer has a loopback address, which is IPv4' };

const ATTRIBUTES = {
  'access_logs.s3.enabled': 'any',
  'access_logs.s3.bucket': 'any',
  'access_logs.s3.prefix': 'any',
  'idle_timeout.timeout_seconds': 'any',
  'routing.http.drop_invalid_header_fields.enabled': 'any',
  // Zones are names only on one machine, and nothing is deleted while it runs.
  'load_balancing.cross_zone.enabled': 'any',
  'deletion_protection.enabled': 'any',
  'routing.http2.enabled': 'any',
} as const;

/** One address each, in the order of declaration. */
const FIRST_ADDRESS = 1;
const LAST_ADDRESS = 254;

export function declareLoadBalancer({ world, state }: ResourceContext, resource: DeclaredResource): Physical {
  const properties = takeProperties(resource, KNOWN, IGNORED);
  const kind = properties.text('Type') ?? 'application';
  if (kind !== 'application' && kind !== 'network') {
    throw new TemplateError(`${resource.path}: load balancers of type ${kind} are not known locally; use application or network`);
  }
  const attributes = readAttributes(resource, properties, 'LoadBalancerAttributes', ATTRIBUTES);
  const name = properties.text('Name') ?? generatedName(resource);
  const fullName = `${kind === 'application' ? 'app' : 'net'}/${name}/${arnId(resource)}`;
  const balancer: LoadBalancer = {
    arn: arnOf(world, `loadbalancer/${fullName}`),
    fullName,
    name,
    kind,
    scheme: properties.text('Scheme') === 'internal' ? 'internal' : 'internet-facing',
    address: nextAddress(loopback(world.account).balancers, state.loadBalancers.size),
    createdAt: world.time.now(),
    subnets: properties.texts('Subnets'),
    securityGroups: properties.texts('SecurityGroups'),
    ...readAccessLog(resource, attributes),
    idleTimeoutSeconds: Number(attributes['idle_timeout.timeout_seconds'] ?? 60),
    dropsInvalidHeaders: attributes['routing.http.drop_invalid_header_fields.enabled'] === 'true',
    tags: properties.tags('Tags'),
  };
  state.loadBalancers.set(balancer.arn, balancer);
  return { ref: balancer.arn, attributes: attributesOf(balancer) };
}

function attributesOf(balancer: LoadBalancer): Physical['attributes'] {
  return {
    LoadBalancerArn: balancer.arn,
    LoadBalancerFullName: balancer.fullName,
    LoadBalancerName: balancer.name,
    DNSName: balancer.address,
    CanonicalHostedZoneID: 'Z00000000000000000000',
    SecurityGroups: balancer.securityGroups,
  };
}

function readAccessLog(
  resource: DeclaredResource,
  attributes: Readonly<Record<string, string>>,
): Pick<LoadBalancer, 'accessLog'> {
  if (attributes['access_logs.s3.enabled'] !== 'true') return {};
  const bucket = attributes['access_logs.s3.bucket'];
  if (!bucket) throw new TemplateError(`${resource.path}: access_logs.s3.enabled needs access_logs.s3.bucket`);
  return { accessLog: { bucket, prefix: attributes['access_logs.s3.prefix'] ?? '' } };
}

function nextAddress(network: string, taken: number): string {
  const last = FIRST_ADDRESS + taken;
  if (last <= LAST_ADDRESS) return `${network}.${last}`;
  throw new TemplateError(`More than ${LAST_ADDRESS} load balancers are declared; the local runtime has no address left`);
}
