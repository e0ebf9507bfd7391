/**
 * Two Linux nodes of a canary, real machines behind the local load balancer, one of them bad: what they publish to the local
 * CloudWatch is what the load balancer has counted, and from it the judge names the bad one.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchClient,
  paginateGetMetricData,
  paginateListMetrics,
  type PutMetricDataInput,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { CloudwatchMetrics } from '../../../adapters/cloudwatch-metrics.ts';
import { judgeRelease } from '../../../core/judgement/judge-release.ts';
import type { Metrics } from '../../../core/judgement/ports.ts';
import type { Service } from '../../../core/service/service.ts';
import { Traffic } from '../../../demo/traffic.ts';
import { writeTwin } from '../../../examples/hello/twin.ts';
import { Gateway } from '../../../local/gateway/gateway.ts';
import { createGatewayServer } from '../../../local/gateway/server.ts';
import { LiveClock } from '../../../local/kernel/clock-live.ts';
import type { MetricSink } from '../../../local/kernel/ports.ts';
import { createRandom } from '../../../local/kernel/random.ts';
import type { Operation } from '../../../local/kernel/service.ts';
import { createCloudWatch } from '../../../local/services/cloudwatch/cloudwatch.ts';
import { buildTwin } from '../../../twin/build-twin.ts';
import { MINUTE } from '../../fakes/fixtures.ts';
import { openStable, run } from '../../fakes/hello.ts';
import { runRelease, type Driver } from '../../fakes/memory-world.ts';
import { boot, type TestMachine } from '../../guest/machine.ts';
import { freePort, serve } from '../../local/elbv2/sockets.ts';
import { setStage, type Stage } from '../../local/elbv2/stage.ts';
import { openCloud, type Cloud } from '../cloud.ts';

const REGION = 'eu-west-1';
const NODE_METRICS = {
  namespace: 'Web/Nodes',
  requests: 'Requests',
  errors: 'Errors',
  memory: 'MemoryBytes',
  dimension: 'InstanceId',
};
const FILE = { linuxNodes: 2, canary: { nodes: 2, minutes: 8 }, nodeMetrics: { namespace: 'Web/Nodes' } };
const second = run('2.0.0', 2);
/** Later than CloudWatch is late. */
const LATER = 3 * MINUTE;

let home: string;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'bad-node-'));
  for (const [name, failEvery] of [
    ['good', 0],
    ['bad', 2],
  ] as const) {
    await writeTwin({ version: '2.0.0', failEvery }, join(home, name));
    const build = { folder: join(home, name), version: '2.0.0', out: join(home, `${name}-out`), environment: process.env };
    await buildTwin({ ...build, form: 'single-process' }, () => undefined);
  }
}, 300_000);
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
  await rm(home, { recursive: true, force: true });
});

/** A CloudWatch on a socket, in whose account the clock can be put forward; and who has published which minute. */
async function openAccount(time: LiveClock) {
  let ahead = 0;
  const told = new Map<string, number>();
  const account = { id: '111122223333', region: REGION, partition: 'aws', zones: [], endpoint: '' };
  const now = () => time.now() + ahead;
  const timetable = { now, at: time.at.bind(time), after: time.after.bind(time) };
  const world = { time: timetable, random: createRandom(1), trace: { add: () => undefined }, account };
  const cloudwatch = createCloudWatch({ world, events: { put: () => undefined } });
  const put = cloudwatch.operations['PutMetricData']!;
  const watched: Operation = {
    ...put,
    run: (input: PutMetricDataInput, call) => {
      for (const { Timestamp, Dimensions } of input.MetricData ?? [])
        told.set(Dimensions?.[0]?.Value ?? '', Math.max(told.get(Dimensions?.[0]?.Value ?? '') ?? 0, Timestamp?.getTime() ?? 0));
      return put.run(input as never, call);
    },
  };
  const services = [{ ...cloudwatch, operations: { ...cloudwatch.operations, PutMetricData: watched } }];
  const server = createGatewayServer(new Gateway(world, services), now).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new CloudWatchClient({ endpoint, region: REGION, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  closers.push(
    () => server.close().closeAllConnections(),
    () => client.destroy(),
  );
  return { cloudwatch, client, port, told, now, later: () => (ahead += LATER) };
}

async function openBalancer(time: LiveClock, metrics: MetricSink) {
  const [port, basePort] = [await freePort('127.0.1.1'), await freePort()];
  const stage = await setStage({
    time,
    network: false,
    metrics,
    listener: { Port: port },
    group: { HealthCheckPath: '/healthz' },
  });
  await stage.elb.start!();
  const baseline = await serve('127.0.0.1', basePort, (_, response) => response.end('{"version":"1.0.0","build":"linux"}'));
  closers.push(
    () => stage.elb.stop!(),
    () => baseline.close().closeAllConnections(),
  );
  stage.weigh(1, 1);
  const register = (group: string, Id: string, Port: number) => {
    stage.launch(Id, '127.0.0.1');
    stage.run('RegisterTargets', { TargetGroupArn: group, Targets: [{ Id, Port }] });
  };
  register(stage.green, 'i-0000000000000009', basePort);
  return { stage, url: `http://127.0.1.1:${port}`, register };
}

async function bootNode(image: string, instance: string, { time, accountPort }: { time: LiveClock; accountPort: number }) {
  const nodeMetrics = { ...NODE_METRICS, port: 8080 };
  const cloud: Cloud = await openCloud({ bucket: 'evidence', reportPrefix: 'nodes/A:', instance, nodeMetrics, accountPort });
  const clock = new Date(time.now()).toISOString().slice(0, 19);
  const disks = [join(home, `${image}-out`, 'linux.raw')];
  const machine = await boot({ disks, ports: [8080], metadataPort: cloud.metadataPort, clock });
  closers.push(
    () => cloud.close(),
    () => machine.kill(),
  );
  await machine.says('counts of every minute go to CloudWatch');
  return machine;
}

async function beginCanary(driver: Driver): Promise<readonly string[]> {
  await driver.uploadBoth('2.0.0');
  await runRelease(driver, second, 'baking');
  await driver.record(second, 'canary');
  await driver.launch(second, 'canary');
  await driver.health(second, 'canary');
  await driver.shift(second, 'canary');
  const slots = await driver.world.slots.list('web');
  return slots.flatMap(({ group, version, instanceId }) =>
    group === 'canary' && version === '2.0.0' && instanceId !== undefined ? [instanceId] : [],
  );
}

/** The adapter of the control plane, with the load balancer's and the groups' names as they are here. */
function metricsOf(client: CloudWatchClient, stage: Stage): Metrics {
  const adapter = new CloudwatchMetrics(client);
  const group = (arn: string) => arn.split(':').at(-1) ?? '';
  const here = (service: Service): Service => {
    const targetGroups = { ...service.resources.metrics.targetGroups, canary: group(stage.blue), baseline: group(stage.green) };
    const loadBalancer = stage.balancer.split(':loadbalancer/')[1] ?? '';
    return { ...service, resources: { ...service.resources, metrics: { loadBalancer, targetGroups } } };
  };
  return {
    read: (service, groups, span) => adapter.read(here(service), groups, span),
    quantiles: (service, of, span) => adapter.quantiles(here(service), of, span),
  };
}

/** What all minutes of a node's metric sum up to. */
async function sumOf(client: CloudWatchClient, name: string, ids: readonly string[], { from, to }: { from: number; to: number }) {
  const queries = ids.map((id, n) => ({
    Id: `n${n}`,
    MetricStat: {
      Metric: { Namespace: 'Web/Nodes', MetricName: name, Dimensions: [{ Name: 'InstanceId', Value: id }] },
      ...{ Period: 60, Stat: 'Sum' },
    },
  }));
  const input = { MetricDataQueries: queries, StartTime: new Date(from), EndTime: new Date(to) };
  const sums = new Map(ids.map((id) => [id, 0]));
  for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, input))
    for (const { Id, Values = [] } of MetricDataResults) {
      const id = ids[Number(Id?.slice(1))] ?? '';
      sums.set(id, (sums.get(id) ?? 0) + Values.reduce((sum, value) => sum + value, 0));
    }
  return ids.map((id) => sums.get(id) ?? 0);
}

