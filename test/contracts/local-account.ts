/**
 * An account of the local runtime on virtual time, behind its real gateway: what the adapters' contracts run on. It
 * declares what the stacks declare for one service.
 */
import type { AddressInfo } from 'node:net';
import { pack } from 'tar-stream';
import { Gateway } from '../../local/gateway/gateway.ts';
import { createGatewayServer } from '../../local/gateway/server.ts';
import { VirtualClock } from '../../local/kernel/clock-virtual.ts';
import { createRandom } from '../../local/kernel/random.ts';
import type { LocalService } from '../../local/kernel/service.ts';
import { createCloudWatch } from '../../local/services/cloudwatch/cloudwatch.ts';
import { createEbs } from '../../local/services/ebs/api.ts';
import { MemoryBlocks } from '../../local/services/ebs/blocks.ts';
import { createEc2 } from '../../local/services/ec2/api.ts';
import { createVirtualDriver } from '../../local/services/ec2/drivers/virtual.ts';
import { createElbv2 } from '../../local/services/elbv2/elbv2.ts';
import { createS3 } from '../../local/services/s3/api.ts';
import { MemoryBlobs } from '../../local/services/s3/blobs.ts';
import { createServiceQuotas, type LimitOptions } from '../../local/services/servicequotas/servicequotas.ts';
import { serviceFileSchema } from '../../core/service/service-file.ts';
import { GROUPS, type Group, type Service } from '../../core/service/service.ts';

export const STACK = 'tandem';
export const IMAGES = 'images';
export const EVIDENCE = 'evidence';
export const PORT = 18_080;
const REGION = 'eu-central-1';

export type LocalAccount = Awaited<ReturnType<typeof openLocalAccount>>;

