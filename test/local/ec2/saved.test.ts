import { describe, expect, it } from 'vitest';
import type { LocalService } from '../../../local/kernel/service.ts';
import { testAccount } from './account.ts';
import { call, snapshotOf, tarOf } from './world.ts';

type Account = Awaited<ReturnType<typeof testAccount>>;

/** What one service kept, as a file would give it back. */
const throughJson = async (service: LocalService): Promise<unknown> => JSON.parse(JSON.stringify(await service.save?.()));

/** The same account in another run: declared anew, its dice elsewhere. */
async function reopened(before: Account): Promise<Account> {
  const account = await testAccount();
  account.world.random.hex(97);
  await account.ec2.load?.(await throughJson(before.ec2));
  await account.ec2.start?.();
  return account;
}

const stateAfter = async (account: Account, ms: number) => {
  await account.world.time.advanceBy(ms);
  return (await account.describe()).map(({ State }) => State.Name);
};

describe('an instance of a run before', () => {
  it('that was stopped is stopped', async () => {
    const account = await testAccount();
    await account.run(await account.virtualImage({ bootMs: 1_000, diesAfterMs: 10_000 }));
    expect(await stateAfter(account, 60_000)).toEqual(['stopped']);
    expect(await stateAfter(await reopened(account), 60_000)).toEqual(['stopped']);
  });

  it('that was stopping is stopped soon', async () => {
    const account = await testAccount();
    await account.run(await account.virtualImage({ bootMs: 1_000, diesAfterMs: 10_000 }));
    expect(await stateAfter(account, 11_500)).toEqual(['stopping']);
    expect(await stateAfter(await reopened(account), 1_000)).toEqual(['stopped']);
  });

  it('that was off has its last console posted all the same', async () => {
    const account = await testAccount();
    const [instance] = await account.run(await account.virtualImage({ bootMs: 1_000, diesAfterMs: 10_000 }));
    await account.world.time.advanceBy(15_000);
    const again = await reopened(account);
    await again.world.time.advanceBy(20 * 60_000);
    const posted = await call<{ Output?: string }>(again.ec2, 'GetConsoleOutput', { InstanceId: instance!.InstanceId });
    expect(Buffer.from(posted.Output ?? '', 'base64').toString()).toBe('SeaBIOS (version virtual)\n');
  });

  it('that was being terminated is terminated soon, and then forgotten', async () => {
    const account = await testAccount();
    const [instance] = await account.run(await account.virtualImage({ bootMs: 1_000 }));
    await account.world.time.advanceBy(5_000);
    await call(account.ec2, 'TerminateInstances', { InstanceIds: [instance?.InstanceId] });
    const again = await reopened(account);
    expect(await stateAfter(again, 0)).toEqual(['shutting-down']);
    expect(await stateAfter(again, 1_000)).toEqual(['terminated']);
    expect(await stateAfter(again, 3_600_000)).toEqual([]);
  });

  it('that ran is off when its snapshot is gone', async () => {
    const account = await testAccount();
    await account.run(await account.virtualImage({ bootMs: 1_000 }));
    expect(await stateAfter(account, 5_000)).toEqual(['running']);
    expect(await stateAfter(await reopened(account), 5_000)).toEqual(['stopped']);
  });

  it('is found by the client token it was made with', async () => {
    const account = await testAccount();
    const image = await account.virtualImage();
    const [instance] = await account.run(image, { ClientToken: 'once' });
    await account.world.time.advanceBy(60_000);
    const [found] = await (await reopened(account)).run(image, { ClientToken: 'once' });
    expect(found?.InstanceId).toBe(instance?.InstanceId);
  });

  it('shares its address with none that is made now', async () => {
    const account = await testAccount();
    const [old] = await account.run(await account.virtualImage());
    const again = await reopened(account);
    const [fresh] = await again.run(await again.imageOf({ run: '', 'virtual.json': '{}' }));
    expect(fresh?.PrivateIpAddress).not.toBe(old?.PrivateIpAddress);
  });
});

it('an image that was registered as the run ended becomes available', async () => {
  const account = await testAccount();
  await account.register(await snapshotOf(account.world, account.ebs, await tarOf({ run: '' })));
  const again = await reopened(account);
  const states = async () =>
    (await call<{ Images: { State: string }[] }>(again.ec2, 'DescribeImages', {})).Images.map(({ State }) => State);
  expect(await states()).toEqual(['pending']);
  await again.world.time.advanceBy(3_000);
  expect(await states()).toEqual(['available']);
});
