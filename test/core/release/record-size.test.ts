/** A record is one item, and DynamoDB takes 400 KB: whatever repeats for weeks must not make it grow. */
import { expect, it } from 'vitest';
import { judgeRelease } from '../../../core/judgement/judge-release.ts';
import { order } from '../../../core/release/order.ts';
import { MINUTE } from '../../fakes/fixtures.ts';
import { openStable, run } from '../../fakes/hello.ts';
import { runRelease } from '../../fakes/memory-world.ts';

const second = run('2.0.0', 2);

async function inCanary() {
  const driver = await openStable({ promotion: { gateHours: 1 } });
  await driver.uploadBoth('2.0.0');
  await runRelease(driver, second, 'canary');
  const find = async () => (await driver.world.records.findRelease('web', '2.0.0'))!;
  return { driver, world: driver.world, find };
}

it('a rollback that dies again and again tells its stage once', async () => {
  const { driver, world, find } = await inCanary();
  world.executions.end('release-web-2.0.0-2', 'failed');
  driver.pass(MINUTE);
  await driver.sweep();
  await driver.record(second, 'rolling-back');
  for (let fence = 2; fence < 30; fence++) {
    world.executions.end(`rollback-web-2.0.0-${fence}`, 'failed');
    driver.pass(MINUTE);
    await driver.sweep();
    await driver.record(run('2.0.0', fence + 1), 'rolling-back');
  }
  const { fence, transitions } = await find();
  expect(fence).toBe(31);
  expect(transitions.filter(({ stage }) => stage === 'rolling-back')).toHaveLength(1);
});

it('the newest hundred orders are kept', async () => {
  const { world, find } = await inCanary();
  for (let n = 0; n < 120; n++) {
    const intent = n % 2 === 0 ? 'pause' : 'resume';
    await order(world, { service: 'web', version: '2.0.0', intent, by: 'ann', why: `${n}` });
  }
  const { orders } = await find();
  expect(orders).toHaveLength(100);
  expect(orders.at(-1)?.why).toBe('119');
});

it('the newest verdicts of watched groups are kept with the numbers of their tests', async () => {
  const { driver, world, find } = await inCanary();
  world.metrics.unhealthy.set('canary', 5);
  for (let n = 0; n < 30; n++) {
    driver.pass(10 * MINUTE);
    await judgeRelease(world, { ...second, at: world.time.now, watch: 'canary', since: world.time.now - 5 * MINUTE });
  }
  const { verdicts } = await find();
  const detailed = verdicts.filter(({ tests = [] }) => tests.length > 0);
  expect([verdicts.length > 29, detailed.length]).toEqual([true, 20]);
  expect(verdicts.at(-1)).toBe(detailed.at(-1));
});

it('the newest fifty verdicts are kept', async () => {
  const { driver, world, find } = await inCanary();
  const since = world.time.now;
  for (let n = 0; n < 60; n++) {
    driver.pass(60 * MINUTE);
    await judgeRelease(world, { ...second, at: world.time.now, watch: 'gate', since });
  }
  const { verdicts } = await find();
  expect(verdicts).toHaveLength(50);
  expect(verdicts.at(-1)?.at).toBe(world.time.now);
});
