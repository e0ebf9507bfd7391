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

it('a node that failed since the watch began counts, though its successor serves; one that was ordered away does not', async () => {
  for (const [way, kind] of [
    ['state-change', 'fail'],
    ['operator', 'wait'],
  ] as const) {
    const driver = await openStable();
    await driver.uploadBoth('2.0.0');
    await runRelease(driver, second, 'canary');
    const { slots, time } = driver.world;
    const slot = (await slots.list('web')).find(({ group, version }) => group === 'canary' && version === '2.0.0')!;
    const gone = { faultId: 'i-0-1', instanceId: 'i-0', attempt: 1, build: 'linux', zone: 'zone-0', at: time.now, way } as const;
    const rest = { detectedAt: time.now, why: '', isHung: false, wasHealthy: true, wasInFlight: true, isSampled: true, run: 1 };
    await slots.put({ ...slot, condemned: [{ ...gone, ...rest }] });
    const verdict = await judgeRelease(driver.world, { ...second, at: time.now, watch: 'canary', since: time.now });
    expect(verdict.kind).toBe(kind);
  }
});
