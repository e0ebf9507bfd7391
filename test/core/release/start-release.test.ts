import { expect, it } from 'vitest';
import { startNext, startRelease } from '../../../core/release/start-release.ts';
import { openDriver, openStable } from '../../fakes/hello.ts';

it('a straggler does not start again what has been and gone since it looked', async () => {
  const { world } = await openStable();
  const outcome = await startRelease(world, { service: 'web', version: '1.0.0' }, 0);
  expect(outcome).toBe('taken');
  expect((await world.records.findService('web'))?.inFlight).toBeUndefined();
});

it('a release that ended while it waited in line is passed over', async () => {
  const driver = openDriver();
  await driver.upload('1.0.0', 'linux.raw', { size: 0 });
  const { records } = driver.world;
  await records.putService({ service: 'web', fence: 0, revision: 0, queue: ['1.0.0'], weights: { main: {}, beta: {} } });
  expect(await startNext(driver.world, 'web')).toBeUndefined();
  expect((await records.findService('web'))?.queue).toEqual([]);
});
