import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkNodes } from '../../../core/fleet/check-nodes.ts';
import { launchNodes } from '../../../core/fleet/launch-nodes.ts';
import type { Node } from '../../../core/fleet/fleet.ts';
import type { FleetFacts } from '../../../core/fleet/phase.ts';
import { planCanary } from '../../../core/fleet/plan-canary.ts';
import { planCheck } from '../../../core/fleet/plan-check.ts';
import { planDebut } from '../../../core/fleet/plan-debut.ts';
import { planFinish } from '../../../core/fleet/plan-finish.ts';
import { planPromotion } from '../../../core/fleet/plan-promotion.ts';
import { planRestore } from '../../../core/fleet/plan-restore.ts';
import { changeRelease } from '../../../core/release/change-record.ts';
import { MINUTE, release, service, slot, T0 } from '../../fakes/fixtures.ts';
import { anySizes, openStable, run, toFile } from '../../fakes/hello.ts';
import { runRelease } from '../../fakes/memory-world.ts';

const facts = (given: Partial<FleetFacts> = {}): FleetFacts => ({
  service: service(),
  release: release({ version: '2.0.0', fleet: 'green', fence: 2, replaces: '1.0.0' }),
  stable: release({ version: '1.0.0', stage: 'stable', fleet: 'blue', fence: 1 }),
  slots: [],
  fence: 2,
  at: T0,
  ...given,
});

const PLANS = [planCanary, planDebut, planPromotion, planFinish, planRestore];

