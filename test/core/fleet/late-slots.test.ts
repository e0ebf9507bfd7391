import { describe, expect, it } from 'vitest';
import { lateSlots } from '../../../core/fleet/plan-reap.ts';
import type { ReapFacts } from '../../../core/fleet/plan-reap.ts';
import type { Slot } from '../../../core/fleet/fleet.ts';
import { NO_WEIGHTS } from '../../../core/release/release.ts';
import { MINUTE, release, service, slot, T0 } from '../../fakes/fixtures.ts';
import { openStable, run } from '../../fakes/hello.ts';
import { runRelease, runRollback } from '../../fakes/memory-world.ts';

const { file } = service({ health: { deadlineSeconds: 120 } });
const healthy = (over: Partial<Slot>): readonly Slot[] => [slot({ id: 'canary-2-1', version: '2.0.0', launchedAt: T0, ...over })];
const late = (slots: readonly Slot[]) => {
  const facts: ReapFacts = { file, release: release({ version: '2.0.0' }), fence: 2, slots, healthy: slots, weights: NO_WEIGHTS };
  return lateSlots(facts, T0 + 3 * MINUTE);
};

describe('a node that is healthy when its release is taken back', () => {
  it('was slow, if it became so after its deadline', () => {
    expect(late(healthy({}))).toEqual([{ id: 'canary-2-1', afterMs: 3 * MINUTE }]);
    expect(late(healthy({ healthyAt: T0 + 2.6 * MINUTE }))).toEqual([{ id: 'canary-2-1', afterMs: 2.6 * MINUTE }]);
  });

  it.each<[string, Partial<Slot>]>([
    ['in time', { healthyAt: T0 + MINUTE }],
    ['at the last look', { healthyAt: T0 + 2.1 * MINUTE }],
    ['launched a moment ago', { launchedAt: T0 + 2 * MINUTE }],
    ['of the release that stays', { version: '1.0.0' }],
  ])('was not slow: %s', (_what, over) => {
    expect(late(healthy(over))).toEqual([]);
  });

  it('is told of once in the history of its release, beside the reason', async () => {
    const driver = await openStable();
    const second = run('2.0.0', 2);
    await driver.uploadBoth('2.0.0');
    await runRelease(driver, second, 'baking');
    await driver.record(second, 'canary');
    await driver.launch(second, 'canary');
    driver.world.groups.overrides.set('i-web.canary-2-1.1', 'unhealthy');
    await expect(driver.health(second, 'canary')).rejects.toThrow('never became healthy');
    driver.pass(20 * MINUTE);
    driver.world.groups.overrides.clear();
    await runRollback(driver, second);
    const { transitions } = (await driver.world.records.findRelease('web', '2.0.0'))!;
    const remarks = transitions.filter(({ about }) => about !== undefined);
    expect(remarks.map(({ stage, why }) => `${stage}: ${why}`)).toEqual([
      expect.stringMatching(/^rolling-back: healthy after all: canary-2-1 within \d+ s of its launch/),
    ]);
  });
});
