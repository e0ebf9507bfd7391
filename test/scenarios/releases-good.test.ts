/** Good releases: what runs, who is asked and what is told, from the first upload to the one after the next. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { becameAt, expectOnlyFalls, expectToldOnce } from './app/expect.ts';
import { stagesOf } from './app/items.ts';
import { images, left, nodes, running, weights } from './app/left.ts';
import { failed, shareOf } from './app/users.ts';
import type { Users } from './app/users.ts';

const LONG_MS = 120_000;
const ALL_STAGES = ['received', 'baking', 'canary', 'debut', 'promoting', 'warm', 'stable'];
let account: Account;
let users: Users;
beforeAll(async () => {
  account = await Account.open(['shop', 'lined']);
  users = await account.users('shop', { perSecond: 10 });
  await account.users('lined', { perSecond: 4 });
}, LONG_MS);
afterAll(() => account.stop());

/** What stands at the end of a stage: when the next one is told, whose nodes are pending. */
async function at(version: string, next: string) {
  await account.untilTold('shop', version, next);
  return { nodes: await nodes(account, 'shop', ['running']), weights: (await weights(account, 'shop')).main };
}
const lastMinute = () => users.between(account.now - 60_000);

describe('a first release', () => {
  it(
    'has all users from its canary on, and becomes stable stage by stage',
    async () => {
      // The other service has two at once, of which one waits: they are looked at below.
      await account.upload('lined', '1.0.0');
      await account.upload('lined', '2.0.0');
      await account.upload('shop', '1.0.0');
      expect(await at('1.0.0', 'debut')).toEqual({ nodes: ['1 × 1.0.0 linux canary'], weights: { canary: 999 } });
      expect(await at('1.0.0', 'promoting')).toEqual({
        nodes: ['1 × 1.0.0 linux canary', '1 × 1.0.0 unikernel blue'],
        weights: { canary: 800, blue: 200 },
      });
      const whole = { nodes: ['1 × 1.0.0 linux baseline', '3 × 1.0.0 unikernel blue'], weights: { blue: 750, baseline: 250 } };
      expect(await at('1.0.0', 'warm')).toEqual(whole);
      expect(await at('1.0.0', 'stable')).toEqual(whole);

      await account.advance(0.1);
      const release = await account.release('shop', '1.0.0');
      expect(stagesOf(release)).toEqual(ALL_STAGES);
      expect(release.verdicts.map(({ stage, kind }) => `${stage} ${kind}`)).toEqual([
        'canary pass',
        'debut pass',
        'promoting pass', // the gate there is none
        'promoting pass',
        'promoting pass',
        'warm pass',
      ]);
      expectToldOnce(account, 'shop', release);
      // Before it there was nobody: the listener's own 503.
      expect(failed(users.between(becameAt(release, 'debut')))).toBe(0);
    },
    LONG_MS,
  );
});

