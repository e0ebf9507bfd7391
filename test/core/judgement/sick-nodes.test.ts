import { expect, it } from 'vitest';
import { judgeRelease } from '../../../core/judgement/judge-release.ts';
import { openStable, run } from '../../fakes/hello.ts';
import { runRelease } from '../../fakes/memory-world.ts';

const second = run('2.0.0', 2);

/** Since the canary passed, everything CloudWatch tells of it is good. */
async function judgeCanary(ill: (instanceId: string) => boolean) {
  const driver = await openStable({ canary: { nodes: 2 } });
  await driver.uploadBoth('2.0.0');
  await runRelease(driver, second, 'canary');
  const { slots, groups, time } = driver.world;
  const isCanary = ({ group, version }: { group: string; version: string }) => group === 'canary' && version === '2.0.0';
  const canary = (await slots.list('web')).filter(isCanary).flatMap(({ instanceId }) => instanceId ?? []);
  for (const id of canary.filter(ill)) groups.overrides.set(id, 'unused');
  return { canary, verdict: await judgeRelease(driver.world, { ...second, at: time.now, watch: 'canary', since: time.now }) };
}

it('a node of the watched group that has powered off fails the release, though no metric tells of it', async () => {
  const { verdict } = await judgeCanary(() => true);
  expect(verdict).toEqual({ kind: 'fail', why: '2 unhealthy node(s) in canary > 0 allowed' });
});

it('nodes that serve let the metrics decide', async () => {
  const { canary, verdict } = await judgeCanary(() => false);
  expect(canary).toHaveLength(2);
  expect(verdict.kind).toBe('wait');
});
