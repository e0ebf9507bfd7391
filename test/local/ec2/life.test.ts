import { describe, expect, it } from 'vitest';
import { ConsoleRing } from '../../../local/services/ec2/console.ts';
import type { Driver, MachineHooks } from '../../../local/services/ec2/drivers/driver.ts';
import { testAccount } from './account.ts';
import { call, snapshotOf } from './world.ts';

const terminate = (account: Awaited<ReturnType<typeof testAccount>>, InstanceIds: string[], over: object = {}) =>
  call(account.ec2, 'TerminateInstances', { InstanceIds, ...over });

describe('an instance', () => {
  it('is pending, then running, then answers; an event each time', async () => {
    const account = await testAccount();
    const { world, virtual, bus, describe: list } = account;
    const [instance] = await account.run(await account.virtualImage({ bootMs: 4_000, listensAfterMs: 1_000, latencyMs: 7 }));
    const { InstanceId, PrivateIpAddress } = instance!;
    expect(account.ec2.find(InstanceId)).toMatchObject({
      state: 'pending',
      privateIpAddress: PrivateIpAddress,
      availabilityZone: 'eu-central-1a',
    });
    await world.time.advanceBy(4_000);
    expect(await list()).toMatchObject([{ State: { Name: 'running', Code: 16 } }]);
    expect(virtual.request(PrivateIpAddress, '/')).toEqual({ kind: 'refused' });
    await world.time.advanceBy(1_000);
    expect(virtual.request(PrivateIpAddress, '/')).toEqual({ kind: 'answered', status: 200, latencyMs: 7 });
    expect(account.states()).toEqual(['pending', 'running']);
    expect(bus.events.at(-1)).toEqual({
      source: 'aws.ec2',
      'detail-type': 'EC2 Instance State-change Notification',
      resources: [`arn:aws:ec2:eu-central-1:123456789012:instance/${InstanceId}`],
      detail: { 'instance-id': InstanceId, state: 'running' },
    });
  });

  it.each([
    [undefined, ['127.1.0.2', '127.1.0.3']],
    [2, ['127.5.0.2', '127.5.0.3']],
  ])('has an address of its own, in the network of its account: %s', async (network, addresses) => {
    const account = await testAccount({ network });
    const all = await account.run(await account.virtualImage(), { MinCount: 2, MaxCount: 2 });
    expect(all.map(({ PrivateIpAddress }) => PrivateIpAddress)).toEqual(addresses);
  });

  it('that powers itself off is stopped, keeps its record, and says whose doing it was', async () => {
    const account = await testAccount();
    const [instance] = await account.run(await account.virtualImage({ bootMs: 1_000, diesAfterMs: 60_000 }));
    await account.world.time.advanceBy(65_000);
    expect(account.states()).toEqual(['pending', 'running', 'stopping', 'stopped']);
    expect(await account.describe()).toMatchObject([
      { State: { Name: 'stopped' }, StateReason: { Code: 'Client.InstanceInitiatedShutdown' } },
    ]);
    expect(account.virtual.request(instance!.PrivateIpAddress, '/')).toEqual({ kind: 'refused' });
    await terminate(account, [instance!.InstanceId]);
    await account.world.time.advanceBy(2_000);
    expect(await account.describe()).toMatchObject([{ State: { Name: 'terminated' } }]);
  });

  it('that powers itself off is terminated, if its shutdown behaviour says so', async () => {
    const account = await testAccount();
    await account.run(await account.virtualImage({ bootMs: 0, diesAfterMs: 0 }), {
      InstanceInitiatedShutdownBehavior: 'terminate',
    });
    await account.world.time.advanceBy(5_000);
    expect(account.states()).toEqual(['pending', 'running', 'shutting-down', 'terminated']);
  });

  it.each([
    ['pending', 0],
    ['running', 10_000],
  ])('that is %s can be terminated; twice is success; its network is gone and later itself', async (state, ms) => {
    const account = await testAccount();
    const [instance] = await account.run(await account.virtualImage({ bootMs: 5_000 }));
    await account.world.time.advanceBy(ms);
    const ids = [instance!.InstanceId];
    expect(await terminate(account, ids)).toMatchObject({
      TerminatingInstances: [{ PreviousState: { Name: state }, CurrentState: { Name: 'shutting-down' } }],
    });
    await terminate(account, ids);
    await account.world.time.advanceBy(2_000);
    expect(await terminate(account, ids)).toMatchObject({
      TerminatingInstances: [{ CurrentState: { Name: 'terminated', Code: 48 } }],
    });
    const [gone] = await account.describe();
    expect(gone).toMatchObject({ StateReason: { Code: 'Client.UserInitiatedShutdown' } });
    expect(gone).not.toHaveProperty('PrivateIpAddress');
    expect(account.states().filter((one) => one === 'terminated')).toHaveLength(1);
    await account.world.time.advanceBy(3_600_000);
    expect(await account.describe()).toEqual([]);
    await expect(terminate(account, ids)).rejects.toMatchObject({ code: 'InvalidInstanceID.NotFound' });
    expect(account.world.time.entries).toBe(0);
  });

  it('terminated while it stops ends terminated, once', async () => {
    const account = await testAccount();
    const [instance] = await account.run(await account.virtualImage({ bootMs: 0, diesAfterMs: 5_000 }));
    await account.world.time.advanceBy(5_000);
    expect(account.states().at(-1)).toBe('stopping');
    await terminate(account, [instance!.InstanceId]);
    await account.world.time.advanceBy(5_000);
    expect(account.states()).toEqual(['pending', 'running', 'stopping', 'shutting-down', 'terminated']);
  });

  it('whose disk no driver runs ends with a reason that names the drivers', async () => {
    const account = await testAccount();
    const image = await account.register(await snapshotOf(account.world, account.ebs, Buffer.from('\x7fELF, not a tar')));
    await account.world.time.advanceBy(5_000);
    await account.run(image);
    await account.world.time.advanceBy(5_000);
    expect(account.states()).toEqual(['pending', 'terminated']);
    expect(await account.describe()).toMatchObject([
      {
        StateReason: { Code: 'Server.InternalError', Message: expect.stringMatching(/no driver here runs .*virtual/) as string },
      },
    ]);
  });

  it('whose snapshot was deleted under its image ends with that reason', async () => {
    const account = await testAccount();
    const image = await account.virtualImage();
    for (const { snapshotId } of account.ebs.snapshots.list()) account.ebs.snapshots.remove(snapshotId);
    await account.run(image);
    await account.world.time.advanceBy(1_000);
    expect(await account.describe()).toMatchObject([
      { State: { Name: 'terminated' }, StateReason: { Code: 'Client.InvalidSnapshot.NotFound' } },
    ]);
  });

  it('whose bundle cannot be read ends with that reason', async () => {
    const account = await testAccount();
    await account.run(await account.imageOf({ run: '', 'virtual.json': '{"diesAfter": 5}' }));
    await account.world.time.advanceBy(5_000);
    expect(await account.describe()).toMatchObject([
      {
        State: { Name: 'terminated' },
        StateReason: { Code: 'Client.InternalError', Message: expect.stringContaining('diesAfter') as string },
      },
    ]);
  });

  it('is not touched when one of many to be terminated is unknown', async () => {
    const account = await testAccount();
    const [instance] = await account.run(await account.virtualImage());
    const ids = [instance!.InstanceId, 'i-00000000000000000'];
    await expect(terminate(account, ids)).rejects.toMatchObject({ code: 'InvalidInstanceID.NotFound' });
    await expect(terminate(account, ['i-1'])).rejects.toMatchObject({ code: 'InvalidInstanceID.Malformed' });
    await expect(terminate(account, [])).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(terminate(account, [instance!.InstanceId], { DryRun: true })).rejects.toMatchObject({ code: 'DryRunOperation' });
    expect(await account.describe()).toMatchObject([{ State: { Name: 'pending' } }]);
  });

  it('is hidden from reads, not from its token, while that fault is injected', async () => {
    let hides = true;
    const account = await testAccount({ faults: { hidesInstance: () => hides } });
    const image = await account.virtualImage();
    const [instance] = await account.run(image, { ClientToken: 'a' });
    expect(await account.describe()).toEqual([]);
    await expect(account.describe({ InstanceIds: [instance!.InstanceId] })).rejects.toMatchObject({
      code: 'InvalidInstanceID.NotFound',
    });
    expect((await account.run(image, { ClientToken: 'a' }))[0]!.InstanceId).toBe(instance!.InstanceId);
    hides = false;
    expect(await account.describe()).toHaveLength(1);
  });
});

