/** The one way in, against doors that open at the same moment and calls that fail halfway. */
import { describe, expect, it } from 'vitest';
import type { Slot } from '../../../core/fleet/fleet.ts';
import { answerDoor } from '../../../core/remediation/answer-door.ts';
import { openDoor } from '../../../core/remediation/open-door.ts';
import { SAMPLED } from '../../../core/remediation/plan-door.ts';
import type { Sighting } from '../../../core/remediation/sighting.ts';
import type { Group } from '../../../core/service/service.ts';
import { keepLit } from '../../../core/traffic/keep-lit.ts';
import { openStable } from '../../fakes/hello.ts';
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
    for (const _copy of [1, 2, 3]) await expect(look(last!.instanceId)).rejects.toMatchObject({ name: 'WeightsNotTaken' });
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
