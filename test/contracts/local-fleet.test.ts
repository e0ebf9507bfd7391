import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { afterEach, describe, expect, it } from 'vitest';
import { CloudwatchMetrics } from '../../adapters/cloudwatch-metrics.ts';
import { EbsSnapshots } from '../../adapters/ebs-snapshots.ts';
import { Ec2Images } from '../../adapters/ec2-images.ts';
import { Ec2Nodes } from '../../adapters/ec2-nodes.ts';
import { Ec2Quotas } from '../../adapters/ec2-quotas.ts';
import { ElbGroups } from '../../adapters/elb-groups.ts';
import { ElbTraffic } from '../../adapters/elb-traffic.ts';
import { NodeHashing } from '../../adapters/node-hashing.ts';
import { BLOCK_BYTES } from '../../core/image/ports.ts';
import type { Group } from '../../core/service/service.ts';
import { aService } from '../adapters/a-service.ts';
import { MemoryGroups } from '../fakes/memory-groups.ts';
import { MemoryNodes } from '../fakes/memory-nodes.ts';
import { MemoryTraffic } from '../fakes/memory-traffic.ts';
import { type Fleet, groupsContract, nodesContract, trafficContract } from './fleet.contract.ts';
import { aBundle, type LocalAccount, openLocalAccount, PORT, STACK } from './local-account.ts';
import { aSlot } from './slots.contract.ts';

let opened: LocalAccount[] = [];
afterEach(async () => {
  const bugs = opened.flatMap((account) => account.bugs);
  for (const account of opened) await account.close();
  opened = [];
  expect(bugs).toEqual([]);
});
async function openAccount(): Promise<LocalAccount> {
  const account = await openLocalAccount();
  opened.push(account);
  return account;
}

/** Bakes an image by hand: one block. */
async function bake({ config, service, pass }: LocalAccount, bytes: Uint8Array): Promise<string> {
  const [ec2, hashing] = [new EC2Client(config), new NodeHashing()];
  const snapshots = new EbsSnapshots(new EBSClient(config), ec2, { stack: STACK, pause: () => Promise.resolve() });
  const content = new Uint8Array(BLOCK_BYTES);
  content.set(bytes);
  const digest = hashing.sha256(content);
  const tags = { 'tandem:service': 'hello', 'tandem:release': '1.1.0', 'tandem:build': 'linux' };
  const snapshotId = await snapshots.start({ token: 'bundle', gib: 1, tags });
  await snapshots.putBlock(snapshotId, 0, content, digest);
  await snapshots.complete(snapshotId, 1, hashing.sha256(digest));
  await pass(30_000);
  const wanted = { service, version: '1.1.0', build: 'linux', snapshotId, blocks: 'a'.repeat(64) } as const;
  const imageId = await new Ec2Images(ec2, STACK).register(wanted);
  await pass(30_000);
  return imageId;
}

async function openFleet(account: LocalAccount, behaviour: object = {}): Promise<Fleet> {
  const { config, service, pass } = account;
  const imageId = await bake(account, await aBundle(behaviour));
  const groups = new ElbGroups(new ElasticLoadBalancingV2Client(config));
  return { nodes: new Ec2Nodes(new EC2Client(config), STACK), groups, service, imageId, pass };
}

function openMemory(): Fleet {
  const nodes = new MemoryNodes(() => 0);
  return { nodes, groups: new MemoryGroups(nodes), service: aService(), imageId: 'ami-1', pass: () => Promise.resolve() };
}

const openLocal = async () => openFleet(await openAccount());

nodesContract('MemoryNodes', async () => openMemory());
nodesContract('Ec2Nodes', openLocal);
groupsContract('MemoryGroups', async () => openMemory());
groupsContract('ElbGroups', openLocal);
trafficContract('MemoryTraffic', async () => ({ traffic: new MemoryTraffic(), service: aService() }));
trafficContract('ElbTraffic', async () => {
  const { config, service } = await openAccount();
  return { traffic: new ElbTraffic(new ElasticLoadBalancingV2Client(config), STACK), service };
});

