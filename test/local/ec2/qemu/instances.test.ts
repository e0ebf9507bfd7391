/** Images nobody here made, and broken ones, as instances of the account: real machines, hand-made boot sectors. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootSector } from './boot-sectors.ts';
import { openMachines } from './account.ts';

let account: Awaited<ReturnType<typeof openMachines>>;
beforeEach(async () => {
  account = await openMachines();
});
afterEach(() => account.close());

const launched = async (image: Uint8Array) => {
  const [id] = await account.run(await account.imageOf(image));
  return id!;
};

describe('an instance of an image', () => {
  it('of zeros runs, and its console says that nothing boots', async () => {
    const id = await launched(new Uint8Array(512));
    await account.untilConsole(id, 'No bootable device');
    expect((await account.look(id)).State.Name).toBe('running');
  });

  it('that is cut off runs, and its console ends where its bytes do', async () => {
    const id = await launched(bootSector('loading the kernel', 'halt'));
    await account.untilConsole(id, 'loading the kernel');
    expect(account.statesOf(id)).toEqual(['pending', 'running']);
  });

  it('that powers off at boot is stopped, says who wanted it, and keeps its console', async () => {
    const id = await launched(bootSector('no configuration', 'off'));
    await account.untilState(id, 'stopped');
    expect((await account.look(id)).StateReason?.Code).toBe('Client.InstanceInitiatedShutdown');
    expect(account.statesOf(id)).toEqual(['pending', 'running', 'stopping', 'stopped']);
    expect(await account.consoleOf(id)).toContain('no configuration');
    expect(account.children.pids.size).toBe(0);
  });

  it('that resets in a loop goes on running, with no event, and every start on its console', async () => {
    const id = await launched(bootSector('again', 'reset'));
    await account.untilConsole(id, 'SeaBIOS', 3);
    expect(account.statesOf(id)).toEqual(['pending', 'running']);
    expect(account.children.pids.size).toBe(1);
  });

  it('whose QEMU dies is stopped by what it ran on, and not by itself', async () => {
    const id = await launched(bootSector('fine', 'halt'));
    await account.untilConsole(id, 'fine');
    process.kill([...account.children.pids][0]!, 'SIGKILL');
    await account.untilState(id, 'stopped');
    expect((await account.look(id)).StateReason).toMatchObject({
      Code: 'Server.InternalError',
      Message: expect.stringContaining('SIGKILL') as string,
    });
  });

  it('is terminated though its guest hears no power button', async () => {
    const id = await launched(bootSector('deaf', 'spin'));
    await account.untilConsole(id, 'deaf');
    await account.api('TerminateInstances', { InstanceIds: [id], SkipOsShutdown: true });
    await account.untilState(id, 'terminated');
    expect(account.children.pids.size).toBe(0);
  });
});

describe('the disk of an instance', () => {
  it('is copied into a snapshot as it is, with what the guest wrote, while it runs', async () => {
    const sector = bootSector('writes ', 'write');
    const id = await launched(sector);
    await account.untilConsole(id, 'writes writes');
    const { Snapshots } = await account.api<{ Snapshots: { SnapshotId: string }[] }>('CreateSnapshots', {
      InstanceSpecification: { InstanceId: id },
    });
    const { SnapshotId } = Snapshots[0]!;
    await account.until(() => account.ebs.snapshots.find(SnapshotId)?.state === 'completed');
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const found = await account.ebs.snapshots.open(SnapshotId)!.read(0, 4 * 512);
    expect(sha256(found)).toBe(sha256(Buffer.concat([sector, sector, Buffer.alloc(1024)])));
  });
});

describe('twelve instances at once on two cores', () => {
  it('boot two at a time; each of the others says its place in line, and all run in the end', async () => {
    const ids = await account.run(await account.imageOf(bootSector('up', 'halt')), 12);
    const places = async () => {
      const shown = await Promise.all(ids.map(account.look));
      return shown.flatMap(({ StateReason }) => /number (\d+) in line/.exec(StateReason?.Message ?? '')?.[1] ?? []).map(Number);
    };
    await account.until(async () => (await places()).length === 10);
    expect((await places()).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await account.until(async () => (await places()).length === 0);
    const states = (await Promise.all(ids.map(account.look))).map(({ State }) => State.Name);
    expect(states).toEqual(ids.map(() => 'running'));
    for (const id of ids) await account.api('TerminateInstances', { InstanceIds: [id], SkipOsShutdown: true });
    for (const id of ids) await account.untilState(id, 'terminated');
    expect(account.children.pids.size).toBe(0);
  }, 300_000);
});
