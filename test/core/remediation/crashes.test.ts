/** Every step of a remediation is killed after every port call, when the call has had its effect: the end is the same. */
import { describe, expect, it } from 'vitest';
import { openDoor } from '../../../core/remediation/open-door.ts';
import type { Group } from '../../../core/service/service.ts';
import { Saboteur } from '../../fakes/crash.ts';
import { MINUTE } from '../../fakes/fixtures.ts';
import { fleet, openStable } from '../../fakes/hello.ts';
import { Driver } from '../../fakes/memory-world.ts';
import { runRemediations } from '../../fakes/remediate.ts';

/** What an operator could tell apart afterwards. */
async function endState({ world }: Driver) {
  const slots = await world.slots.list('web');
  const faults = await world.faults.list('web', 0);
  const kills = await world.kills.find('web');
  return {
    fleet: await fleet(world),
    attempts: slots.filter(({ attempt }) => attempt > 1).map(({ id, attempt, state }) => [id, attempt, state]),
    condemned: slots.flatMap(({ condemned = [] }) => condemned),
    instances: (await world.nodes.list('web')).map(({ instanceId }) => instanceId).sort(),
    traffic: await world.traffic.read(world.service),
    dark: (await world.records.findService('web'))?.dark ?? [],
    faults: faults.map(({ id, isFinal, notified, escalation, replacement }) => [
      ...[id, isFinal, notified, escalation.kind],
      replacement.launchedAt !== undefined && replacement.healthyAt !== undefined,
    ]),
    marks: (await world.ledgers.find('web'))?.marks.map(({ id }) => id),
    kills: kills?.kills.map(({ faultId }) => faultId),
    told: [...new Set(world.faultNotices.faults.map(({ id }) => id))],
    pages: [...new Set(world.faultNotices.pages.map(({ id }) => id))],
    runs: [...world.remediations.runs.values()],
  };
}

async function die(driver: Driver, group: Group): Promise<void> {
  const { world } = driver;
  const node = (await world.slots.list('web')).find((one) => one.group === group && one.state === 'launched')!;
  world.nodes.become(node.instanceId!, 'stopped', 'Client.InstanceInitiatedShutdown');
  const at = world.time.now;
  const sighting = { instanceId: node.instanceId!, way: 'state-change', at, why: 'it is stopping', isHung: false } as const;
  await driver.step((ports) => openDoor(ports, sighting));
  // Whoever was killed between two writes left the rest to the sweep.
  driver.pass(MINUTE);
  await driver.sweep();
  await runRemediations(driver);
  driver.pass(MINUTE);
  await driver.sweep();
}

const opened = async () => (await openStable({ nodes: 3, linuxNodes: 1 })).world;

describe('a remediation killed at any port call', { timeout: 120_000 }, () => {
  it.each([
    ['of a node among others', 'blue'],
    ['of the last node of its group', 'baseline'],
  ] as const)('%s ends in the same state', async (_which, group) => {
    const counter = new Saboteur();
    const undisturbed = new Driver(await opened(), counter);
    await die(undisturbed, group);
    const wanted = await endState(undisturbed);
    expect(wanted).toMatchObject({ condemned: [], faults: [[expect.any(String), true, true, 'replace', true]], dark: [] });
    expect(wanted.instances).toHaveLength(4);
    expect(counter.calls).toBeGreaterThan(60);
    for (let at = 1; at <= counter.calls; at++) {
      const driver = new Driver(await opened(), new Saboteur({ at }));
      await die(driver, group);
      expect(await endState(driver), `killed after call ${at}`).toEqual(wanted);
    }
  });
});
