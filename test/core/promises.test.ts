/** P1 (enough nodes), P2 (what is undone only loses requests), P4 (one writer), P7 (rollback targets). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { healthyFloor } from '../../core/fleet/plan-promotion.ts';
import type { Slots } from '../../core/fleet/ports.ts';
import { retireNodes } from '../../core/fleet/retire-nodes.ts';
import { order } from '../../core/release/order.ts';
import { planRollback } from '../../core/release/plan-rollback.ts';
import type { Weights } from '../../core/release/release.ts';
import { shiftTraffic } from '../../core/traffic/shift-traffic.ts';
import type { Group } from '../../core/service/service.ts';
import { anySizes, fleet, openDriver, openStable, run, toFile } from '../fakes/hello.ts';
import type { Driver, Stop } from '../fakes/memory-world.ts';
import { runRelease, runRollback, STOPS } from '../fakes/memory-world.ts';

const stops = fc.constantFrom<Stop>(...STOPS.filter((stop) => stop !== 'stable'));

/** Healthy nodes in each group that has weight. */
async function serving(driver: Driver): Promise<Partial<Record<Group, number>>> {
  const { traffic, groups, service } = driver.world;
  const { main, beta } = await traffic.read(service);
  const weighted = [...new Set([...Object.keys(main), ...Object.keys(beta)])] as Group[];
  const counts = weighted.map(async (group) => {
    const health = await groups.health(service, group);
    return [group, health.filter(({ state }) => state === 'healthy').length] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

const newShare = (weights: Weights, next: Group) =>
  (weights.main.canary ?? 0) + (weights.main[next] ?? 0) + (weights.beta.canary ?? 0);

describe('P1: enough healthy nodes', () => {
  it('serve at every moment of a release and of its rollback', async () => {
    await fc.assert(
      fc.asyncProperty(anySizes, stops, async (sizes, stop) => {
        const driver = await openStable(toFile(sizes));
        const floor = healthyFloor(driver.world.service.file);
        driver.onStep = async () => {
          const counts = await serving(driver);
          expect((counts.blue ?? 0) + (counts.green ?? 0), JSON.stringify(counts)).toBeGreaterThanOrEqual(floor);
          for (const [group, count] of Object.entries(counts)) expect(count, `${group} has weight`).toBeGreaterThan(0);
        };
        await driver.uploadBoth('2.0.0');
        await runRelease(driver, run('2.0.0', 2), stop);
        await runRollback(driver, run('2.0.0', 2));
      }),
      { numRuns: 40 },
    );
  });

  it('are waited for before the old fleet goes', async () => {
    const driver = await openStable({ nodes: 4, warmMinutes: 1 });
    await driver.uploadBoth('2.0.0');
    await runRelease(driver, run('2.0.0', 2), 'warm');
    const green = (await driver.world.slots.list('web')).filter(({ group }) => group === 'green');
    driver.world.groups.overrides.set(green[0]!.instanceId!, 'unhealthy');
    const since = driver.world.time.now;
    const look = () =>
      driver.step((ports) => retireNodes(ports, { ...run('2.0.0', 2), at: driver.world.time.now, phase: 'old-fleet' }));
    for (let looks = 0; looks < 10; looks++) {
      expect(await look()).toMatchObject({ kind: 'wait', why: 'the new fleet has 3 healthy node(s), and 4 is the least' });
      driver.pass(20_000);
    }
    expect((await fleet(driver.world))['blue unikernel 1.0.0']).toBe(4);
    expect(driver.world.time.now - since).toBeLessThan(330_000);
    driver.world.groups.overrides.clear();
    expect((await driver.retire(run('2.0.0', 2), 'old-fleet')).kind).toBe('done');
  });

  it('are not waited for for ever: the release fails, and the old fleet has the requests again', async () => {
    const driver = await openStable({ nodes: 4, warmMinutes: 1, health: { deadlineSeconds: 60 }, drainSeconds: 30 });
    await driver.uploadBoth('2.0.0');
    await runRelease(driver, run('2.0.0', 2), 'warm');
    const green = (await driver.world.slots.list('web')).filter(({ group }) => group === 'green');
    driver.world.groups.overrides.set(green[0]!.instanceId!, 'unhealthy');
    const since = driver.world.time.now;
    await expect(driver.retire(run('2.0.0', 2), 'old-fleet')).rejects.toMatchObject({
      name: 'RetirementHeld',
      message: expect.stringContaining('for 90 seconds: the new fleet has 3 healthy node(s), and 4 is the least') as string,
    });
    expect(driver.world.time.now - since).toBe(90_000);
    expect(await runRollback(driver, run('2.0.0', 2))).toBe('done');
    expect((await fleet(driver.world))['blue unikernel 1.0.0']).toBe(4);
    expect((await driver.world.traffic.read(driver.world.service)).main.green ?? 0).toBe(0);
  });

  it.each([
    ['past its return', 'old-fleet'],
    ['in its rollback', 'rollback'],
  ] as const)('are waited for as long as it takes by a release %s, which says what for', async (_case, phase) => {
    const driver = await openStable({ nodes: 4, warmMinutes: 1, health: { deadlineSeconds: 60 }, drainSeconds: 30 });
    await driver.uploadBoth('2.0.0');
    await runRelease(driver, run('2.0.0', 2), 'warm');
    const { records, slots, groups } = driver.world;
    let held = run('2.0.0', 2);
    if (phase === 'rollback') {
      held = { ...held, fence: (await driver.record(held, 'rolling-back')).fence };
    } else {
      await records.putRelease({ ...(await records.findRelease('web', '2.0.0'))!, committedAt: driver.world.time.now });
      const [first] = (await slots.list('web')).filter(({ group }) => group === 'green');
      groups.overrides.set(first!.instanceId!, 'unhealthy');
    }
    await expect(driver.retire(held, phase)).rejects.toThrow('never done');
    const ask = () => driver.step((ports) => retireNodes(ports, { ...held, at: driver.world.time.now, phase }));
    const answer = await ask();
    expect(answer).toMatchObject({ kind: 'wait', why: expect.stringMatching(/still has weight|is the least/) as string });
    // A round is some 15 events of the 25,000 an execution may have, and a rollback has two days.
    let rounds = 0;
    for (const end = driver.world.time.now + 48 * 3_600_000; driver.world.time.now < end; rounds++) {
      const again = await ask();
      driver.pass((again.kind === 'wait' ? again.seconds : 0) * 1000);
    }
    expect(rounds).toBeLessThan(700);
  });
});

describe('P2: a release that is undone', () => {
  it('only loses weight from then on, and ends with none', async () => {
    await fc.assert(
      fc.asyncProperty(anySizes, stops, fc.boolean(), async (sizes, stop, isFirst) => {
        const driver = isFirst ? openDriver(toFile(sizes)) : await openStable(toFile(sizes));
        const it = run('2.0.0', isFirst ? 1 : 2);
        await driver.uploadBoth('2.0.0');
        await runRelease(driver, it, stop);
        const { traffic, service } = driver.world;
        const next = isFirst ? 'blue' : 'green';
        let share = newShare(await traffic.read(service), next);
        driver.onStep = async () => {
          const now = newShare(await traffic.read(service), next);
          expect(now).toBeLessThanOrEqual(share);
          share = now;
        };
        await driver.step((ports) =>
          order(ports, { service: 'web', version: '2.0.0', intent: 'abort', by: 'ann', why: 'smells' }),
        );
        await runRollback(driver, it);
        expect(share).toBe(0);
        const groups = Object.keys(await fleet(driver.world));
        expect(groups.filter((group) => group.endsWith('2.0.0'))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('gets no requests from a step that was asleep while the rollback took over', async () => {
    const driver = await openStable();
    await driver.uploadBoth('2.0.0');
    const it = run('2.0.0', 2);
    await runRelease(driver, it, 'debut');
    const { world } = driver;
    let isAsleep = true;
    const traffic = {
      read: (service: typeof world.service) => world.traffic.read(service),
      write: async (service: typeof world.service, weights: Weights) => {
        if (isAsleep) {
          isAsleep = false;
          await runRollback(driver, it);
        }
        await world.traffic.write(service, weights);
      },
    };
    const late = shiftTraffic({ ...world, traffic }, { ...it, at: world.time.now, phase: 'promote' });
    await expect(late).rejects.toMatchObject({ name: 'FenceMoved' });
    expect((await world.traffic.read(world.service)).main).toEqual({ blue: 667, baseline: 333 });
  });

  it('gets no weight recorded by a step that had looked at its nodes before the rollback took over', async () => {
    const driver = await openStable();
    await driver.uploadBoth('2.0.0');
    const it = run('2.0.0', 2);
    await runRelease(driver, it, 'debut');
    const { world } = driver;
    let looks = 0;
    const slots: Slots = Object.create(world.slots, {
      list: {
        value: async (service: string) => {
          if (looks++ === 0) await driver.record(it, 'rolling-back');
          return world.slots.list(service);
        },
      },
    }) as Slots;
    const weights = async () => (await world.records.findService('web'))?.weights;
    const before = await weights();
    const late = shiftTraffic({ ...world, slots }, { ...it, at: world.time.now, phase: 'promote' });
    await expect(late).rejects.toMatchObject({ name: 'FenceMoved' });
    expect(await weights()).toEqual(before);
  });
});

describe('P4 and P7: one writer, and a way back', () => {
  it.each([
    ['the service, and has not come to the release', { service: 1, release: 0 }],
    ['both', { service: 1, release: 1 }],
    ['the release alone', { service: 0, release: 1 }],
  ])('no step of the release acts once another has raised the fence of %s', async (_case, raised) => {
    const driver = await openStable();
    await driver.uploadBoth('2.0.0');
    const it = run('2.0.0', 2);
    await runRelease(driver, it, 'canary');
    const { records } = driver.world;
    const [service, release] = [await records.findService('web'), await records.findRelease('web', '2.0.0')];
    await records.putService({ ...service!, fence: service!.fence + raised.service });
    await records.putRelease({ ...release!, fence: release!.fence + raised.release });
    const moved = { name: 'FenceMoved' };
    await expect(driver.launch(it, 'debut')).rejects.toMatchObject(moved);
    await expect(driver.shift(it, 'debut')).rejects.toMatchObject(moved);
    await expect(driver.retire(it, 'refresh')).rejects.toMatchObject(moved);
    await expect(driver.record(it, 'debut')).rejects.toMatchObject(moved);
  });

  it('no step of the release acts once a rollback has taken over', async () => {
    const driver = await openStable();
    await driver.uploadBoth('2.0.0');
    const it = run('2.0.0', 2);
    await runRelease(driver, it, 'canary');
    await driver.record(it, 'rolling-back');
    const moved = { name: 'FenceMoved' };
    await expect(driver.record(it, 'debut')).rejects.toMatchObject(moved);
    await expect(driver.launch(it, 'debut')).rejects.toMatchObject(moved);
    await expect(driver.health(it, 'debut')).rejects.toMatchObject(moved);
    await expect(driver.shift(it, 'debut')).rejects.toMatchObject(moved);
    await expect(driver.retire(it, 'refresh')).rejects.toMatchObject(moved);
    await expect(driver.watch(it, 'canary')).rejects.toMatchObject(moved);
  });

  it('a release that never was stable is never gone back to', async () => {
    const driver = await openStable();
    await driver.uploadBoth('2.0.0');
    await runRelease(driver, run('2.0.0', 2), 'warm');
    await runRollback(driver, run('2.0.0', 2));
    await driver.uploadBoth('3.0.0');
    expect(await driver.world.records.findRelease('web', '3.0.0')).toMatchObject({ replaces: '1.0.0', fleet: 'green', fence: 4 });
  });

  it('a release that was rolled back is not rolled back again, also where its service was not freed yet', async () => {
    const driver = await openStable();
    await driver.uploadBoth('2.0.0');
    await runRelease(driver, run('2.0.0', 2), 'canary');
    const { records } = driver.world;
    await runRollback(driver, run('2.0.0', 2));
    const [service, release] = [await records.findService('web'), await records.findRelease('web', '2.0.0')];
    const held = await records.putService({ ...service!, inFlight: '2.0.0' });
    expect([2, 3].map((fence) => planRollback(held, release!, fence).kind)).toEqual(['settle', 'settle']);
    for (const fence of [2, 3]) expect(await runRollback(driver, run('2.0.0', fence))).toBe('over');
    expect(await records.findRelease('web', '2.0.0')).toMatchObject({ stage: 'rolled-back', fence: release!.fence });
    expect((await records.findService('web'))?.inFlight).toBeUndefined();
  });

  it('a rollback that comes when the old fleet is going finishes the release instead', async () => {
    const driver = await openStable({ warmMinutes: 1 });
    await driver.uploadBoth('2.0.0');
    const it = run('2.0.0', 2);
    await runRelease(driver, it, 'warm');
    await driver.watch(it, 'warm');
    const slot = (await driver.world.slots.list('web')).find(({ group }) => group === 'blue');
    driver.world.groups.overrides.set(slot!.instanceId!, 'draining');
    const retired = await driver.step((ports) => retireNodes(ports, { ...it, at: driver.world.time.now, phase: 'old-fleet' }));
    expect(retired.kind).toBe('wait');
    await expect(
      driver.step((ports) => order(ports, { service: 'web', version: '2.0.0', intent: 'abort', by: 'ann', why: 'late' })),
    ).rejects.toMatchObject({ name: 'OrderRefused' });
    expect(await runRollback(driver, it)).toBe('over');
    expect(await driver.world.records.findService('web')).toMatchObject({ stable: { version: '2.0.0', fleet: 'green' } });
    expect((await driver.world.records.findService('web'))?.inFlight).toBeUndefined();
  });
});
