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
