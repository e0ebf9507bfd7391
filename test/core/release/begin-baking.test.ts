import { describe, expect, it } from 'vitest';
import { Saboteur } from '../../fakes/crash.ts';
import { fleet, openDriver, openStable, run } from '../../fakes/hello.ts';
import { Driver } from '../../fakes/memory-world.ts';

const containing = (text: string) => expect.stringContaining(text) as string;
const find = async ({ world }: Driver, version: string) => (await world.records.findRelease('web', version))!;

/** 2.0.0 has its turn, and there is room for `vcpus`. */
async function openFull(vcpus: number, file: Record<string, unknown> = {}): Promise<Driver> {
  const driver = await openStable(file);
  driver.world.quotas.allow(vcpus);
  await driver.uploadBoth('2.0.0');
  return driver;
}

describe('a release the account has no room for', () => {
  it('is refused before anything is baked or launched, with the reason and what to do', async () => {
    const driver = await openFull(29);
    const before = await fleet(driver.world);
    const answer = await driver.record(run('2.0.0', 2), 'baking');
    const why = containing('30 > 29. Request an increase of "Running On-Demand Standard instances" in Service Quotas');
    expect(answer).toMatchObject({ kind: 'over', why });
    const { stage, transitions } = await find(driver, '2.0.0');
    expect(stage).toBe('refused');
    expect(transitions.at(-1)).toMatchObject({ stage: 'refused', notified: true, why });
    expect(await fleet(driver.world)).toEqual(before);
    expect(await driver.world.records.findService('web')).toMatchObject({ stable: { version: '1.0.0' } });
    expect((await driver.world.records.findService('web'))?.inFlight).toBeUndefined();
  });

  it('goes ahead with one vCPU more, and its history says that there was room', async () => {
    const driver = await openFull(30);
    expect(await driver.record(run('2.0.0', 2), 'baking')).toMatchObject({ kind: 'recorded' });
    expect((await find(driver, '2.0.0')).transitions.at(-1)).toMatchObject({ stage: 'baking', why: containing('there is room') });
  });

  it('goes ahead where nobody knows, and its history says why', async () => {
    const driver = await openFull(0);
    const { answer } = driver.world.quotas;
    driver.world.quotas.answer = { ...answer, vcpus: { kind: 'unknown', why: 'Service Quotas: AccessDenied' } };
    await driver.record(run('2.0.0', 2), 'baking');
    expect((await find(driver, '2.0.0')).transitions.at(-1)).toMatchObject({ stage: 'baking', why: containing('AccessDenied') });
  });

  it('makes way for the next in line', async () => {
    const driver = await openFull(0, { onNewRelease: 'queue' });
    await driver.uploadBoth('3.0.0');
    await driver.record(run('2.0.0', 2), 'baking');
    expect((await driver.world.records.findService('web'))?.inFlight).toBe('3.0.0');
    expect([...driver.world.executions.runs.keys()]).toContain('release-web-3.0.0-3');
  });
});

describe('what was decided first', () => {
  it.each([
    ['baking', 100, 0],
    ['refused', 0, 100],
  ])('stands when the step is repeated: %s', async (stage, first, second) => {
    const driver = await openFull(first);
    const answer = await driver.record(run('2.0.0', 2), 'baking');
    driver.world.quotas.allow(second);
    expect(await driver.record(run('2.0.0', 2), 'baking')).toEqual(answer);
    expect((await find(driver, '2.0.0')).stage).toBe(stage);
  });

  it('stands when the step runs twice at once', async () => {
    const driver = await openFull(0);
    const { quotas } = driver.world;
    const refused = quotas.answer;
    quotas.room = async () => {
      quotas.room = () => Promise.resolve(refused);
      await driver.record(run('2.0.0', 2), 'baking');
      quotas.allow(100);
      return quotas.answer;
    };
    expect(await driver.record(run('2.0.0', 2), 'baking')).toMatchObject({ kind: 'over' });
    const { stage, transitions } = await find(driver, '2.0.0');
    expect([stage, transitions.filter((one) => one.stage === 'baking')]).toEqual(['refused', []]);
  });

  it('is carried out to its end, wherever the step is killed', async () => {
    const open = () => openFull(0, { onNewRelease: 'queue' });
    const counter = new Saboteur();
    await new Driver((await open()).world, counter).record(run('2.0.0', 2), 'baking');
    expect(counter.calls).toBeGreaterThan(8);
    for (let at = 1; at <= counter.calls; at++) {
      const { world } = await open();
      const driver = new Driver(world, new Saboteur({ at }));
      expect((await driver.record(run('2.0.0', 2), 'baking')).kind, `killed after call ${at}`).toBe('over');
      expect((await find(driver, '2.0.0')).stage).toBe('refused');
      expect(new Set(world.notices.sent.filter(({ stage }) => stage === 'refused').map(({ id }) => id)).size).toBe(1);
      expect((await world.records.findService('web'))?.inFlight).toBeUndefined();
    }
  });

  it('leaves a rollback that comes too late nothing to do', async () => {
    const driver = openDriver();
    driver.world.quotas.allow(0);
    await driver.uploadBoth('1.0.0');
    await driver.record(run('1.0.0', 1), 'baking');
    expect(await driver.record(run('1.0.0', 1), 'rolling-back')).toMatchObject({ kind: 'over' });
    expect((await find(driver, '1.0.0')).stage).toBe('refused');
  });
});
