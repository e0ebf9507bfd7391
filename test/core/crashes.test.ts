/**
 * Every step is killed after every port call, when the call has had its effect; retried, it ends in the same state. (To
 * die before a call is to die after the one before it.)
 */
import { describe, expect, it } from 'vitest';
import { order } from '../../core/release/order.ts';
import { Saboteur } from '../fakes/crash.ts';
import { fleet, openDriver, openStable, run } from '../fakes/hello.ts';
import type { World } from '../fakes/memory-world.ts';
import { Driver, runRelease, runRollback } from '../fakes/memory-world.ts';

const SMALL = {
  nodes: 2,
  linuxNodes: 1,
  canary: { nodes: 1, minutes: 1 },
  debut: { nodes: 1, minutes: 1 },
  promotion: { maxSurge: 1, watchMinutes: 1 },
  warmMinutes: 1,
};

/** What an operator could tell apart afterwards. */
async function endState(world: World) {
  const record = { ...(await world.records.findService('web')), revision: 0, weightsChangedAt: 0 };
  const releases = await world.records.releases('web');
  return {
    record,
    fleet: await fleet(world),
    instances: (await world.nodes.list('web')).map(({ slot }) => slot).sort(),
    traffic: await world.traffic.read(world.service),
    images: [...world.images.images.keys()].sort(),
    releases: releases.map(({ version, stage, fence, intent, transitions, verdicts }) => ({
      version,
      stage,
      fence,
      intent: intent?.kind,
      transitions: transitions.map((one) => [one.id, one.stage, one.notified]),
      verdicts: verdicts.map((one) => [one.stage, one.kind]),
    })),
    notified: [...new Set(world.notices.sent.map(({ id }) => id))].sort(),
    executions: [...world.executions.runs.keys()].sort(),
  };
}

/** Runs the story whole, then once for every port call it makes (or for one in `every`), killed there. */
async function killEverywhere(open: () => Promise<World>, story: (driver: Driver) => Promise<void>, every = 1): Promise<number> {
  const counter = new Saboteur();
  const undisturbed = await open();
  await story(new Driver(undisturbed, counter));
  const wanted = await endState(undisturbed);
  for (let at = 1; at <= counter.calls; at += every) {
    const world = await open();
    await story(new Driver(world, new Saboteur({ at })));
    expect(await endState(world), `killed after call ${at}`).toEqual(wanted);
  }
  return counter.calls;
}

const stable = async () => (await openStable(SMALL)).world;
const empty = () => Promise.resolve(openDriver(SMALL).world);

describe('a step killed at any port call', { timeout: 120_000 }, () => {
  it('of a first release ends in the same state', async () => {
    const calls = await killEverywhere(
      empty,
      async (driver) => {
        await driver.uploadBoth('1.0.0');
        await runRelease(driver, run('1.0.0', 1));
      },
      4,
    );
    expect(calls).toBeGreaterThan(150);
  });

  it('of a release beside a stable one ends in the same state', async () => {
    const story = async (driver: Driver) => {
      await driver.uploadBoth('2.0.0');
      await runRelease(driver, run('2.0.0', 2));
    };
    const calls = await killEverywhere(stable, story, 2);
    expect(calls).toBeGreaterThan(250);
  });

  it('of a rollback ends in the same state, from an abort at the hand-over', async () => {
    const open = async () => {
      const driver = await openStable(SMALL);
      await driver.uploadBoth('2.0.0');
      await runRelease(driver, run('2.0.0', 2), 'finish');
      return driver.world;
    };
    await killEverywhere(open, async (driver) => {
      const abort = { service: 'web', version: '2.0.0', intent: 'abort', by: 'ann', why: 'smells' } as const;
      await driver.step((ports) => order(ports, abort));
      expect(await runRollback(driver, run('2.0.0', 2))).toBe('done');
    });
  });

  it('of a release that supersedes another ends in the same state, with the newer one started', async () => {
    const open = async () => {
      const driver = await openStable(SMALL);
      await driver.uploadBoth('2.0.0');
      await runRelease(driver, run('2.0.0', 2), 'canary');
      return driver.world;
    };
    await killEverywhere(open, async (driver) => {
      await driver.uploadBoth('3.0.0');
      expect(await runRollback(driver, run('2.0.0', 2))).toBe('done');
      expect((await driver.world.records.findRelease('web', '2.0.0'))?.stage).toBe('superseded');
      expect((await driver.world.records.findService('web'))?.inFlight).toBe('3.0.0');
    });
  });
});
