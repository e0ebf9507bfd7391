/** A release whose nodes fail is taken back once, and whoever takes it back already is let be. */
import { describe, expect, it } from 'vitest';
import { changeRelease } from '../../../core/release/change-record.ts';
import { order } from '../../../core/release/order.ts';
import { goBack } from '../../../core/remediation/go-back.ts';
import type { FaultRecord } from '../../../core/remediation/ports.ts';
import { openStable, run } from '../../fakes/hello.ts';
import type { Driver, Stop } from '../../fakes/memory-world.ts';
import { runRelease, runRollback } from '../../fakes/memory-world.ts';
import { aFault } from '../../fakes/ledger.ts';

const second = run('2.0.0', 2);

async function inFlight(stop: Stop = 'debut'): Promise<Driver> {
  const driver = await openStable();
  await driver.uploadBoth('2.0.0');
  await runRelease(driver, second, stop);
  return driver;
}

function fail({ world }: Driver) {
  const fault: FaultRecord = {
    ...aFault({ version: '2.0.0', wasInFlight: true }),
    ...{ escalation: { kind: 'roll-back', why: '' }, evidence: { captured: 0, missed: 0 }, isFinal: false },
    ...{ replacement: { build: 'unikernel' }, notified: false, revision: 1 },
  };
  return goBack(world, fault, '3 nodes of 2.0.0 failed alike');
}

const find = ({ world }: Driver) => world.records.findRelease('web', '2.0.0');
const rollbacks = ({ world }: Driver) => [...world.executions.runs.keys()].filter((name) => name.startsWith('rollback'));

describe('a release in flight whose nodes fail', () => {
  it('is aborted, and its rollback started, once for all of them', async () => {
    const driver = await inFlight();
    for (let fault = 0; fault < 3; fault++) expect(await fail(driver)).toMatchObject({ isGoing: true });
    expect(await find(driver)).toMatchObject({ intent: { kind: 'abort', by: 'tandem' } });
    expect(rollbacks(driver)).toEqual(['rollback-web-2.0.0-2']);
    expect(await runRollback(driver, second)).toBe('done');
  });

  it('is not taken from the rollback that has it already', async () => {
    const driver = await inFlight();
    await driver.record(second, 'rolling-back', 'the verdict fails');
    const before = await find(driver);
    for (let fault = 0; fault < 3; fault++) expect(await fail(driver)).toMatchObject({ isGoing: true });
    expect(await find(driver)).toEqual(before);
    expect(rollbacks(driver)).toEqual([]);
  });

  it('ends as superseded where a newer one has taken its place', async () => {
    const driver = await inFlight();
    await driver.uploadBoth('3.0.0');
    expect(await find(driver)).toMatchObject({ intent: { kind: 'supersede' } });
    expect(await fail(driver)).toMatchObject({ isGoing: true });
    expect(await runRollback(driver, second)).toBe('done');
    expect(await find(driver)).toMatchObject({ stage: 'superseded' });
  });

  it('calls for nobody when it has been taken back by the time that is known', async () => {
    const driver = await inFlight();
    await order(driver.world, { ...second, intent: 'abort', by: 'ada', why: 'smells' });
    expect(await runRollback(driver, second)).toBe('done');
    expect(await fail(driver)).toMatchObject({ isGoing: true });
  });

  it('cannot go back when it is stable, or past its return: somebody is called', async () => {
    const late = await inFlight('warm');
    await changeRelease(late.world.records, second, (now) => ({ ...now, committedAt: late.world.time.now }));
    expect(await fail(late)).toEqual({ isGoing: false, why: 'web@2.0.0 is past its return' });
    const stable = await inFlight('stable');
    expect(await fail(stable)).toMatchObject({ isGoing: false, why: expect.stringContaining('is not in flight') as string });
    expect([...rollbacks(late), ...rollbacks(stable)]).toEqual([]);
  });
});