describe('Ec2Nodes on an account', () => {
  it('tells what an instance ended of that ended by itself', async () => {
    const account = await openAccount();
    const imageId = await bake(account, new Uint8Array([1, 2, 3]));
    const { config, service, pass } = account;
    const nodes = new Ec2Nodes(new EC2Client(config), STACK);
    const slot = aSlot({ imageId, subnet: service.resources.subnets[0]!.id });
    const outcome = await nodes.launch(service, slot);
    if (outcome.kind !== 'launched') throw new Error(outcome.why);
    await pass(60_000);
    expect(await nodes.list('hello')).toEqual([]);
    expect(await nodes.find('hello', [outcome.instanceId])).toMatchObject([
      { state: 'terminated', stateReason: 'Server.InternalError', slot: slot.id },
    ]);
  });
});

describe('Ec2Quotas on an account', () => {
  it('tells the limit that launches meet, and the vCPUs that are not of the service itself', async () => {
    const account = await openLocalAccount({ vcpus: 5 });
    opened.push(account);
    const { nodes, service, imageId, pass } = await openFleet(account);
    const [ec2, limits] = [new EC2Client(account.config), new ServiceQuotasClient(account.config)];
    const subnet = service.resources.subnets[0]!.id;
    await nodes.launch(service, aSlot({ id: 'canary-1-1', imageId, subnet }));
    await new Ec2Nodes(ec2, 'other').launch(service, aSlot({ id: 'canary-1-2', imageId, subnet }));
    await pass(10_000);

    const { vcpus } = await new Ec2Quotas(ec2, limits, STACK).room(service);
    expect(vcpus).toMatchObject({ kind: 'known', perNode: { linux: 2, unikernel: 2 }, quotas: [{ limit: 5, usedByOthers: 2 }] });
    const third = await nodes.launch(service, aSlot({ id: 'canary-1-3', imageId, subnet }));
    expect(third).toMatchObject({ kind: 'refused', why: expect.stringContaining('VcpuLimitExceeded') as string });
  });
});

describe('CloudwatchMetrics on a load balancer', () => {
  it('counts requests, errors and slow requests of each group, minute by minute', async () => {
    const account = await openAccount();
    const fleet = await openFleet(account, { errorRate: 1, latencyMs: 1500 });
    const { config, pass, now, elb } = account;
    const outcome = await fleet.nodes.launch(
      fleet.service,
      aSlot({ imageId: fleet.imageId, subnet: fleet.service.resources.subnets[0]!.id }),
    );
    if (outcome.kind !== 'launched') throw new Error(outcome.why);
    await pass(60_000);
    await fleet.groups.register(fleet.service, 'canary', [outcome.instanceId]);
    const traffic = new ElbTraffic(new ElasticLoadBalancingV2Client(config), STACK);
    await traffic.write(fleet.service, { main: { canary: 1000 }, beta: {} });
    await pass(60_000);

    const from = now();
    const ask = (times: number, path: string) => {
      for (let n = 0; n < times; n++) elb.traffic.request({ address: account.address, port: PORT, path });
    };
    ask(10, '/');
    await pass(60_000);
    ask(5, fleet.service.file.health.path);
    await pass(5 * 60_000);

    const metrics = new CloudwatchMetrics(new CloudWatchClient(config));
    const of = (group: Group) => ({ group, version: '1.0.0', build: 'linux', edgesMs: [1, 60_000] }) as const;
    const span = { from: from - 60_000, to: now() };
    const [canary, baseline] = await metrics.read(fleet.service, [of('canary'), of('baseline')], span);
    const counted = canary!.minutes.map(({ requests, errors, timed, slower }) => [requests, errors, timed, ...slower]);
    expect(counted).toEqual([
      [10, 10, 10, 10, 0],
      [5, 0, 5, 5, 0],
    ]);
    expect(canary!.unhealthyNodes).toBe(0);
    expect(baseline!.minutes).toEqual([]);
    const few = await metrics.quantiles(fleet.service, 'canary', { ...span, quantiles: [0.5] });
    expect(few).toEqual([undefined]);
    ask(30, '/');
    await pass(5 * 60_000);
    const [median] = await metrics.quantiles(fleet.service, 'canary', { from, to: now(), quantiles: [0.5] });
    expect(median).toBeGreaterThan(1);
  });
});
