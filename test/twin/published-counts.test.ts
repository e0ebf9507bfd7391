/** What the Linux image's supervisor publishes of its service, from real machines: every answer, once, in its minute. */
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTwin } from '../../examples/hello/twin.ts';
import { buildTwin } from '../../twin/build-twin.ts';
import { boot, type MachineOptions, type TestMachine } from '../guest/machine.ts';
import { openCloud, type Cloud } from './cloud.ts';

const INSTANCE = 'i-0123456789abcdef0';
const NODE_METRICS = {
  ...{ namespace: 'Hello/Nodes', requests: 'Requests', errors: 'Failures', memory: 'MemoryBytes', dimension: 'InstanceId' },
  port: 8080,
};
const BOOT = { timeout: 500_000 };

let home: string;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'counts-'));
  await writeTwin({ version: '1.0.0', failEvery: 3 }, join(home, 'hello'));
  const build = { folder: join(home, 'hello'), version: '1.0.0', out: join(home, 'out'), environment: process.env };
  await buildTwin({ ...build, form: 'single-process' }, () => undefined);
}, 300_000);
afterAll(async () => {
  for (const close of closers) await close();
  await rm(home, { recursive: true, force: true });
});

async function start(options: Partial<MachineOptions>): Promise<{ readonly one: TestMachine; readonly cloud: Cloud }> {
  const place = { bucket: 'evidence', reportPrefix: 'nodes/AROAEXAMPLE:', instance: INSTANCE };
  const cloud = await openCloud({ ...place, nodeMetrics: NODE_METRICS });
  const disks = [join(home, 'out', 'linux.raw')];
  const one = await boot({ disks, ports: [8080], metadataPort: cloud.metadataPort, ...options });
  closers.push(
    () => one.kill(),
    () => cloud.close(),
  );
  await one.says('listens on port 8080');
  return { one, cloud };
}

interface Call {
  readonly agent: Agent;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** The status of the answer. */
const call = (one: TestMachine, { agent, path = '/', headers = {}, body }: Call) =>
  new Promise<number>((resolve, reject) => {
    const to = { host: '127.0.0.1', port: one.port(8080), path, headers, agent, method: body === undefined ? 'GET' : 'POST' };
    const asking = request(to, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    asking.once('error', reject).end(body);
  });

async function callOften(one: TestMachine, count: number, how: Call): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) statuses.push(await call(one, how));
  return statuses;
}

const sum = (data: readonly { readonly name: string; readonly value: number }[], wanted: string) =>
  data.reduce((total, { name, value }) => (name === wanted ? total + value : total), 0);

describe('a Linux node', () => {
  it('publishes at its end what it has answered since the last minute, and none of the health checks', BOOT, async () => {
    const { one, cloud } = await start({ clock: '2030-06-01T12:00:00' });
    await one.says('counts of every minute go to CloudWatch, namespace Hello/Nodes');
    const [kept, fresh] = [new Agent({ keepAlive: true, maxSockets: 1 }), new Agent({ keepAlive: false })];
    const statuses = [...(await callOften(one, 9, { agent: kept })), ...(await callOften(one, 6, { agent: fresh }))];
    await callOften(one, 4, { agent: fresh, path: '/healthz', headers: { 'User-Agent': 'ELB-HealthChecker/2.0' } });
    await callOften(one, 2, { agent: fresh, path: '/healthz', headers: { 'User-Agent': 'somebody else' } });
    kept.destroy();
    one.pressPowerButton();
    await one.ended;
    expect(statuses.filter((status) => status === 500)).toHaveLength(5);
    expect(cloud.refused).toEqual([]);
    const [{ namespace, data } = { namespace: '', data: [] }] = cloud.metrics.calls.slice(-1);
    expect(namespace).toBe('Hello/Nodes');
    const counts = { unit: 'Count', dimension: `InstanceId=${INSTANCE}` };
    expect(data.map(({ value, at, ...rest }) => rest)).toEqual([
      { name: 'Requests', ...counts },
      { name: 'Failures', ...counts },
    ]);
    // All in one minute, unless the computer is very busy.
    const all = cloud.metrics.calls.flatMap((put) => put.data);
    expect(sum(all, 'Requests')).toBe(17);
    expect(sum(all, 'Failures')).toBe(5);
    expect(new Set(all.map(({ name, at }) => `${name} ${at}`)).size).toBe(all.length);
    expect(all[0]?.at).toMatch(/^2030-06-01T12:0\d:00Z$/);
    expect(one.console()).not.toMatch(/se\/cr\+et|session\/token/);
  });

  it('puts again what CloudWatch did not take, each minute as it was, and its service goes on', BOOT, async () => {
    const { one, cloud } = await start({ clock: '2030-06-01T12:00:00' });
    cloud.metrics.statuses.push(503);
    await one.says('counts of every minute go to');
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    await callOften(one, 12, { agent });
    await cloud.metrics.untilCalls(1);
    await one.says('counts are not published: CloudWatch answers 503');
    await callOften(one, 30, { agent });
    agent.destroy();
    one.pressPowerButton();
    await one.ended;
    const [first, second] = cloud.metrics.calls;
    expect(first).toMatchObject({ status: 503 });
    expect(second?.data.map(({ name, value, at }) => [name, name === 'MemoryBytes' ? '' : value, at])).toEqual([
      ['Requests', 12, '2030-06-01T12:00:00Z'],
      ['Failures', 4, '2030-06-01T12:00:00Z'],
      ['MemoryBytes', '', '2030-06-01T12:00:00Z'],
      ['Requests', 30, '2030-06-01T12:01:00Z'],
      ['Failures', 10, '2030-06-01T12:01:00Z'],
    ]);
    const memory = second?.data.find(({ name }) => name === 'MemoryBytes')?.value;
    expect(memory).toSatisfy((bytes: number) => bytes > 100_000 && bytes < 50_000_000);
    expect(cloud.refused).toEqual([]);
  });
});
