import { expect, it } from 'vitest';
import { judgeRelease } from '../../../core/judgement/judge-release.ts';
import type { Condemned } from '../../../core/fleet/fleet.ts';
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

it('nodes of the watched group that have powered off fail the release, though no metric tells of them', async () => {
  const { verdict } = await judgeCanary(() => true);
  expect(verdict).toEqual({ kind: 'fail', why: '2 unhealthy node(s) in canary > 0 allowed, besides one that alone is bad' });
});

it('one that alone has is waited for: the release is not to blame for it', async () => {
  let isFirst = true;
  const { verdict } = await judgeCanary(() => isFirst && !(isFirst = false));
  expect(verdict.kind).toBe('wait');
});

it('nodes that serve let the metrics decide', async () => {
  const { canary, verdict } = await judgeCanary(() => false);
  expect(canary).toHaveLength(2);
  expect(verdict.kind).toBe('wait');
});

interface Fallen {
  readonly instanceId: string;
  readonly way?: Condemned['way'];
}

/** A canary of one node, in whose slot others have failed before. */
async function judgeAfter(...fallen: readonly Fallen[]) {
  const driver = await openStable({ canary: { nodes: 1 } });
  await driver.uploadBoth('2.0.0');
  await runRelease(driver, second, 'canary');
  const { slots, time } = driver.world;
  const slot = (await slots.list('web')).find(({ group, version }) => group === 'canary' && version === '2.0.0')!;
  const gone = { attempt: 1, build: 'linux', zone: 'zone-0', at: time.now } as const;
  const rest = { detectedAt: time.now, why: '', isHung: false, wasHealthy: true, wasInFlight: true, isSampled: true, run: 1 };
  const condemned = fallen.map(({ instanceId, way = 'state-change' as const }, index) => ({
    ...{ ...gone, ...rest, way, instanceId, attempt: index + 1, faultId: `${instanceId}-${index + 1}` },
  }));
  await slots.put({ ...slot, attempt: fallen.length + 1, condemned });
  return judgeRelease(driver.world, { ...second, at: time.now, watch: 'canary', since: time.now });
}

it('a node is replaced once; when its successor fails too the release is to blame, though the third serves', async () => {
  expect((await judgeAfter({ instanceId: 'i-0' })).kind).toBe('wait');
  const verdict = await judgeAfter({ instanceId: 'i-0' }, { instanceId: 'i-1' });
  expect(verdict).toMatchObject({ kind: 'fail', why: expect.stringContaining('2 unhealthy node(s)') as string });
});

it('nodes that were ordered away do not count', async () => {
  const away = { way: 'operator' } as const;
  expect((await judgeAfter({ instanceId: 'i-0', ...away }, { instanceId: 'i-1', ...away })).kind).toBe('wait');
});
