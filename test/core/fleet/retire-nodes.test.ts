import { expect, it } from 'vitest';
import { SAMPLED } from '../../../core/remediation/plan-door.ts';
import { openStable, run } from '../../fakes/hello.ts';
import { runRelease, runRollback } from '../../fakes/memory-world.ts';

it('a fleet that is ill when it is retired has the whole evidence of its first few nodes kept, and little of the rest', async () => {
  const driver = await openStable({ nodes: 12 });
  const { world } = driver;
  await driver.uploadBoth('2.0.0');
  await runRelease(driver, run('2.0.0', 2), 'warm');
  const ill = (await world.slots.list('web')).filter(({ group, state }) => group === 'green' && state === 'launched');
  for (const { instanceId } of ill) world.groups.overrides.set(instanceId!, 'unhealthy');
  expect(await runRollback(driver, run('2.0.0', 2))).toBe('done');
  const kept = world.remediations.started.map(({ condemned }) => condemned.isSampled);
  expect(kept).toHaveLength(ill.length);
  expect(kept.filter(Boolean)).toHaveLength(SAMPLED);
});
