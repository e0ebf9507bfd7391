/** A node fails in steady state: the fleet is whole again, what it died of is known, and users hardly notice. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { executions, instances, nodes, running, weights } from './app/left.ts';
import { failed } from './app/users.ts';
import type { Users } from './app/users.ts';

const LONG_MS = 120_000;
let account: Account;
let users: Users;

beforeAll(async () => {
  account = await Account.open(['shop']);
  users = await account.users('shop', { perSecond: 10 });
  await account.released('shop', '1.0.0');
  await account.advance(1);
}, LONG_MS);
afterAll(() => account.stop());

const WHOLE = ['1 × 1.0.0 linux baseline', '3 × 1.0.0 unikernel blue'];

it(
  'a node that powers itself off is replaced',
  async () => {
    const [victim] = (await account.slots('shop')).filter(({ group, state }) => group === 'blue' && state === 'launched');
    const since = account.now;
    await account.strike(victim!.instanceId!, { kind: 'power-off', console: 'assertion x failed at main.c:12\n' });
    await account.advance(1);
    console.log(await executions(account, 'tandem-remediate'), await nodes(account, 'shop'), await account.faults('shop'));
    await account.advance(40);
    console.log(
      JSON.stringify(
        (await account.slots('shop')).find(({ id }) => id === victim!.id),
        null,
        1,
      ),
    );
    console.log(await running(account), await account.faults('shop'), account.told('fault'), account.told('page'));
    console.log(JSON.stringify(await account.evidence('shop', `${victim!.instanceId}-1`), null, 1));
    expect(await nodes(account, 'shop')).toEqual(WHOLE);
    expect(failed(users.between(since))).toBeLessThan(20);
  },
  LONG_MS,
);
