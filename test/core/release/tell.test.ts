import { describe, expect, it } from 'vitest';
import type { Notices } from '../../../core/release/ports.ts';
import { recordStage } from '../../../core/release/record-stage.ts';
import { tell, tellOrFail } from '../../../core/release/tell.ts';
import { MINUTE } from '../../fakes/fixtures.ts';
import { openStable, run } from '../../fakes/hello.ts';
import { runRelease, runRollback } from '../../fakes/memory-world.ts';

const silent: Notices = { publish: () => Promise.reject(new Error('SNS is down')) };

async function inCanary() {
  const driver = await openStable();
  await driver.uploadBoth('2.0.0');
  await runRelease(driver, run('2.0.0', 2), 'canary');
  return driver;
}

describe('notifications', () => {
  it('that cannot be sent hold no rollback up, and are sent by a later sweep', async () => {
    const driver = await inCanary();
    const { world } = driver;
    const input = { ...run('2.0.0', 2), at: world.time.now, stage: 'rolling-back' as const, why: 'test' };
    expect(await recordStage({ ...world, notices: silent }, input)).toMatchObject({ kind: 'recorded', fence: 3 });
    expect(await runRollback(driver, run('2.0.0', 2))).toBe('done');
    driver.pass(MINUTE);
    await driver.sweep();
    const release = (await world.records.findRelease('web', '2.0.0'))!;
    expect(release.transitions.every(({ notified }) => notified)).toBe(true);
    expect(new Set(world.notices.sent.filter(({ id }) => id.startsWith('web@2.0.0')).map(({ stage }) => stage))).toEqual(
      new Set(['received', 'baking', 'canary', 'rolling-back', 'rolled-back']),
    );
  });

  it('keep their order: after the first that fails none is sent, and those before it are marked', async () => {
    const { world } = await inCanary();
    const found = (await world.records.findRelease('web', '2.0.0'))!;
    const due = await world.records.putRelease({
      ...found,
      transitions: found.transitions.map((one) => ({ ...one, notified: false })),
    });
    const notices: Notices = {
      publish: (_, { stage }) => (stage === 'baking' ? Promise.reject(new Error('throttled')) : Promise.resolve()),
    };
    const told = await tell({ ...world, notices }, due);
    expect(told.transitions.map(({ notified }) => notified)).toEqual([true, false, false]);
    await expect(tellOrFail({ ...world, notices }, told)).rejects.toThrow('throttled');
  });
});