export async function openLocalAccount(given: LimitOptions = {}) {
  const time = new VirtualClock();
  const account = {
    id: '123456789012',
    region: REGION,
    partition: 'aws',
    zones: ['eu-central-1a'],
    endpoint: 'http://127.0.0.1',
  };
  const world = { time, random: createRandom(1), trace: { add: () => undefined }, account };
  const bus = { put: () => undefined };
  const s3 = createS3({ world, bus, blobs: new MemoryBlobs() });
  const ebs = createEbs({ world, bus, blocks: new MemoryBlocks() });
  const network = createVirtualDriver(world);
  const limits = createServiceQuotas(world, given);
  const ec2 = createEc2({ world, bus, snapshots: ebs.snapshots, drivers: [network], limits });
  const metrics = createCloudWatch({ world, events: bus });
  const elb = createElbv2({ world, instances: ec2, metrics, objects: s3, network });
  const services: LocalService[] = [s3, ebs, ec2, metrics, elb, limits];
  const bugs: unknown[] = [];
  const server = createGatewayServer(new Gateway(world, services, { onBug: (bug) => bugs.push(bug) }), () => time.now());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await declare(s3, 'AWS::S3::Bucket', IMAGES, { BucketName: IMAGES, VersioningConfiguration: { Status: 'Enabled' } });
  await declare(s3, 'AWS::S3::Bucket', EVIDENCE, { BucketName: EVIDENCE });
  const { service, address } = await declareService(ec2, elb);
  for (const one of services) await one.start?.();
  return {
    service,
    /** Where the load balancer listens. */
    address,
    elb,
    bugs,
    /** For any SDK client; S3's too, since paths name its buckets. */
    config: {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: REGION,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      forcePathStyle: true,
      maxAttempts: 1,
    },
    now: () => time.now(),
    pass: (ms: number) => time.advanceBy(ms),
    async close() {
      for (const one of services) await one.stop?.();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function declare(owner: LocalService, type: string, logicalId: string, properties: object) {
  const make = owner.resources[type];
  if (!make) throw new Error(`${owner.name} does not own ${type}`);
  const where = { stack: 'tandem-hello', logicalId, path: `tandem-hello/${logicalId}` };
  return make({ ...where, type, properties: { ...properties } });
}

async function declareService(ec2: LocalService, elb: LocalService): Promise<{ service: Service; address: string }> {
  const file = serviceFileSchema.parse({ name: 'hello', imageFormat: 'bundle', localOnly: true, drainSeconds: 10 });
  const vpc = await declare(ec2, 'AWS::EC2::VPC', 'Vpc', { CidrBlock: '10.0.0.0/16' });
  const zone = { VpcId: vpc.ref, CidrBlock: '10.0.0.0/24', AvailabilityZone: 'eu-central-1a' };
  const subnet = await declare(ec2, 'AWS::EC2::Subnet', 'Subnet', zone);
  const firewall = await declare(ec2, 'AWS::EC2::SecurityGroup', 'Nodes', { VpcId: vpc.ref, GroupDescription: 'nodes' });
  const template = async (build: 'linux' | 'unikernel') => {
    const data = { InstanceType: file.instanceTypes[build], SecurityGroupIds: [firewall.attributes['GroupId']] };
    const made = await declare(ec2, 'AWS::EC2::LaunchTemplate', `Template-${build}`, { LaunchTemplateData: data });
    return { id: made.ref, version: '1' };
  };
  const { address, ...balancing } = await declareBalancing(elb, file);
  const launchTemplates = { linux: await template('linux'), unikernel: await template('unikernel') };
  const subnets = [{ id: subnet.ref, zone: 'eu-central-1a' }];
  return { address, service: { file, resources: { launchTemplates, subnets, ...balancing } } };
}

const V2 = 'AWS::ElasticLoadBalancingV2';

async function declareBalancing(elb: LocalService, file: Service['file']) {
  const balancer = await declare(elb, `${V2}::LoadBalancer`, 'Balancer', { Type: 'application' });
  const groups = new Map<Group, { readonly ref: string; readonly name: string }>();
  for (const group of GROUPS) {
    const made = await declare(elb, `${V2}::TargetGroup`, group, {
      Protocol: 'HTTP',
      Port: file.port,
      HealthCheckPath: file.health.path,
      HealthCheckIntervalSeconds: file.health.intervalSeconds,
      HealthCheckTimeoutSeconds: file.health.timeoutSeconds,
      HealthyThresholdCount: file.health.healthyThreshold,
      UnhealthyThresholdCount: file.health.unhealthyThreshold,
      TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(file.drainSeconds) }],
    });
    groups.set(group, { ref: made.ref, name: String(made.attributes['TargetGroupFullName']) });
  }
  const nobody = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } };
  const opened = { LoadBalancerArn: balancer.ref, Port: PORT, Protocol: 'HTTP', DefaultActions: [nobody] };
  const listener = await declare(elb, `${V2}::Listener`, 'Listener', opened);
  const TargetGroups = [...groups.values()].map(({ ref }) => ({ TargetGroupArn: ref, Weight: 0 }));
  await declare(elb, `${V2}::ListenerRule`, 'Anchor', {
    ListenerArn: listener.ref,
    Priority: 1,
    Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: ['anchor.tandem.internal'] } }],
    Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
  });
  const perGroup = (value: (group: { ref: string; name: string }) => string) =>
    Object.fromEntries([...groups].map(([group, made]) => [group, value(made)])) as Record<Group, string>;
  const loadBalancer = String(balancer.attributes['LoadBalancerFullName']);
  return {
    targetGroups: perGroup(({ ref }) => ref),
    listener: listener.ref,
    metrics: { loadBalancer, targetGroups: perGroup(({ name }) => name) },
    address: String(balancer.attributes['DNSName']),
  };
}

/** A bundle the virtual driver runs, as the bytes that are uploaded. */
export async function aBundle(behaviour: object = {}): Promise<Uint8Array> {
  const tar = pack();
  tar.entry({ name: 'run', mode: 0o755 }, '#!/bin/sh\n');
  tar.entry({ name: 'virtual.json' }, JSON.stringify(behaviour));
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
