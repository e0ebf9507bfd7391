/** The replacement comes in before the failed node goes out, where that one still serves. */
import { expect, it } from 'vitest';
import { launchReplacement } from '../../../core/remediation/launch-replacement.ts';
import { openDoor } from '../../../core/remediation/open-door.ts';
import { tendReplacement } from '../../../core/remediation/tend-replacement.ts';
import { openStable } from '../../fakes/hello.ts';

async function tended(becomes: 'running' | 'stopped') {
  const { world } = await openStable({ nodes: 3, linuxNodes: 1 });
  const before = (await world.slots.list('web')).find(({ group, state }) => group === 'blue' && state === 'launched')!;
  const instanceId = before.instanceId!;
  world.nodes.become(instanceId, becomes);
  await openDoor(world, { instanceId, way: 'operator', at: world.time.now, why: 'ordered', isHung: false });
  const step = { service: 'web', slot: before.id, faultId: `${instanceId}-1`, at: world.time.now };
  await launchReplacement(world, step);
  const next = (await world.slots.find('web', before.id))!.instanceId!;
  world.groups.overrides.set(next, 'initial');
  const members = async () => (await world.groups.health(world.service, 'blue')).map((one) => one.instanceId);
  return { world, instanceId, next, members, tend: () => tendReplacement(world, step) };
}

it('a node that serves is taken out when its replacement serves, and not before', async () => {
  const { world, instanceId, next, members, tend } = await tended('running');
  for (let look = 0; look < 2; look++) expect(await tend()).toMatchObject({ kind: 'wait' });
  expect(await members()).toEqual(expect.arrayContaining([instanceId, next]));
  world.groups.overrides.delete(next);
  expect(await tend()).toMatchObject({ kind: 'healthy' });
  expect(await members()).not.toContain(instanceId);
});

it('a node that serves no more is taken out at once', async () => {
  const { instanceId, next, members, tend } = await tended('stopped');
  expect(await tend()).toMatchObject({ kind: 'wait' });
  expect(await members()).not.toContain(instanceId);
  expect(await members()).toContain(next);
});

it('a replacement that fails is told of with what it was seen as, and waited for longer each time', async () => {
  const { world, next, tend } = await tended('stopped');
  world.nodes.become(next, 'stopped', 'Client.InstanceInitiatedShutdown');
  expect(await tend()).toMatchObject({ kind: 'failed', seconds: 10, instanceId: next, isHung: false });
  const [slot] = (await world.slots.list('web')).filter((one) => one.instanceId === next);
  await world.slots.put({ ...slot!, failures: 3 });
  expect(await tend()).toMatchObject({ kind: 'failed', seconds: 80 });
});