describe('the virtual driver', () => {
  it('answers errors at the rate its bundle says, and never on its health path', async () => {
    const account = await testAccount();
    const [instance] = await account.run(await account.virtualImage({ errorRate: 0.2 }));
    await account.world.time.advanceBy(10_000);
    const ask = (path: string) => Array.from({ length: 1000 }, () => account.virtual.request(instance!.PrivateIpAddress, path));
    const errors = ask('/').filter((answer) => answer.kind === 'answered' && answer.status === 500).length;
    expect(errors).toBeGreaterThan(150);
    expect(errors).toBeLessThan(250);
    expect(ask('/healthz').every((answer) => answer.kind === 'answered' && answer.status === 200)).toBe(true);
  });

  it('turns unhealthy and hangs when its bundle says', async () => {
    const account = await testAccount();
    const [instance] = await account.run(
      await account.virtualImage({ bootMs: 0, listensAfterMs: 0, healthyForMs: 5_000, hangsAfterMs: 9_000 }),
    );
    const health = () => account.virtual.request(instance!.PrivateIpAddress, '/healthz');
    await account.world.time.advanceBy(4_000);
    expect(health()).toMatchObject({ status: 200 });
    await account.world.time.advanceBy(2_000);
    expect(health()).toMatchObject({ status: 503 });
    await account.world.time.advanceBy(4_000);
    expect(health()).toEqual({ kind: 'refused' });
    expect(await account.describe()).toMatchObject([{ State: { Name: 'running' } }]);
  });
});