describe('the release after it', () => {
  it(
    'takes over without a failed request; the old fleet stays warm, then goes',
    async () => {
      const since = account.now;
      await account.upload('shop', '1.1.0');
      expect(await at('1.1.0', 'debut')).toEqual({
        nodes: ['1 × 1.0.0 linux baseline', '1 × 1.1.0 linux canary', '3 × 1.0.0 unikernel blue'],
        weights: { blue: 600, canary: 200, baseline: 200 },
      });
      expect(shareOf(lastMinute(), account.faces('shop', '1.1.0'))).toBeCloseTo(0.2, 1);
      expect(await at('1.1.0', 'promoting')).toEqual({
        nodes: [
          '1 × 1.0.0 linux baseline',
          '1 × 1.0.0 unikernel control',
          '1 × 1.1.0 linux canary',
          '1 × 1.1.0 unikernel green',
          '3 × 1.0.0 unikernel blue',
        ],
        weights: { blue: 200, canary: 200, baseline: 200, green: 200, control: 200 },
      });
      expect(await at('1.1.0', 'warm')).toEqual({
        nodes: ['1 × 1.1.0 linux baseline', '3 × 1.0.0 unikernel blue', '3 × 1.1.0 unikernel green'],
        weights: { green: 750, baseline: 250 },
      });
      expect(await at('1.1.0', 'stable')).toEqual({
        nodes: ['1 × 1.1.0 linux baseline', '3 × 1.1.0 unikernel green'],
        weights: { green: 750, baseline: 250 },
      });
      await account.advance(0.1);
      const release = await account.release('shop', '1.1.0');
      expect(stagesOf(release)).toEqual(ALL_STAGES);
      expect(becameAt(release, 'stable') - becameAt(release, 'warm')).toBeGreaterThanOrEqual(3 * 60_000);
      expect(shareOf(users.between(becameAt(release, 'warm')), account.faces('shop', '1.0.0'))).toBe(0);
      expect(failed(users.between(since))).toBe(0);
      expectToldOnce(account, 'shop', release);

      await account.advance(1);
      const service = await account.service('shop');
      expect(service).toMatchObject({ fence: 2, queue: [], stable: { version: '1.1.0', fleet: 'green' } });
      expect(service).not.toHaveProperty('inFlight');
      // The release before stays what a later one could be undone to by hand.
      expect(await images(account, 'shop')).toEqual(
        ['1.0.0', '1.1.0'].flatMap((v) => [`shop/${v}/linux`, `shop/${v}/unikernel`]),
      );
    },
    LONG_MS,
  );
});

describe('a release that arrives', () => {
  it(
    'while another is warm ends its warm time, and starts then',
    async () => {
      const since = account.now;
      await account.upload('shop', '1.2.0');
      await account.untilStage('shop', '1.2.0', 'warm');
      await account.upload('shop', '1.3.0');
      const older = await account.untilStage('shop', '1.2.0', 'stable');
      expect(becameAt(older, 'stable') - becameAt(older, 'warm')).toBeLessThan(2 * 60_000);
      const newer = await account.untilStage('shop', '1.3.0', 'canary');
      expect(becameAt(newer, 'baking')).toBeGreaterThanOrEqual(becameAt(older, 'stable'));
      expect(await account.service('shop')).toMatchObject({ inFlight: '1.3.0', stable: { version: '1.2.0' } });
      expect(failed(users.between(since))).toBe(0);
    },
    LONG_MS,
  );

  it(
    'while another is in its canary supersedes it: that one is taken back, and no user fails',
    async () => {
      await account.advance(1.2);
      expect(shareOf(users.between(account.now - 10_000), account.faces('shop', '1.3.0'))).toBeGreaterThan(0.05);
      await account.upload('shop', '1.4.0');
      const older = await account.untilStage('shop', '1.3.0', 'superseded');
      expect(stagesOf(older)).toEqual(['received', 'baking', 'canary', 'rolling-back', 'superseded']);
      const newer = await account.untilStage('shop', '1.4.0', 'stable');
      expectOnlyFalls(users, account.faces('shop', '1.3.0'), becameAt(older, 'rolling-back'));
      expect(failed(users.between(becameAt(older, 'baking')))).toBe(0);
      expectToldOnce(account, 'shop', older);
      expectToldOnce(account, 'shop', newer);
      await account.advance(1);
      expect(await left(account, 'shop')).toMatchObject({
        nodes: ['1 × 1.4.0 linux baseline', expect.stringMatching(/^3 × 1\.4\.0 unikernel/)],
        images: ['1.0.0', '1.1.0', '1.2.0', '1.4.0'].flatMap((v) => [`shop/${v}/linux`, `shop/${v}/unikernel`]),
      });
    },
    LONG_MS,
  );

  it(
    'while another is in flight waits for it, where the service queues',
    async () => {
      const [first, second] = [await account.untilOver('lined', '1.0.0'), await account.untilOver('lined', '2.0.0')].toSorted(
        (a, b) => becameAt(a, 'baking') - becameAt(b, 'baking'),
      );
      expect([stagesOf(first!), stagesOf(second!)]).toEqual([ALL_STAGES, ALL_STAGES]);
      expect(becameAt(second!, 'baking')).toBeGreaterThanOrEqual(becameAt(first!, 'stable'));
      expect(await running(account)).toEqual([]);
    },
    LONG_MS,
  );
});
