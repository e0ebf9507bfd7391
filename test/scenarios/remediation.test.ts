/** However a failure is told, late, often, or never: one remediation, and nobody else's instance is touched. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { launched, nodeOf, slotById, untilSo } from './app/fleet.ts';
import { executions, nodes, running, weights } from './app/left.ts';
import { failed } from './app/users.ts';
import type { Users } from './app/users.ts';

const LONG_MS = 120_000;
const WHOLE = ['1 × 1.0.0 linux baseline', '3 × 1.0.0 unikernel blue'];
let account: Account;
let users: Users;

function inAccount(options: Parameters<typeof Account.open>[1] = {}) {
  beforeAll(async () => {
    account = await Account.open(['shop'], options);
    users = await account.users('shop', { perSecond: 10 });
    await account.released('shop', '1.0.0');
    await account.advance(1);
  }, LONG_MS);
  afterAll(() => account.stop());
}

const isEc2 = ({ source }: Readonly<Record<string, unknown>>) => source === 'aws.ec2';

describe('events that come twenty times, late and out of order', () => {
  const copies = Array.from({ length: 20 }, (_, n) => 300 + ((n * 7) % 20) * 31_000);
  inAccount({ deliveryPlan: (event) => (isEc2(event) ? copies : [300]) });

  it(
    'make one remediation of a failure, and none of what we end ourselves',
    async () => {
      await account.strike(await nodeOf(account, 'shop', 'blue'), { kind: 'power-off' });
      await account.advance(45);
      expect(await nodes(account, 'shop')).toEqual(WHOLE);
      expect((await executions(account, 'tandem-remediate')).map(({ status }) => status)).toEqual(['SUCCEEDED']);
      expect(account.told('fault')).toHaveLength(1);

      // A release ends every node there was.
      const { stage } = await account.released('shop', '1.1.0');
      expect(stage).toBe('stable');
      await account.advance(12);
      expect(await account.faults('shop')).toHaveLength(1);
      expect(await executions(account, 'tandem-remediate')).toHaveLength(1);
    },
    LONG_MS,
  );
});

describe('instances that are not ours', () => {
  inAccount();

  it(
    'are never touched, however they end, and whatever alarm there is about them',
    async () => {
      const { Images } = await account.call<{ Images: { ImageId: string }[] }>('ec2:DescribeImages', { Owners: ['self'] });
      const { Subnets } = await account.call<{ Subnets: { SubnetId: string }[] }>('ec2:DescribeSubnets');
      const decoy = {
        ImageId: Images[0]!.ImageId,
        SubnetId: Subnets[0]!.SubnetId,
        MinCount: 2,
        MaxCount: 2,
        InstanceType: 't3.micro',
      };
      // Another Tandem's, in the same account, with a service of the same name.
      const tags = { stack: 'other', service: 'shop', release: '1.0.0', build: 'unikernel', group: 'blue', slot: 'blue-9' };
      const Tags = Object.entries(tags).map(([name, Value]) => ({ Key: `tandem:${name}`, Value }));
      const ids: string[] = [];
      for (const TagSpecifications of [[], [{ ResourceType: 'instance', Tags }]]) {
        const { Instances } = await account.call<{ Instances: { InstanceId: string }[] }>('ec2:RunInstances', {
          ...decoy,
          TagSpecifications,
        });
        ids.push(...Instances.map(({ InstanceId }) => InstanceId));
      }
      await account.advance(1);
      for (const [n, id] of ids.entries()) await account.strike(id, { kind: n % 2 === 0 ? 'power-off' : 'hang' });
      await account.advance(30);
      const { Reservations } = await account.call<{ Reservations: { Instances: { State: { Name: string } }[] }[] }>(
        'ec2:DescribeInstances',
        { InstanceIds: ids },
      );
      const states = Reservations.flatMap((one) => one.Instances.map(({ State }) => State.Name));
      expect(states.toSorted()).toEqual(['running', 'running', 'stopped', 'stopped']);
      expect(await executions(account, 'tandem-remediate')).toEqual([]);
      expect(account.told('fault')).toEqual([]);
    },
    LONG_MS,
  );
});

describe('failures nobody tells of', () => {
  inAccount({ deliveryPlan: (event) => (isEc2(event) || event.source === 'aws.cloudwatch' ? [] : [300]) });

  it.each(['power-off', 'hang'] as const)(
    'are found by the sweep within three minutes: %s',
    async (kind) => {
      const before = (await account.faults('shop')).length;
      await account.strike(await nodeOf(account, 'shop', 'blue'), { kind });
      const since = account.now;
      await untilSo(account, async () => (await account.faults('shop')).length > before);
      const fault = (await account.faults('shop')).at(-1)!;
      expect(fault.way).toBe('sweep');
      expect(fault.detectedAt - since).toBeLessThan(180_000);
      await account.advance(40);
      expect(await nodes(account, 'shop')).toEqual(WHOLE);
      expect(await running(account)).toEqual([]);
    },
    LONG_MS,
  );
});

async function alarmsIn(StateValue: string): Promise<number> {
  const { MetricAlarms } = await account.call<{ MetricAlarms: { AlarmName: string }[] }>('monitoring:DescribeAlarms', {
    StateValue,
  });
  return MetricAlarms.filter(({ AlarmName }) => /Unhealthy/.test(AlarmName)).length;
}

describe('a fleet with a stable release', () => {
  inAccount();

  it(
    'has a second node fail while the alarm is in ALARM already: the sweep finds it',
    async () => {
      const [first, second] = (await launched(account, 'shop', 'blue')).map(({ instanceId }) => instanceId!);
      await account.strike(first!, { kind: 'hang' });
      await untilSo(account, async () => (await alarmsIn('ALARM')) === 1);
      await account.strike(second!, { kind: 'hang' });
      await account.advance(5);
      const faults = await account.faults('shop');
      expect(faults.map(({ instanceId }) => instanceId).toSorted()).toEqual([first, second].toSorted());
      expect(faults.find(({ instanceId }) => instanceId === second)?.way).toBe('sweep');
      await account.advance(60);
      expect(await alarmsIn('ALARM')).toBe(0);
      expect(await running(account)).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'takes the weight from a group before its last node is condemned, and gives it back',
    async () => {
      const victim = (await launched(account, 'shop', 'baseline'))[0]!;
      expect((await weights(account, 'shop'))['main']).toEqual({ blue: 750, baseline: 250 });
      const since = account.now;
      await account.strike(victim.instanceId!, { kind: 'hang' });
      const isCondemned = async () => (await slotById(account, 'shop', victim.id)).attempt > 1;
      const seen: Record<string, number>[] = [];
      await untilSo(account, async () => {
        const isSo = await isCondemned();
        seen.push((await weights(account, 'shop'))['main']!);
        return isSo;
      });
      expect(seen.at(-1)).toEqual({ blue: 999 });
      await account.advance(2);
      expect((await weights(account, 'shop'))['main']).toEqual({ blue: 750, baseline: 250 });
      // A quarter of the users' until the sweep saw that nobody answers there.
      expect(failed(users.between(since))).toBeLessThan(10 * 0.25 * 90);
    },
    LONG_MS,
  );

  it(
    'replaces a node an operator names without a failed request: the next one serves before it goes',
    async () => {
      await account.advance(70);
      const victim = (await launched(account, 'shop', 'baseline'))[0]!;
      const since = account.now;
      const answer = await account.knock({
        source: 'tandem.operator',
        instanceId: victim.instanceId,
        by: 'ada',
        why: 'the test wants it',
      });
      expect(answer).toMatchObject({ kind: 'condemned' });
      await account.advance(5);
      expect(failed(users.between(since))).toBe(0);
      const slot = await slotById(account, 'shop', victim.id);
      expect(slot).toMatchObject({ state: 'launched', attempt: victim.attempt + 1 });
      expect(slot.instanceId).not.toBe(victim.instanceId);
      const { Reservations } = await account.call<{ Reservations: { Instances: { State: { Name: string } }[] }[] }>(
        'ec2:DescribeInstances',
        { InstanceIds: [victim.instanceId!] },
      );
      expect(Reservations[0]!.Instances[0]!.State.Name).toBe('terminated');
    },
    LONG_MS,
  );

  it(
    'goes on with a remediation whose execution is stopped',
    async () => {
      await account.advance(70);
      const victim = (await launched(account, 'shop', 'blue'))[0]!;
      await account.strike(victim.instanceId!, { kind: 'power-off', console: 'abort: stopped in the middle\n' });
      await account.advance(0.03);
      const [found] = (await executions(account, 'tandem-remediate')).filter(({ name }) => name.includes(victim.instanceId!));
      await account.call('states:StopExecution', { executionArn: found!.executionArn });
      await account.advance(45);
      const all = (await executions(account, 'tandem-remediate')).filter(({ name }) => name.includes(victim.instanceId!));
      expect(all.map(({ status }) => status)).toEqual(['SUCCEEDED', 'ABORTED']);
      expect((await account.faults('shop')).filter(({ slot }) => slot === victim.id).at(-1)).toMatchObject({ isFinal: true });
      expect(await slotById(account, 'shop', victim.id)).not.toHaveProperty('condemned');
      expect(await running(account)).toEqual([]);
    },
    LONG_MS,
  );
});
