/** P3: no node is terminated before its evidence is saved or its deadline has passed. */
import { describe, expect, it } from 'vitest';
import type { Condemned, Slot } from '../../../core/fleet/fleet.ts';
import { withEntry } from '../../../core/remediation/case.ts';
import { withCondemned } from '../../../core/remediation/plan-door.ts';
import { releaseNode } from '../../../core/remediation/release-node.ts';
import { openStable } from '../../fakes/hello.ts';

const DEADLINE_SECONDS = 60;

/** A node of the stable fleet that hangs: its slot is taken from it, and it is taken out of its group. */
async function hungNode(given: Partial<Condemned> = {}) {
  const { world } = await openStable({ remediation: { evidenceDeadlineSeconds: DEADLINE_SECONDS } });
  const before = (await world.slots.list('web')).find(({ group }) => group === 'blue')!;
  const { now } = world.time;
  const condemned: Condemned = {
    ...{ faultId: 'fault-1', instanceId: before.instanceId!, attempt: 1, build: before.build, zone: before.zone },
    ...{ at: now, detectedAt: now, way: 'alarm', why: 'it hangs', isHung: true },
    ...{ wasHealthy: true, wasInFlight: false, isSampled: true, run: 1, ...given },
  };
  let slot: Slot = await world.slots.put(withCondemned(before, condemned, undefined));
  await world.groups.deregister(world.service, 'blue', [condemned.instanceId]);
  const release = (isFinal = false) =>
    releaseNode(world, { service: 'web', slot: slot.id, faultId: 'fault-1', at: world.time.now, isFinal });
  return {
    release,
    state: () => world.nodes.state(condemned.instanceId),
    async saveEvidence() {
      slot = await world.slots.put(withEntry(slot, 'fault-1', { recordedAt: world.time.now }));
    },
    pass: (seconds: number) => (world.time.now += seconds * 1000),
    become: (state: 'stopped') => world.nodes.become(condemned.instanceId, state),
    world,
    instanceId: condemned.instanceId,
    find: async () => (await world.slots.find('web', before.id))!,
  };
}

describe('P3: a failed node', () => {
  it('is kept while its evidence is being saved, and terminated once it is', async () => {
    const node = await hungNode();
    node.pass(DEADLINE_SECONDS - 1);
    expect(await node.release()).toMatchObject({ kind: 'wait', why: expect.stringContaining('evidence') as string });
    expect(node.state()).toBe('running');
    await node.saveEvidence();
    expect(await node.release()).toMatchObject({ kind: 'gone' });
    expect(node.state()).toBe('terminated');
  });

  it('is terminated at its deadline, saved or not', async () => {
    const node = await hungNode();
    node.pass(DEADLINE_SECONDS);
    expect(await node.release()).toMatchObject({ kind: 'gone' });
    expect(node.state()).toBe('terminated');
  });

  it('that is off is kept for what comes late, and only the last look ends it', async () => {
    const node = await hungNode({ isHung: false });
    node.become('stopped');
    await node.saveEvidence();
    expect(await node.release()).toMatchObject({ kind: 'keep' });
    expect(node.state()).toBe('stopped');
    expect(await node.release(true)).toMatchObject({ kind: 'gone' });
    expect(node.state()).toBe('terminated');
  });
});

/** One that an operator has named, or that EC2 will retire: nothing is wrong with it. */
async function servingNode() {
  const node = await hungNode({ isHung: false, way: 'operator' });
  const { world, instanceId } = node;
  await world.groups.register(world.service, 'blue', [instanceId]);
  await node.saveEvidence();
  node.pass(DEADLINE_SECONDS);
  return node;
}

describe('a node that leaves its group', () => {
  const draining = (node: Awaited<ReturnType<typeof hungNode>>) => {
    const { world, find, instanceId } = node;
    world.groups.health = async () => [{ instanceId, state: 'draining' }];
    return async () => releaseNode(world, { service: 'web', slot: (await find()).id, faultId: 'fault-1', at: 0, isFinal: false });
  };

  it('has its requests finished where it works, and is not waited for where it hangs or is off', async () => {
    const working = await hungNode({ isHung: false, way: 'operator' });
    const off = await hungNode({ isHung: false, isSampled: false });
    off.become('stopped');
    const answers = [];
    for (const node of [working, await hungNode(), off]) {
      await node.saveEvidence();
      answers.push((await draining(node)()).kind);
    }
    expect(answers).toEqual(['wait', 'gone', 'gone']);
    expect(working.state()).toBe('running');
  });
});

describe('P1: a node that still serves', () => {
  it('stays in its group until another serves in its slot, though its successors fail one after the other', async () => {
    const node = await servingNode();
    expect(await node.release()).toMatchObject({ kind: 'wait', why: expect.stringContaining('still serves') as string });
    const { world, instanceId } = node;
    const slot = await node.find();
    const second = { ...slot.condemned![0]!, faultId: 'fault-2', instanceId: 'i-second', attempt: 2 };
    await world.slots.put(withCondemned({ ...slot, state: 'launched', instanceId: 'i-second' }, second, undefined));
    expect(await node.release()).toMatchObject({ kind: 'wait', why: expect.stringContaining('still serves') as string });
    expect(await world.groups.health(world.service, 'blue')).toContainEqual({ instanceId, state: 'healthy' });

    const third = await node.find();
    const launched = { ...third, state: 'launched', instanceId: 'i-third', launchedAt: world.time.now } as const;
    world.nodes.add({ ...launched, slot: launched.id });
    await world.groups.register(world.service, 'blue', ['i-third']);
    await world.slots.put(launched);
    expect(await node.release()).toMatchObject({ kind: 'wait', why: expect.stringContaining('finishes') as string });
    expect(await node.release()).toMatchObject({ kind: 'gone' });
    expect(node.state()).toBe('terminated');
  });

  it('goes with its slot when that is retired', async () => {
    const node = await servingNode();
    await node.world.slots.put({ ...(await node.find()), state: 'retiring', retiringSince: node.world.time.now });
    expect(await node.release()).toMatchObject({ kind: 'wait', why: expect.stringContaining('finishes') as string });
    expect(await node.release()).toMatchObject({ kind: 'gone' });
  });

  it('is looked at ever less often, so that hours of waiting do not fill a history', async () => {
    const node = await servingNode();
    const HOURS = 3;
    let looks = 0;
    for (let waited = 0; waited < HOURS * 3600; looks++) {
      const answer = await node.release();
      if (answer.kind !== 'wait') throw new Error(answer.kind);
      expect(answer.seconds).toBeLessThanOrEqual(60);
      node.pass(answer.seconds);
      waited += answer.seconds;
    }
    expect(looks).toBeLessThan(400);
  });
});