describe('RebootInstances', () => {
  it('resets what runs, ignores what has ended, and sends no event', async () => {
    const account = await testAccount();
    const [instance, other] = [
      ...(await account.run(await account.virtualImage())),
      ...(await account.run(await account.virtualImage())),
    ];
    await account.world.time.advanceBy(10_000);
    await terminate(account, [other!.InstanceId]);
    await account.world.time.advanceBy(10_000);
    const before = account.states();
    await call(account.ec2, 'RebootInstances', { InstanceIds: [instance!.InstanceId, other!.InstanceId] });
    const health = () => account.virtual.request(instance!.PrivateIpAddress, '/healthz');
    expect(health()).toEqual({ kind: 'refused' });
    await account.world.time.advanceBy(6_000);
    expect(health()).toMatchObject({ status: 200 });
    expect(account.states()).toEqual(before);
    await expect(call(account.ec2, 'RebootInstances', { InstanceIds: ['i-0123456789abcdef0'] })).rejects.toThrow(
      /NotFound|exist/,
    );
  });
});

describe('the console', () => {
  const talking = (talk: (hooks: MachineHooks) => void): Driver => ({
    name: 'talking',
    fits: () => true,
    boot(_guest, _disk, hooks) {
      queueMicrotask(() => {
        hooks.started();
        talk(hooks);
      });
      return {
        stop: () => hooks.poweredOff('asked'),
        kill: () => hooks.poweredOff('killed'),
        reset: () => undefined,
        ended: Promise.resolve(),
        discard: async () => undefined,
      };
    },
  });

  it('is there at once with Latest, and otherwise as it was last posted', async () => {
    let print: (text: string) => void = () => undefined;
    const account = await testAccount({
      drivers: () => [talking((hooks) => void (print = (text) => hooks.console(Buffer.from(text))))],
    });
    const [instance] = await account.run(await account.virtualImage());
    const read = async (Latest: boolean) => {
      const { Output } = await call<{ Output?: string }>(account.ec2, 'GetConsoleOutput', {
        InstanceId: instance!.InstanceId,
        Latest,
      });
      return Output === undefined ? undefined : Buffer.from(Output, 'base64').toString();
    };
    await account.world.time.advanceBy(0);
    print('booted. ');
    expect(await read(true)).toBe('booted. ');
    expect(await read(false)).toBeUndefined();
    await account.world.time.advanceBy(300_000);
    print('crash');
    expect(await read(false)).toBe('booted. ');
    await terminate(account, [instance!.InstanceId]);
    await account.world.time.advanceBy(59_000);
    expect(await read(false)).toBe('booted. ');
    await account.world.time.advanceBy(20 * 60_000);
    expect(await read(false)).toBe('booted. crash');
  });

  it('is posted at its end some minutes later, and of each instance after another time', async () => {
    const account = await testAccount();
    const image = await account.virtualImage();
    const ids = (await Promise.all(Array.from({ length: 8 }, () => account.run(image)))).flat().map((one) => one.InstanceId);
    await account.world.time.advanceBy(400_000);
    const endedAt = account.world.time.now();
    await terminate(account, ids);
    await account.world.time.advanceBy(30 * 60_000);
    const posts = ids.map((InstanceId) => call<{ Timestamp: Date }>(account.ec2, 'GetConsoleOutput', { InstanceId }));
    const late = (await Promise.all(posts)).map(({ Timestamp }) => (Timestamp.getTime() - endedAt) / 60_000);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...late)).toBeLessThanOrEqual(20.1);
    expect(new Set(late).size).toBe(ids.length);
  });

  it('keeps the last 64 KB', () => {
    const ring = new ConsoleRing();
    for (let n = 0; n < 20_000; n += 1) ring.write(Buffer.from(`line ${n}\n`));
    expect(ring.latest).toHaveLength(65_536);
    expect(ring.latest.toString().endsWith('line 19998\nline 19999\n')).toBe(true);
    ring.write(Buffer.alloc(100_000, 'x'));
    expect(ring.latest.equals(Buffer.alloc(65_536, 'x'))).toBe(true);
  });
});

