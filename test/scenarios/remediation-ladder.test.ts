/** What a failure leads to beyond a new node: another place, a wait, the Linux twin, the release's end, a person. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { launched, nodeOf, slotById, untilSo } from './app/fleet.ts';
import { executions, instances, nodes } from './app/left.ts';

const LONG_MS = 120_000;
const isFull = { zone: '' };
let account: Account;

beforeAll(async () => {
  account = await Account.open(['shop'], { ec2Faults: { lacksCapacity: (zone) => zone === isFull.zone } });
  await account.users('shop', { perSecond: 10 });
  await account.released('shop', '1.0.0');
  await account.advance(1);
}, LONG_MS);
afterAll(() => account.stop());

/** The instance a slot has, once it is another than before and runs. */
async function successor(slot: string, before: string): Promise<string> {
  const find = async () => (await slotById(account, 'shop', slot)).instanceId;
  await untilSo(account, async () => {
    const found = await find();
    const is = (await instances(account, 'shop')).find(({ InstanceId }) => InstanceId === found);
    return found !== undefined && found !== before && is?.State.Name === 'running';
  });
  return (await find())!;
}

describe('a failed node', () => {
  it(
    'is replaced in another zone where its own has no capacity, and nobody is called for that',
    async () => {
      const victim = (await launched(account, 'shop', 'blue'))[0]!;
      isFull.zone = victim.zone;
      await account.strike(victim.instanceId!, { kind: 'power-off', console: 'abort: of the full zone\n' });
      await account.advance(1);
      isFull.zone = '';
      const slot = await slotById(account, 'shop', victim.id);
      expect(slot).toMatchObject({ state: 'launched', attempt: 2 });
      expect(slot.zone).not.toBe(victim.zone);
      expect(account.told('page')).toEqual([]);
      await account.advance(70);
    },
    LONG_MS,
  );

  it(
    'whose replacements fail too is replaced within seconds of each, after 10 s, 20 s, 40 s, and a person is called once',
    async () => {
      const { id, instanceId, attempt } = (await launched(account, 'shop', 'blue'))[1]!;
      const strike = (victim: string, n: number) =>
        account.strike(victim, { kind: 'power-off', console: `${'x'.repeat(n + 1)} is not a port\n` });
      await strike(instanceId!, 0);
      let node = await successor(id, instanceId!);
      const waits: number[] = [];
      for (let n = 1; n <= 3; n += 1) {
        await strike(node, n);
        const since = account.now;
        node = await successor(id, node);
        waits.push(Math.round((account.now - since) / 1000));
      }
      // Beside the wait: the look that sees it, the launch, and the boot of 4 s.
      expect(waits.map((seconds, n) => seconds - 10 * 2 ** n).every((beside) => beside >= 4 && beside <= 14)).toBe(true);
      await account.advance(1);
      expect(await slotById(account, 'shop', id)).toMatchObject({ attempt: attempt + 4, state: 'launched', failures: 0 });
      expect((await account.faults('shop')).filter(({ slot }) => slot === id)).toHaveLength(4);
      expect(account.told('page').map(({ why }) => why)).toEqual([
        expect.stringContaining(`3 nodes in a row failed in slot ${id}`),
      ]);
      await account.advance(70);
    },
    LONG_MS,
  );

  it(
    'that fails as one before it did has a Linux twin in its place, marked; and a person is called when it goes on',
    async () => {
      const console = 'assertion `queue != full` failed\n';
      const [first, second, third] = await launched(account, 'shop', 'blue');
      await account.strike(first!.instanceId!, { kind: 'power-off', console });
      await account.advance(2);
      expect(await slotById(account, 'shop', first!.id)).not.toHaveProperty('twin');

      await account.strike(second!.instanceId!, { kind: 'power-off', console });
      await account.advance(2);
      const slot = await slotById(account, 'shop', second!.id);
      expect(slot.build).toBe('unikernel');
      expect(slot.twin?.why).toContain('has come again');
      expect(await nodes(account, 'shop', ['running'])).toContain('1 × 1.0.0 linux blue');
      expect(slot.healthyAt).toBeDefined();

      const pages = account.told('page').length;
      await account.strike(third!.instanceId!, { kind: 'power-off', console });
      await account.advance(2);
      expect(
        account
          .told('page')
          .slice(pages)
          .map(({ why }) => why),
      ).toEqual([expect.stringMatching(/3 nodes of 1\.0\.0 failed alike.*in flight/)]);
      expect(new Set((await account.faults('shop')).slice(-3).map(({ crash }) => crash.fingerprint)).size).toBe(1);
      await account.advance(70);
    },
    LONG_MS,
  );

  it(
    'takes its release back when the release is in flight and its nodes fail alike',
    async () => {
      const console = 'assertion `new code works` failed\n';
      await account.upload('shop', '2.0.0');
      await account.untilTold('shop', '2.0.0', 'warm');
      await account.advance(0.2);
      const fleet = (await launched(account, 'shop')).filter((one) => one.version === '2.0.0' && one.build === 'unikernel');
      for (const { instanceId } of fleet) {
        await account.strike(instanceId!, { kind: 'power-off', console });
        await account.advance(0.2);
      }
      const release = await account.untilOver('shop', '2.0.0');
      expect(release.stage).toBe('rolled-back');
      expect(release.transitions.find(({ stage }) => stage === 'rolling-back')?.why).toContain('failed alike');
      await account.advance(70);
    },
    LONG_MS,
  );

  it(
    'beyond the kill budget of the hour stays as it is: a person is called, once, and the rest is replaced when the hour is over',
    async () => {
      const kill = async (n: number) => {
        const { id, instanceId } = (await launched(account, 'shop', 'baseline'))[0]!;
        await account.strike(instanceId!, { kind: 'power-off', console: `${'y'.repeat(n + 1)} broke\n` });
        return { id, instanceId: instanceId! };
      };
      const pages = account.told('page').length;
      for (let n = 0; n < 10; n += 1) {
        const { id, instanceId } = await kill(n);
        await successor(id, instanceId);
        await account.advance(0.5);
      }
      const { id, instanceId } = await kill(10);
      await account.advance(5);
      expect(await slotById(account, 'shop', id)).toMatchObject({ instanceId, state: 'launched' });
      const calls = account.told('page').slice(pages);
      expect(calls.map(({ why }) => why)).toEqual([expect.stringContaining('10 node(s) of "shop" were replaced within an hour')]);
      await account.advance(60);
      expect((await slotById(account, 'shop', id)).instanceId).not.toBe(instanceId);
      expect(await nodeOf(account, 'shop', 'baseline')).toBeDefined();
      expect((await executions(account, 'tandem-remediate')).filter(({ status }) => status === 'FAILED')).toEqual([]);
    },
    LONG_MS,
  );
});
