/** A slot gets its next instance, whatever EC2 says of a place or of a token. */
import { describe, expect, it } from 'vitest';
import type { Slot } from '../../../core/fleet/fleet.ts';
import { launchReplacement } from '../../../core/remediation/launch-replacement.ts';
import { openDoor } from '../../../core/remediation/open-door.ts';
import { planPlaces } from '../../../core/remediation/plan-places.ts';
import { aSlot } from '../../contracts/slots.contract.ts';
import { service } from '../../fakes/fixtures.ts';
import { openStable } from '../../fakes/hello.ts';

const SPENT = { kind: 'refused', why: 'its instance has ended', isSpent: true } as const;
const FULL = { kind: 'retryable', why: 'no capacity', isShort: true } as const;
const THROTTLED = { kind: 'retryable', why: 'slow down' } as const;

async function condemnedSlot() {
  const { world } = await openStable({ nodes: 3, linuxNodes: 1 });
  const { id, instanceId = '' } = (await world.slots.list('web')).find(
    ({ group, state }) => group === 'blue' && state === 'launched',
  )!;
  await openDoor(world, { instanceId, way: 'state-change', at: 0, why: 'it is off', isHung: false });
  const slot = async (): Promise<Slot> => (await world.slots.find('web', id))!;
  const launch = (given: { instanceId?: string } = {}) =>
    launchReplacement(world, { service: 'web', slot: id, faultId: `${instanceId}-1`, at: world.time.now, ...given });
  return { world, slot, launch };
}

describe('the next instance of a slot', () => {
  it('is the one the workflow has launched, however often that is told', async () => {
    const { launch, slot } = await condemnedSlot();
    for (let time = 0; time < 2; time++) expect(await launch({ instanceId: 'i-next' })).toMatchObject({ kind: 'launched' });
    expect(await slot()).toMatchObject({ state: 'launched', attempt: 2, instanceId: 'i-next' });
  });

  it('is not launched again when it is there', async () => {
    const { launch, world } = await condemnedSlot();
    await launch({ instanceId: 'i-next' });
    world.nodes.shortages.push(FULL);
    expect(await launch()).toMatchObject({ kind: 'launched', why: expect.stringContaining('i-next') as string });
    expect(world.nodes.shortages).toEqual([FULL]);
  });

  it('may be of another type, and each place has a number of its own', () => {
    const file = { remediation: { otherTypes: { unikernel: ['t3.small', 't3a.small'] } } };
    const places = planPlaces(service(file, 2), aSlot({ build: 'unikernel', subnet: 'subnet-1', zone: 'zone-1' }));
    expect(places.map(({ zone, elsewhere }) => `${zone} ${elsewhere.instanceType ?? 'own'}`)).toEqual([
      ...['zone-1 own', 'zone-1 t3.small', 'zone-1 t3a.small'],
      ...['zone-0 own', 'zone-0 t3.small', 'zone-0 t3a.small'],
    ]);
    expect(places.map(({ elsewhere }) => elsewhere.number)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('is launched in the same place by another token where the first stands for an instance that has ended', async () => {
    const { launch, slot, world } = await condemnedSlot();
    const { zone } = await slot();
    world.nodes.shortages.push(SPENT);
    expect(await launch()).toMatchObject({ kind: 'launched' });
    const found = await slot();
    expect(found.zone).toBe(zone);
    // What a repeat of this call would find: the token is the same on every try.
    expect(found.instanceId).toMatch(/\.2\.\d+$/);
    expect(world.faultNotices.pages).toEqual([]);
  });

  it('is launched when there is room again, after somebody was called once', async () => {
    const { launch, slot, world } = await condemnedSlot();
    for (let times = 0; times < 2; times++) {
      world.nodes.shortages.push(FULL, FULL, FULL);
      expect(await launch()).toMatchObject({ kind: 'wait', why: expect.stringContaining('no zone and type has room') as string });
    }
    expect(world.faultNotices.pages).toHaveLength(1);
    expect(await launch()).toMatchObject({ kind: 'launched' });
    expect(await slot()).toMatchObject({ state: 'launched' });
  });

  it('is not asked for elsewhere where EC2 is only asked too much', async () => {
    const { launch, world } = await condemnedSlot();
    world.nodes.shortages.push(THROTTLED);
    expect(await launch()).toMatchObject({ kind: 'wait' });
    expect(world.nodes.shortages).toEqual([]);
    expect(world.faultNotices.pages).toEqual([]);
  });

  it('is nobody’s when the slot was retired meanwhile', async () => {
    const { launch, slot, world } = await condemnedSlot();
    await world.slots.put({ ...(await slot()), state: 'retiring', retiringSince: world.time.now });
    expect(await launch({ instanceId: 'i-late' })).toMatchObject({ kind: 'moved' });
    expect(await slot()).not.toHaveProperty('instanceId');
  });
});