async function listed(client: CloudWatchClient): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { Metrics: page = [] } of paginateListMetrics({ client }, { Namespace: 'Web/Nodes' }))
    names.push(...page.map(({ MetricName, Dimensions }) => `${MetricName} ${Dimensions?.[0]?.Value}`));
  return names.toSorted();
}

it.concurrent(
  'one bad node of two is named by the judge, from counts that are the load balancer’s',
  { timeout: 500_000 },
  async () => {
    const driver = await openStable(FILE);
    const ids = await beginCanary(driver);
    const [good = '', bad = ''] = ids;
    const start = Math.ceil(driver.world.time.now / MINUTE) * MINUTE + 20_000;
    const time = new LiveClock({ start, onError: (label, error) => expect.fail(`${label}: ${String(error)}`) });
    closers.push(() => time.stop());
    const { cloudwatch, client, port, told, now, later } = await openAccount(time);
    const { stage, url, register } = await openBalancer(time, cloudwatch);
    const machines: TestMachine[] = await Promise.all([
      bootNode('good', good, { time, accountPort: port }),
      bootNode('bad', bad, { time, accountPort: port }),
    ]);
    // The load balancer takes ids as EC2 makes them.
    machines.forEach((machine, n) => register(stage.blue, `i-000000000000000${n}`, machine.port(8080)));
    await vi.waitFor(
      () => expect([...stage.health(stage.blue), ...stage.health(stage.green)]).toEqual(Array(3).fill('healthy')),
      60_000,
    );

    const since = time.now();
    const traffic = new Traffic(url, 40);
    traffic.start();
    const whole = Math.ceil(since / MINUTE) * MINUTE;
    await vi.waitFor(() => expect(Math.min(...ids.map((id) => told.get(id) ?? 0))).toBe(whole + MINUTE), 240_000);
    later();
    const verdict = await judgeRelease(
      { ...driver.world, metrics: metricsOf(client, stage) },
      { ...second, at: now(), watch: 'canary', since },
    );
    expect(verdict.why).toContain(`${bad} alone is bad`);
    expect(verdict).toMatchObject({ kind: 'replace', instanceId: bad });

    await traffic.stop();
    for (const machine of machines) machine.pressPowerButton();
    await Promise.all(machines.map(({ ended }) => ended));
    later();
    const span = { from: start, to: Math.ceil(now() / MINUTE) * MINUTE };
    const [requests, errors] = [await sumOf(client, 'Requests', ids, span), await sumOf(client, 'Errors', ids, span)];
    const counted = (metric: string) => stage.sum(metric, stage.blue);
    expect(requests[0]! + requests[1]!).toBe(counted('RequestCount'));
    expect([errors[0], errors[0]! + errors[1]!]).toEqual([0, counted('HTTPCode_Target_5XX_Count')]);
    expect(counted('RequestCount')).toBeGreaterThan(1000);
    expect(await listed(client)).toEqual(
      ids.flatMap((id) => ['Errors', 'MemoryBytes', 'Requests'].map((name) => `${name} ${id}`)).toSorted(),
    );
  },
);
