import { describe, expect, it } from 'vitest';
import { GRACE_MS } from '../../../core/sweep/plan-ownership.ts';
import { insistOnAll, sweep } from '../../../core/sweep/sweep.ts';
import { HOUR, MINUTE, slot } from '../../fakes/fixtures.ts';
import { fleet, openDriver, openStable, run } from '../../fakes/hello.ts';
import { aFault } from '../../fakes/ledger.ts';
import type { Driver, Stop } from '../../fakes/memory-world.ts';
import { runRelease, runRollback } from '../../fakes/memory-world.ts';

const kinds = async (driver: Driver) => (await driver.sweep()).actions.map(({ kind }) => kind);
const second = run('2.0.0', 2);

async function inFlight(stop: Stop, file: Record<string, unknown> = {}) {
  const driver = await openStable(file);
  await driver.uploadBoth('2.0.0');
  await runRelease(driver, second, stop);
  driver.pass(2 * MINUTE);
  return driver;
}

describe('the sweep', () => {
  it('does nothing while nothing is wrong', async () => {
    const driver = await openStable();
    driver.world.executions.end('release-web-1.0.0-1', 'succeeded');
    driver.pass(HOUR);
    expect(await kinds(driver)).toEqual([]);
    const busy = await inFlight('canary');
    expect(await kinds(busy)).toEqual([]);
  });

  it('starts a release whose turn was recorded and whose execution was not started', async () => {
    const driver = openDriver();
    await driver.uploadBoth('1.0.0');
    driver.world.executions.runs.clear();
    driver.pass(MINUTE);
    expect(await kinds(driver)).toEqual(['start']);
    expect([...driver.world.executions.runs]).toEqual([['release-web-1.0.0-1', 'running']]);
  });

  it.each(['baking', 'canary', 'debut', 'promoting', 'warm'] as const)(
    'rolls back a release whose execution died: %s',
    async (stop) => {
      const driver = await inFlight(stop);
      driver.world.executions.end('release-web-2.0.0-2', 'failed');
      expect(await kinds(driver)).toEqual(['roll-back']);
      expect(driver.world.executions.runs.get('rollback-web-2.0.0-2')).toBe('running');
      expect(await kinds(driver)).toEqual([]);
    },
  );

  it('starts a dead rollback again under a new fence, also when it died before it took over', async () => {
    for (const hasTaken of [true, false]) {
      const driver = await inFlight('canary');
      const { executions } = driver.world;
      executions.end('release-web-2.0.0-2', 'failed');
      await driver.sweep();
      if (hasTaken) await driver.record(second, 'rolling-back');
      executions.end('rollback-web-2.0.0-2', 'failed');
      driver.pass(MINUTE);
      expect(await kinds(driver)).toEqual([hasTaken ? 'roll-back' : 'take-over']);
      expect(executions.runs.get('rollback-web-2.0.0-3')).toBe('running');
      expect(await runRollback(driver, { ...second, fence: 3 })).toBe('done');
      expect(await fleet(driver.world)).toEqual({ 'blue unikernel 1.0.0': 4, 'baseline linux 1.0.0': 2 });
    }
  });

  it('finishes a release whose execution died while the old fleet was going, and reaps what is left of that', async () => {
    const driver = await inFlight('warm', { warmMinutes: 1 });
    const { world } = driver;
    await driver.watch(second, 'warm');
    const release = (await world.records.findRelease('web', '2.0.0'))!;
    await world.records.putRelease({ ...release, committedAt: world.time.now });
    world.executions.end('release-web-2.0.0-2', 'failed');
    driver.pass(MINUTE);
    expect(await kinds(driver)).toContain('forward');
    expect((await world.records.findService('web'))?.stable).toEqual({ version: '2.0.0', fleet: 'green' });
    for (let minutes = 0; minutes < 10; minutes++) {
      driver.pass(MINUTE);
      await driver.sweep();
    }
    expect(await fleet(world)).toEqual({ 'green unikernel 2.0.0': 4, 'baseline linux 2.0.0': 2 });
    expect(await world.nodes.list('web')).toHaveLength(6);
  });

  it('starts the first in line when nobody did', async () => {
    const driver = await openStable();
    await driver.uploadBoth('2.0.0');
    const { world } = driver;
    const record = (await world.records.findService('web'))!;
    const release = (await world.records.findRelease('web', '2.0.0'))!;
    await world.records.putRelease({ ...release, fence: 0 });
    await world.records.putService({ ...record, inFlight: undefined, queue: ['2.0.0'] });
    driver.pass(MINUTE);
    expect(await kinds(driver)).toContain('start-next');
    expect((await world.records.findService('web'))?.inFlight).toBe('2.0.0');
  });

  it('refuses a release whose second image never came, naming it', async () => {
    const driver = openDriver({ expireHours: 2 });
    await driver.upload('1.0.0', 'linux.raw');
    driver.pass(HOUR);
    expect(await kinds(driver)).toEqual([]);
    driver.pass(2 * HOUR);
    expect(await kinds(driver)).toEqual(['expire']);
    const release = await driver.world.records.findRelease('web', '1.0.0');
    expect(release?.stage).toBe('refused');
    expect(driver.world.notices.sent.at(-1)?.why).toContain('unikernel.raw did not come within 2 hour(s)');
  });

  it('admits a complete release that nobody admitted', async () => {
    const driver = openDriver();
    await driver.upload('1.0.0', 'linux.raw');
    const release = (await driver.world.records.findRelease('web', '1.0.0'))!;
    await driver.world.records.putRelease({ ...release, images: { ...release.images, unikernel: release.images.linux! } });
    driver.pass(MINUTE);
    expect(await kinds(driver)).toEqual(['admit']);
    expect((await driver.world.records.findService('web'))?.inFlight).toBe('1.0.0');
  });

  it('sets drifted weights again, but leaves a shift under way alone', async () => {
    const driver = await openStable();
    const { world } = driver;
    world.executions.end('release-web-1.0.0-1', 'succeeded');
    await world.traffic.write(world.service, { main: { green: 999 }, beta: {} });
    const record = (await world.records.findService('web'))!;
    await world.records.putService({ ...record, weightsChangedAt: world.time.now - 1000 });
    expect(await kinds(driver)).toEqual([]);
    driver.pass(2 * MINUTE);
    expect(await kinds(driver)).toEqual(['set-weights']);
    expect((await world.traffic.read(world.service)).main).toEqual({ blue: 667, baseline: 333 });
  });

  it('terminates an instance that fills no slot, after a grace', async () => {
    const driver = await openStable();
    const { world } = driver;
    const node = {
      instanceId: 'i-stray',
      service: 'web',
      version: '1.0.0',
      build: 'unikernel',
      group: 'blue',
      slot: 'blue-9-9',
    } as const;
    world.nodes.add(node);
    expect(await kinds(driver)).toEqual([]);
    driver.pass(GRACE_MS + 1000);
    expect(await kinds(driver)).toEqual(['terminate-node']);
    expect(world.nodes.state('i-stray')).toBe('terminated');
    expect(await world.nodes.list('web')).toHaveLength(6);
  });

  it('adopts the instance of a launch whose answer was lost', async () => {
    const driver = await openStable();
    const { world } = driver;
    const lost = slot({
      id: 'baseline-1-7',
      group: 'baseline',
      build: 'linux',
      state: 'recorded',
      revision: 0,
      recordedAt: world.time.now,
    });
    const unanswered = { ...lost, instanceId: undefined };
    await world.slots.put(unanswered);
    await world.nodes.launch(world.service, unanswered);
    driver.pass(GRACE_MS + 1000);
    expect(await kinds(driver)).toEqual(['adopt-node']);
    expect((await world.slots.find('web', 'baseline-1-7'))?.state).toBe('launched');
  });

  it('reaps slots, images and snapshots of a release that is over, and keeps those of the stable one', async () => {
    const driver = await openStable();
    const { world } = driver;
    await driver.bake(run('0.9.0', 1)).catch(() => undefined);
    world.images.images.set('ami-old', {
      imageId: 'ami-old',
      version: '0.9.0',
      build: 'linux',
      state: 'available',
      madeAt: world.time.now,
    });
    world.snapshots.snapshots.set('snap-old', {
      snapshotId: 'snap-old',
      version: '0.9.0',
      startedAt: world.time.now,
      service: 'web',
    });
    world.snapshots.snapshots.set('snap-linux-1.0.0', {
      snapshotId: 'snap-linux-1.0.0',
      version: '1.0.0',
      startedAt: 0,
      service: 'web',
    });
    await world.slots.put(slot({ id: 'canary-9-1', group: 'canary', version: '0.9.0', revision: 0, recordedAt: world.time.now }));
    expect(await kinds(driver)).toEqual([]);
    for (let minutes = 0; minutes < 70; minutes++) {
      driver.pass(MINUTE);
      await driver.sweep();
    }
    expect([...world.images.images.keys()]).toEqual(['ami-linux-1.0.0', 'ami-unikernel-1.0.0']);
    expect([...world.snapshots.snapshots.keys()]).toEqual(['snap-linux-1.0.0']);
    expect((await world.slots.find('web', 'canary-9-1'))?.state).toBe('gone');
  });

  it('sends a notice that was recorded and not sent', async () => {
    const driver = await openStable();
    const { world } = driver;
    const release = (await world.records.findRelease('web', '1.0.0'))!;
    const transitions = release.transitions.map((one, index) => (index === 3 ? { ...one, notified: false } : one));
    await world.records.putRelease({ ...release, transitions });
    driver.pass(MINUTE);
    expect(await kinds(driver)).toEqual(['notify']);
    expect(world.notices.sent.at(-1)?.id).toBe(transitions[3]?.id);
  });

  it('sends the notice of a fault that was decided and not told, and leaves its own step the time to tell it', async () => {
    const driver = await openStable();
    const { faults, faultNotices, time } = driver.world;
    const fault = aFault({ at: time.now });
    driver.pass(5 * MINUTE);
    const told = { escalation: { kind: 'replace', why: '' }, decidedAt: time.now, notified: false } as const;
    const kept = {
      evidence: { captured: 0, missed: 0 },
      isFinal: false,
      replacement: { build: 'unikernel' },
      revision: 0,
    } as const;
    await faults.put({ ...fault, ...told, ...kept });
    driver.pass(MINUTE / 2);
    expect(await kinds(driver)).toEqual([]);
    driver.pass(MINUTE);
    expect(await kinds(driver)).toEqual(['notify']);
    expect(faultNotices.faults.map(({ id }) => id)).toEqual([fault.id]);
    expect(await kinds(driver)).toEqual([]);
  });

  it('goes on with other duties and services when one fails', async () => {
    const driver = await openStable();
    const { world } = driver;
    const traffic = { read: () => Promise.reject(new Error('throttled')), write: () => Promise.resolve() };
    world.nodes.add({ instanceId: 'i-stray', service: 'web', version: '1.0.0', build: 'linux', group: 'canary', slot: 'none' });
    driver.pass(GRACE_MS + 1000);
    const answer = await sweep({ ...world, traffic }, { time: world.time.now });
    expect(answer.actions.map(({ kind }) => kind)).toEqual(['failed', 'terminate-node']);
    expect(answer.actions[0]?.why).toContain('throttled');
    expect(() => insistOnAll(answer)).toThrow(expect.objectContaining({ name: 'SweepIncomplete' }));
    expect(() => insistOnAll(answer)).toThrow(/throttled.*i-stray/);
  });

  it('finds nodes that do not serve though EC2 does not tell of its checks, and says that it did not', async () => {
    const { world } = await openStable();
    const [node] = (await world.slots.list('web')).filter(({ group }) => group === 'blue');
    world.groups.overrides.set(node!.instanceId!, 'unhealthy');
    const checks = { impairments: () => Promise.reject(new Error('throttled')) };
    const look = () => sweep({ ...world, checks }, { time: world.time.now });
    expect((await look()).actions).toMatchObject([{ kind: 'failed', why: "EC2's checks of nodes: throttled" }]);
    world.time.now += MINUTE;
    expect((await look()).actions.map(({ kind }) => kind)).toContain('condemned-node');
  });

  it('leaves a failed node to its remediation, also when that has just been told and is not started yet', async () => {
    const driver = await openStable();
    const { world } = driver;
    const [dead] = (await world.slots.list('web')).filter(({ group, state }) => group === 'blue' && state === 'launched');
    world.nodes.become(dead!.instanceId!, 'stopped');
    driver.pass(GRACE_MS + 1000);
    expect(await kinds(driver)).toEqual(['condemned-node']);
    world.remediations.runs.clear();
    expect(await kinds(driver)).toEqual([]);
    driver.pass(MINUTE);
    expect(await kinds(driver)).toEqual(['start-remediation']);
    // It bears its slot's tag and does not fill it: it is no stray, and goes with no drain.
    const slot = (await world.slots.find('web', dead!.id))!;
    const next = { ...slot, state: 'launched', instanceId: 'i-next', launchedAt: world.time.now } as const;
    world.nodes.add({ ...next, slot: next.id });
    await world.groups.register(world.service, 'blue', ['i-next']);
    const filled = await world.slots.put(next);
    await driver.sweep();
    expect(world.nodes.state(dead!.instanceId!)).toBe('stopped');
    await world.slots.put({ ...(await world.slots.find('web', filled.id))!, state: 'retiring', retiringSince: 0 });
    await driver.sweep();
    expect(['i-next', dead!.instanceId!].map((id) => world.nodes.state(id))).toEqual(['terminated', 'stopped']);
  });

  it('asks for no more nodes once the budget has held one', async () => {
    const { world } = await openStable({ remediation: { killsPerHour: 1 } });
    const dead = (await world.slots.list('web'))
      .filter(({ group, state }) => group === 'blue' && state === 'launched')
      .slice(0, 3);
    for (const { instanceId } of dead) world.nodes.become(instanceId!, 'stopped');
    const { actions } = await sweep(world, { time: world.time.now });
    expect(actions.map(({ kind }) => kind)).toEqual(['condemned-node', 'held-node']);
  });

  it('heals the other nodes when it fails at one of them', async () => {
    const { world } = await openStable();
    const dead = (await world.slots.list('web'))
      .filter(({ group, state }) => group === 'blue' && state === 'launched')
      .slice(0, 3);
    for (const { instanceId } of dead) world.nodes.become(instanceId!, 'stopped');
    const { slots } = world;
    const put = slots.put.bind(slots);
    slots.put = (one) => (one.id === dead[0]!.id ? Promise.reject(new Error('throttled')) : put(one));
    const { actions } = await sweep(world, { time: world.time.now });
    expect(actions.map(({ kind }) => kind)).toEqual(['failed', 'condemned-node', 'condemned-node']);
    expect(actions[0]?.why).toMatch(new RegExp(`${dead[0]!.id}.*throttled`));
  });

  it('takes up the other remediations when it fails at one of them', async () => {
    const { world } = await openStable();
    const dead = (await world.slots.list('web'))
      .filter(({ group, state }) => group === 'blue' && state === 'launched')
      .slice(0, 3);
    for (const { instanceId } of dead) world.nodes.become(instanceId!, 'stopped');
    await sweep(world, { time: world.time.now });
    const { remediations } = world;
    for (const name of remediations.runs.keys()) remediations.end(name, 'failed');
    const state = remediations.state.bind(remediations);
    remediations.state = (one) =>
      one.condemned.instanceId === dead[0]!.instanceId ? Promise.reject(new Error('throttled')) : state(one);
    world.time.now += MINUTE;
    const { actions } = await sweep(world, { time: world.time.now });
    expect(actions.map(({ kind }) => kind)).toEqual(['failed', 'restart-remediation', 'restart-remediation']);
  });

  it('reads the releases once, however many of its duties want them', async () => {
    const { world } = await openStable();
    let reads = 0;
    const { records } = world;
    const list = records.releases.bind(records);
    records.releases = (service) => {
      reads++;
      return list(service);
    };
    await sweep(world, { time: world.time.now });
    expect(reads).toBe(1);
  });

  it('says in one line of bounded length what it did', async () => {
    const driver = await openStable();
    expect((await driver.sweep()).why).toBe('nothing was wrong');
    for (let n = 0; n < 25; n++) {
      const tags = { service: 'web', version: '1.0.0', build: 'linux', group: 'canary', slot: 'none' } as const;
      driver.world.nodes.add({ instanceId: `i-${n}`, ...tags });
    }
    driver.pass(GRACE_MS + 1000);
    const { why } = insistOnAll(await driver.sweep());
    expect(why).toMatch(/^terminate-node web: instance i-0 .*; and 5 more$/);
  });
});
