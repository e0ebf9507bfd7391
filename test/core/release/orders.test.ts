import { describe, expect, it } from 'vitest';
import { judgeRelease } from '../../../core/judgement/judge-release.ts';
import { beginRollback } from '../../../core/release/begin-rollback.ts';
import { order } from '../../../core/release/order.ts';
import type { OrderKind } from '../../../core/release/release.ts';
import { waiverOf } from '../../../core/judgement/hold.ts';
import { changeRelease } from '../../../core/release/change-record.ts';
import { HOUR, MINUTE } from '../../fakes/fixtures.ts';
import { openStable, run } from '../../fakes/hello.ts';
import type { Driver, Stop } from '../../fakes/memory-world.ts';
import { runRelease } from '../../fakes/memory-world.ts';

const second = run('2.0.0', 2);
const give = (driver: Driver, intent: OrderKind, version = '2.0.0') =>
  driver.step((ports) => order(ports, { service: 'web', version, intent, by: 'ann', why: 'because' }));
const find = async (driver: Driver, version = '2.0.0') => (await driver.world.records.findRelease('web', version))!;

async function openAt(stop: Stop, file: Record<string, unknown> = {}) {
  const driver = await openStable(file);
  await driver.uploadBoth('2.0.0');
  await runRelease(driver, second, stop);
  return driver;
}

const refused = (why: string) => ({ name: 'OrderRefused', message: expect.stringContaining(why) as string });

describe('an order', () => {
  it('to abort is written and starts the rollback at once; every later step stops', async () => {
    const driver = await openAt('canary');
    await give(driver, 'abort');
    expect(driver.world.executions.reasons.get('rollback-web-2.0.0-2')).toBe('aborted by ann: because');
    await expect(driver.record(second, 'debut')).rejects.toMatchObject({ name: 'ReleaseAborted' });
    await expect(driver.watch(second, 'canary')).rejects.toMatchObject({ name: 'ReleaseAborted' });
    await give(driver, 'abort');
    expect((await find(driver)).orders).toHaveLength(1);
    await expect(give(driver, 'promote')).rejects.toMatchObject(refused('being stopped'));
  });

  it('to abort what waits in line refuses it and takes it out of the line', async () => {
    const driver = await openAt('canary', { onNewRelease: 'queue' });
    await driver.uploadBoth('3.0.0');
    await give(driver, 'abort', '3.0.0');
    expect((await find(driver, '3.0.0')).stage).toBe('refused');
    expect((await driver.world.records.findService('web'))?.queue).toEqual([]);
  });

  it('to pause holds the release at its next look, and never hides that it fails', async () => {
    const driver = await openAt('canary');
    await give(driver, 'pause');
    const { now } = driver.world.time;
    const look = await judgeRelease(driver.world, { ...second, at: now + HOUR, watch: 'canary', since: now });
    expect(look).toMatchObject({ kind: 'wait', why: expect.stringContaining('paused') as string });
    driver.world.metrics.rates.set('canary', { requests: 100, errors: 50 });
    expect((await driver.watch(second, 'canary')).kind).toBe('fail');
    await give(driver, 'resume');
    expect((await find(driver)).orders.map(({ kind }) => kind)).toEqual(['pause', 'resume']);
    expect((await find(driver)).paused).toBe(false);
  });

  it('to promote opens the gate; without it the gate is inconclusive when its time is over', async () => {
    const driver = await openAt('debut', { promotion: { gateHours: 2 } });
    await driver.record(second, 'promoting');
    const since = driver.world.time.now;
    expect((await driver.watch(second, 'gate')).kind).toBe('inconclusive');
    expect(driver.world.time.now - since).toBeGreaterThanOrEqual(2 * HOUR);
    await give(driver, 'promote');
    expect(await driver.watch(second, 'gate')).toMatchObject({ kind: 'pass', why: 'promoted by ann: because' });
  });

  it('to promote that was for the gate is given again for a release that is held, and each counts once', async () => {
    const driver = await openAt('canary', { promotion: { gateHours: 2 } });
    const { records, time } = driver.world;
    expect((await give(driver, 'promote')).why).toContain('its gate is open');
    driver.pass(MINUTE);
    const trouble = { since: time.now, why: 'the database' };
    await changeRelease(records, second, (now) => ({ ...now, trouble }));
    expect(waiverOf(await find(driver))).toBeUndefined();
    driver.pass(MINUTE);
    expect((await give(driver, 'promote')).why).toContain('it goes on, though old and new fail alike');
    expect(waiverOf(await find(driver))).toEqual({ by: 'ann', why: 'because' });
    expect((await give(driver, 'promote')).why).toContain('it was ordered already');
  });

  it('that does not fit is refused, with what can be done', async () => {
    const driver = await openAt('canary');
    await expect(give(driver, 'promote')).rejects.toMatchObject(refused('no gate'));
    await expect(give(driver, 'finish')).rejects.toMatchObject(refused('only a warm release'));
    await expect(give(driver, 'abort', '1.0.0')).rejects.toMatchObject(refused('stable already'));
    await expect(give(driver, 'abort', '9.9.9')).rejects.toMatchObject({ name: 'ReleaseUnknown' });
  });

  it('to finish ends the warm time', async () => {
    const driver = await openAt('warm', { warmMinutes: 2880 });
    await give(driver, 'finish');
    expect(await driver.watch(second, 'warm')).toMatchObject({ kind: 'pass', why: 'ended by ann: because' });
  });
});

describe('the end of an execution', () => {
  const ended = (driver: Driver, name: string) =>
    beginRollback(driver.world, {
      detail: { executionArn: `arn:aws:states:eu:1:execution:tandem-release:${name}`, status: 'ABORTED' },
    });

  it('starts the rollback of a release in flight, once', async () => {
    const driver = await openAt('canary');
    expect((await ended(driver, 'release-web-2.0.0-2')).kind).toBe('started');
    expect((await ended(driver, 'release-web-2.0.0-2')).kind).toBe('started');
    expect([...driver.world.executions.runs.keys()].filter((name) => name.startsWith('rollback'))).toEqual([
      'rollback-web-2.0.0-2',
    ]);
  });

  it('is ignored when the release is over, taken over, or nobody we know', async () => {
    const driver = await openAt('canary');
    expect((await ended(driver, 'release-web-1.0.0-1')).kind).toBe('ignored');
    expect((await ended(driver, 'release-nobody-1.0.0-1')).kind).toBe('ignored');
    expect((await ended(driver, '3f2c')).kind).toBe('ignored');
    await driver.record(second, 'rolling-back');
    expect((await ended(driver, 'release-web-2.0.0-2')).kind).toBe('ignored');
  });
});

describe('a stage', () => {
  it('recorded again changes nothing, and out of order is refused', async () => {
    const driver = await openAt('canary');
    const before = await find(driver);
    await driver.record(second, 'canary');
    expect(await find(driver)).toEqual(before);
    await expect(driver.record(second, 'warm')).rejects.toMatchObject({
      name: 'InputInvalid',
      message: expect.stringContaining('cannot become "warm"') as string,
    });
  });

  it('whose notice was not sent sends it when it is recorded again', async () => {
    const driver = await openAt('canary');
    const release = await find(driver);
    const transitions = release.transitions.map((one, index, list) =>
      index === list.length - 1 ? { ...one, notified: false } : one,
    );
    await driver.world.records.putRelease({ ...release, transitions });
    const sent = driver.world.notices.sent.length;
    await driver.record(second, 'canary');
    expect(driver.world.notices.sent.slice(sent).map(({ id }) => id)).toEqual([transitions.at(-1)?.id]);
  });
});
