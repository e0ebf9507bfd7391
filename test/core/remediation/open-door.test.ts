/** The one way in, against doors that open at the same moment and calls that fail halfway. */
import { describe, expect, it } from 'vitest';
import type { Slot } from '../../../core/fleet/fleet.ts';
import { answerDoor } from '../../../core/remediation/answer-door.ts';
import { openDoor } from '../../../core/remediation/open-door.ts';
import { SAMPLED } from '../../../core/remediation/plan-door.ts';
import type { Sighting } from '../../../core/remediation/sighting.ts';
import type { Group } from '../../../core/service/service.ts';
import { keepLit } from '../../../core/traffic/keep-lit.ts';
import { order } from '../../../core/release/order.ts';
import { openStable, run } from '../../fakes/hello.ts';
import type { World } from '../../fakes/memory-world.ts';

const sighting = (instanceId: string): Sighting => ({
  ...{ instanceId, way: 'state-change', at: 0, why: 'EC2 says that it is stopping', isHung: false },
});
const nodesOf = async ({ slots }: World, group: Group): Promise<readonly Slot[]> =>
  (await slots.list('web')).filter((one) => one.group === group && one.state === 'launched');
const mainWeights = async ({ traffic, service }: World) => (await traffic.read(service)).main;

async function open(file: Record<string, unknown> = { nodes: 4, linuxNodes: 2 }) {
  const { world } = await openStable(file);
  const look = (instanceId = '') => openDoor(world, sighting(instanceId));
  return { world, look };
}

describe('the last healthy nodes of a group', () => {
  it('that are given up by two doors at the same moment leave no weight on their group', async () => {
    const { world, look } = await open();
    const last = await nodesOf(world, 'baseline');
    expect(last).toHaveLength(2);
    const answers = await Promise.all(last.map(({ instanceId }) => look(instanceId)));
    expect(answers.map(({ kind }) => kind)).toEqual(['condemned', 'condemned']);
    expect(await mainWeights(world)).toEqual({ blue: 999 });
  });

  it('are not given up by a second copy of the event either, while the load balancer has not taken the weight', async () => {
    const { world, look } = await open({ nodes: 4, linuxNodes: 1 });
    const [last] = await nodesOf(world, 'baseline');
    world.traffic.isDeaf = true;
    for (let copy = 0; copy < 3; copy++) await expect(look(last!.instanceId)).rejects.toMatchObject({ name: 'WeightsNotTaken' });
    expect(await world.slots.find('web', last!.id)).toMatchObject({ state: 'launched', instanceId: last!.instanceId });
    world.traffic.isDeaf = false;
    expect(await look(last!.instanceId)).toMatchObject({ kind: 'condemned' });
    expect(await mainWeights(world)).toEqual({ blue: 999 });
  });

  it('have no weight given back by a door that looked a moment too early', async () => {
    const { world, look } = await open({ nodes: 4, linuxNodes: 1 });
    const [last] = await nodesOf(world, 'baseline');
    await keepLit(world, world.service, { lost: [last!.instanceId!], now: world.time.now });
    const [other] = await nodesOf(world, 'blue');
    expect(await look(other!.instanceId)).toMatchObject({ kind: 'condemned' });
    expect(await mainWeights(world)).toEqual({ blue: 999 });
  });
});

describe('a failure', () => {
  it('of an instance that is not ours, fills no slot any more, or is told again, leads to nothing', async () => {
    const { world, look } = await open();
    expect(await look('i-of-somebody-else')).toMatchObject({ kind: 'ignored' });
    const [node, other] = await nodesOf(world, 'blue');
    expect(await look(node!.instanceId)).toMatchObject({ kind: 'condemned' });
    for (let copy = 0; copy < 3; copy++) expect(await look(node!.instanceId)).toMatchObject({ kind: 'ignored' });
    await world.slots.put({ ...other!, state: 'gone', retiringSince: world.time.now });
    expect(await look(other!.instanceId)).toMatchObject({ kind: 'left' });
    expect(world.remediations.started).toHaveLength(1);
  });

  it('that the sweep tells of a slot as it read it is judged by the slot as it is', async () => {
    const { world } = await open();
    const [stale] = await nodesOf(world, 'blue');
    const retired = await world.slots.put({ ...stale!, state: 'retiring', retiringSince: world.time.now });
    const answer = await openDoor(world, { ...sighting(stale!.instanceId!), slot: stale! });
    expect(answer).toMatchObject({ kind: 'left' });
    expect(await world.slots.find('web', retired.id)).toEqual(retired);
  });

  it('beyond the budget changes nothing but that somebody is called, and leads on when there is budget again', async () => {
    const { world, look } = await open({ nodes: 4, linuxNodes: 2, remediation: { killsPerHour: 2 } });
    const [first, second, third] = await nodesOf(world, 'blue');
    for (const one of [first, second]) expect(await look(one!.instanceId)).toMatchObject({ kind: 'condemned' });
    for (let copy = 0; copy < 2; copy++) expect(await look(third!.instanceId)).toMatchObject({ kind: 'held' });
    expect(await world.slots.find('web', third!.id)).toEqual(third);
    expect(world.faultNotices.pages).toHaveLength(1);
    world.time.now += 60 * 60_000;
    expect(await look(third!.instanceId)).toMatchObject({ kind: 'condemned' });
  });

  it('while a release is being taken back gives no group its weight back', async () => {
    const driver = await openStable({ nodes: 4, linuxNodes: 1 });
    const { world } = driver;
    const [last] = await nodesOf(world, 'baseline');
    await keepLit(world, world.service, { lost: [last!.instanceId!], now: world.time.now });
    await driver.uploadBoth('2.0.0');
    await driver.record(run('2.0.0', 2), 'baking');
    await order(world, { service: 'web', version: '2.0.0', intent: 'abort', by: 'ada', why: 'smells' });
    expect(await keepLit(world, world.service, { now: world.time.now })).toBeUndefined();
    expect(await mainWeights(world)).toEqual({ blue: 999 });
  });
});

describe('many nodes of a release that fail at once', () => {
  it('have the whole evidence of the first few kept, though none of their faults is recorded yet', async () => {
    const { world, look } = await open({ nodes: 12 });
    for (const { instanceId } of await nodesOf(world, 'blue')) await look(instanceId);
    const kept = world.remediations.started.filter(({ condemned }) => condemned.isSampled);
    expect(kept.length).toBe(SAMPLED);
    expect(world.remediations.started.length).toBeGreaterThan(SAMPLED);
  });

  it('are each told to the door by one alarm, also when it fails at one of them', async () => {
    const { world } = await open();
    const sick = await nodesOf(world, 'blue');
    for (const { instanceId } of sick) world.groups.overrides.set(instanceId!, 'unhealthy');
    const { slots } = world;
    const put = slots.put.bind(slots);
    slots.put = (slot) => (slot.id === sick[0]!.id ? Promise.reject(new Error('throttled')) : put(slot));
    const targetGroups = [world.service.resources.metrics.targetGroups.blue];
    const alarm = { kind: 'alarm', targetGroups, at: world.time.now, why: 'alarm' } as const;
    await expect(answerDoor(world, alarm)).rejects.toThrow('throttled');
    expect(world.remediations.started.map(({ slot }) => slot.id)).toEqual(sick.slice(1).map(({ id }) => id));
  });
});