describe('DescribeInstances', () => {
  it('finds by tag, state, image and id, and refuses filters it does not have', async () => {
    const account = await testAccount();
    const image = await account.virtualImage();
    const tag = (Value: string) => ({
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'tandem:group', Value }] }],
    });
    const [blue] = await account.run(image, tag('blue'));
    await account.world.time.advanceBy(10_000);
    const [green] = await account.run(image, tag('green'));
    const ids = async (...Filters: object[]) => (await account.describe({ Filters })).map((one) => one.InstanceId);
    expect(await ids({ Name: 'tag:tandem:group', Values: ['blue', 'canary'] })).toEqual([blue!.InstanceId]);
    expect(await ids({ Name: 'tag-key', Values: ['tandem:*'] }, { Name: 'instance-state-name', Values: ['pending'] })).toEqual([
      green!.InstanceId,
    ]);
    expect(await ids({ Name: 'image-id', Values: [image] })).toHaveLength(2);
    expect(await ids({ Name: 'tag:tandem:group', Values: ['bl?e'] })).toEqual([blue!.InstanceId]);
    expect(await ids({ Name: 'tag:tandem:group', Values: ['bl\\?e'] })).toEqual([]);
    await expect(ids({ Name: 'mood', Values: ['good'] })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('pages through all of them, each once, while others come and go', async () => {
    const account = await testAccount();
    const image = await account.virtualImage();
    const started = (await account.run(image, { MaxCount: 12 })).map((one) => one.InstanceId);
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await call<{ Reservations: { Instances: { InstanceId: string }[] }[]; NextToken?: string }>(
        account.ec2,
        'DescribeInstances',
        { MaxResults: 5, NextToken },
      );
      seen.push(...page.Reservations.flatMap((one) => one.Instances).map((one) => one.InstanceId));
      NextToken = page.NextToken;
      await account.run(image);
    } while (NextToken !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(started));
    await expect(account.describe({ MaxResults: 4 })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(account.describe({ MaxResults: 5, InstanceIds: started })).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
    });
  });
});