describe('launch plans', () => {
  it('plan nothing more when what they planned was recorded, and the rest when half of it was', () => {
    fc.assert(
      fc.property(anySizes, fc.integer({ min: 1, max: 4 }), fc.constantFrom(...PLANS), fc.nat(20), (sizes, zones, plan, half) => {
        const before = facts({ service: service(toFile(sizes), zones) });
        const { slots } = plan(before);
        expect(plan({ ...before, slots }).slots).toEqual([]);
        const part = slots.slice(0, Math.min(half, slots.length));
        const rest = plan({ ...before, slots: part }).slots;
        expect(new Set([...part, ...rest].map(({ id }) => id)).size).toBe(slots.length);
      }),
    );
  });

  it('spread each group over the zones, so that none has more than one more than another', () => {
    fc.assert(
      fc.property(anySizes, fc.integer({ min: 1, max: 4 }), fc.constantFrom(...PLANS), (sizes, zones, plan) => {
        const { slots } = plan(facts({ service: service(toFile(sizes), zones) }));
        for (const group of new Set(slots.map((slot) => slot.group))) {
          const counts = Array.from(
            { length: zones },
            (_, n) => slots.filter((s) => s.group === group && s.zone === `zone-${n}`).length,
          );
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('put the canary and what it is compared with into the same zones', () => {
    const { slots } = planCanary(facts({ service: service({ canary: { nodes: 2 } }) }));
    const zones = (group: string) => slots.filter((slot) => slot.group === group).map(({ zone }) => zone);
    expect(zones('canary')).toEqual(zones('baseline'));
  });

  it('never use a number again, also not that of a slot that is gone', () => {
    const first = planCanary(facts()).slots;
    const gone = first.map((slot) => ({ ...slot, state: 'gone' as const }));
    const again = planCanary(facts({ slots: gone })).slots;
    expect(again).toHaveLength(first.length);
    expect(again.some(({ id }) => first.some((slot) => slot.id === id))).toBe(false);
  });

  it('promote one batch at an instant, however often they are asked, and the next at the next', () => {
    const at = (instant: number, slots: FleetFacts['slots']) => planPromotion(facts({ at: instant, slots }));
    const batch = at(T0, []).slots;
    expect(batch).toHaveLength(2);
    expect(at(T0, batch).slots).toEqual([]);
    const second = at(T0 + MINUTE, batch).slots;
    expect(second).toHaveLength(2);
    expect(at(T0 + 2 * MINUTE, [...batch, ...second]).isComplete).toBe(true);
  });

  it('refuse a release that has no baked image', () => {
    expect(() => planCanary(facts({ release: release({ images: {}, fleet: 'green' }) }))).toThrow('has no baked linux image');
  });
});

describe('launching', () => {
  const second = run('2.0.0', 2);

  async function openBaked() {
    const driver = await openStable();
    await driver.uploadBoth('2.0.0');
    await runRelease(driver, second, 'baking');
    await driver.record(second, 'canary');
    return driver;
  }

  it('goes on after a shortage with what is lacking, and makes nothing twice', async () => {
    const driver = await openBaked();
    driver.world.nodes.shortages.push({ kind: 'retryable', why: 'no capacity' });
    await expect(driver.launch(second, 'canary')).rejects.toMatchObject({
      name: 'LaunchIncomplete',
      message: expect.stringContaining('1 node(s)') as string,
    });
    expect(await driver.world.nodes.list('web')).toHaveLength(6 + 3);
    await driver.launch(second, 'canary');
    expect(await driver.world.nodes.list('web')).toHaveLength(6 + 4);
  });

  it('gives nodes their whole deadline, and their time to be listed, from when they were launched at last', async () => {
    const driver = await openBaked();
    const { world } = driver;
    const input = { ...second, at: world.time.now, phase: 'canary' as const };
    world.nodes.shortages.push({ kind: 'retryable', why: 'no capacity' });
    await expect(launchNodes(world, input)).rejects.toMatchObject({ name: 'LaunchIncomplete' });
    driver.pass(20 * MINUTE);
    const launched = await launchNodes(world, input);
    expect(launched).toMatchObject({ deadline: new Date(world.time.now + 5 * MINUTE).toISOString() });

    const notAsked = () => Promise.reject(new Error('not asked'));
    const none = () => Promise.resolve([]);
    const nodes = { launch: notAsked, terminate: notAsked, list: none, find: none };
    const look = () => checkNodes({ ...world, nodes }, { ...input, deadline: world.time.now + MINUTE });
    for (const id of ['canary-2-2', 'baseline-2-1', 'baseline-2-2']) {
      await world.slots.put({ ...(await world.slots.find('web', id))!, state: 'gone' });
    }
    expect(await look()).toMatchObject({ kind: 'wait', why: expect.stringContaining('is not listed yet') as string });
    driver.pass(MINUTE);
    expect(await look()).toMatchObject({ kind: 'failed', why: expect.stringContaining('it was terminated') as string });
  });

  it('tells what a node ended of that ended by itself', async () => {
    const driver = await openBaked();
    const { world } = driver;
    await driver.launch(second, 'canary');
    const { instanceId } = (await world.slots.find('web', 'canary-2-1'))!;
    world.nodes.become(instanceId!, 'terminated', 'Client.InternalError');
    const input = { ...second, at: world.time.now, phase: 'canary' as const, deadline: world.time.now + MINUTE };
    const why = expect.stringContaining(`(${instanceId!}) is terminated: Client.InternalError`) as string;
    expect(await checkNodes(world, input)).toMatchObject({ kind: 'failed', why });
  });

  it('says when asking again cannot help', async () => {
    const driver = await openBaked();
    driver.world.nodes.shortages.push({ kind: 'refused', why: 'the vCPU limit is reached' });
    await expect(driver.launch(second, 'canary')).rejects.toMatchObject({ name: 'LaunchRefused' });
  });

  it('is healthy when all are, with the addresses of the canary for the prober', async () => {
    const driver = await openBaked();
    await driver.launch(second, 'canary');
    const answer = await driver.health(second, 'canary');
    expect(answer).toMatchObject({ kind: 'healthy', addresses: [expect.any(String), expect.any(String)] });
  });

  it('fails at once when a node has ended, with its state and reason', async () => {
    const driver = await openBaked();
    await driver.launch(second, 'canary');
    driver.world.nodes.become('i-web.canary-2-1.1', 'stopped', 'Client.InstanceInitiatedShutdown');
    expect(await driver.health(second, 'canary')).toEqual({
      kind: 'failed',
      why: 'canary-2-1 (i-web.canary-2-1.1) is stopped: Client.InstanceInitiatedShutdown; it powered itself off',
    });
  });

  it('says what the console of a node shows that failed, and does without one that cannot be had', async () => {
    const driver = await openBaked();
    const input = { ...second, phase: 'canary' as const, at: T0, deadline: driver.world.time.now + MINUTE };
    await driver.launch(second, 'canary');
    driver.world.nodes.become('i-web.canary-2-1.1', 'stopped', 'Client.InstanceInitiatedShutdown');
    const text = (words: string) => ({ console: () => Promise.resolve(new TextEncoder().encode(words)) });
    const look = (consoles: typeof driver.world.consoles) => checkNodes({ ...driver.world, consoles }, input);
    expect((await look(text('no config\r\nexit status 3\r\n'))).why).toMatch(
      /it powered itself off; its console ends "exit status 3"; its console is kept as faults\/web\/i-web\.canary-2-1\.1-1\/console-latest\.txt$/,
    );
    expect(driver.world.evidence.text('faults/web/i-web.canary-2-1.1-1/console-latest.txt')).toMatch(/^no config/);
    expect((await look({ console: () => Promise.reject(new Error('throttled')) })).why).toMatch(/it powered itself off$/);
  });

  it('fails the same where the console cannot be kept, and says what is odd about the image', async () => {
    const driver = await openBaked();
    const { world } = driver;
    await driver.launch(second, 'canary');
    world.nodes.become('i-web.canary-2-1.1', 'stopped');
    await changeRelease(world.records, second, (now) => ({
      ...now,
      images: { ...now.images, linux: { ...now.images.linux!, note: 'the image may be cut short' } },
    }));
    const consoles = { console: () => Promise.resolve(new TextEncoder().encode('bye\n')) };
    const evidence = { put: () => Promise.reject(new Error('AccessDenied')) };
    const input = { ...second, phase: 'canary' as const, at: T0, deadline: world.time.now + MINUTE };
    expect((await checkNodes({ ...world, consoles, evidence }, input)).why).toMatch(/ends "bye"; the image may be cut short$/);
  });

  it('says what a pending node waits for, where EC2 does', () => {
    const { service: name, id, build, version, group } = slot();
    const node = { instanceId: 'i-1', launchedAt: T0, service: name, slot: id, build, version, group } as const;
    const nodes = [{ ...node, state: 'pending', stateReason: 'pending: number 2 in line' } as const];
    const look = (some: readonly Node[]) =>
      planCheck({ slots: [slot({ instanceId: some[0]!.instanceId })], nodes: some, health: [], now: T0, deadline: T0 + 1 }).why;
    expect(look(nodes)).toMatch(/is pending: number 2 in line$/);
    expect(look([{ ...nodes[0]!, stateReason: '' }])).toMatch(/is pending$/);
  });

  it('names a few of many nodes, and counts the others', () => {
    const slots = Array.from({ length: 400 }, (_, n) => slot({ id: `blue-1-${n}`, instanceId: `i-${n}` }));
    const { why } = planCheck({ slots, nodes: [], health: [], now: T0, deadline: T0 });
    expect(why).toMatch(/blue-1-4 \(i-4\) is not listed yet, and 395 more$/);
  });

  it('waits for the successor of one that has served and ended: that is its remediation’s, and fails no release', async () => {
    const driver = await openBaked();
    const { world } = driver;
    await driver.launch(second, 'canary');
    await driver.health(second, 'canary');
    expect((await world.slots.find('web', 'canary-2-1'))?.healthyAt).toBeDefined();
    const look = () => checkNodes(world, { ...second, at: T0, phase: 'canary', deadline: world.time.now + MINUTE });
    world.nodes.become('i-web.canary-2-1.1', 'stopped', 'Client.InstanceInitiatedShutdown');
    expect(await look()).toMatchObject({ kind: 'wait', why: expect.stringMatching(/is stopped: .*; it is replaced/) as string });
    world.nodes.become('i-web.canary-2-1.1', 'terminated');
    expect(await look()).toMatchObject({ kind: 'wait' });
    driver.pass(MINUTE);
    expect(await checkNodes(world, { ...second, at: T0, phase: 'canary', deadline: world.time.now })).toMatchObject({
      kind: 'failed',
      why: expect.stringMatching(/^not healthy at the deadline: canary-2-1/) as string,
    });
  });

  it('fails at the deadline, naming who is not healthy', async () => {
    const driver = await openBaked();
    await driver.launch(second, 'canary');
    await driver.health(second, 'canary');
    driver.world.groups.overrides.set('i-web.canary-2-2.1', 'unhealthy');
    const look = (deadline: number) => checkNodes(driver.world, { ...second, at: T0, phase: 'canary', deadline });
    expect(await look(driver.world.time.now + 1)).toMatchObject({ kind: 'wait' });
    expect(await look(driver.world.time.now)).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining('canary-2-2 (i-web.canary-2-2.1) is unhealthy') as string,
    });
  });
});
