/** A release that would not fit into the account is refused before anything of it exists; one that fits just so becomes stable. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { expectToldOnce } from './app/expect.ts';
import { lastWhy, stagesOf } from './app/items.ts';
import { executions, left, NOTHING } from './app/left.ts';
import { failed } from './app/users.ts';
import type { Users } from './app/users.ts';

const LONG_MS = 120_000;
/** `shop` has 3 + 1 nodes and 1 in each comparison, all of 2 vCPUs. A first release has 5 at most, the next one 10. */
const ENOUGH_FOR_ONE = 10;
let account: Account;
let users: Users;
beforeAll(async () => {
  account = await Account.open(['shop'], { vcpus: ENOUGH_FOR_ONE });
  users = await account.users('shop');
}, LONG_MS);
afterAll(() => account.stop());

describe('an account with few vCPUs', () => {
  it(
    'has room for a first release, to the last vCPU',
    async () => {
      const release = await account.released('shop', '1.0.0');
      expect(release.stage).toBe('stable');
      expect(release.transitions.find(({ stage }) => stage === 'baking')?.why).toContain('there is room for the 5 node(s)');
    },
    LONG_MS,
  );

  it(
    'refuses the next one with the numbers and the quota, and goes on with what it has',
    async () => {
      const before = await left(account, 'shop');
      const since = account.now;
      const release = await account.released('shop', '2.0.0');
      expect(stagesOf(release)).toEqual(['received', 'refused']);
      expect(lastWhy(release)).toBe(
        'at its largest it needs 20 vCPUs beside 0 that others use: 20 > 10. Request an increase of "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances" in Service Quotas, or lower `nodes` in the service file. Then upload a new version',
      );
      expectToldOnce(account, 'shop', release);
      await account.advance(3);
      expect(await left(account, 'shop')).toEqual(before);
      expect(before).not.toEqual(NOTHING);
      expect(failed(users.between(since))).toBe(0);
      const [execution] = await executions(account, 'tandem-release');
      expect(execution).toMatchObject({ name: 'release-shop-2.0.0-2', status: 'FAILED' });
      expect(await executions(account, 'tandem-rollback')).toEqual([]);
      expect((await account.service('shop')).inFlight).toBeUndefined();
    },
    LONG_MS,
  );
});
