/** What an operator orders: abort in every stage, pause, promote, finish. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { MINUTE_MS } from './app/opened-account.ts';
import { becameAt, expectOnlyFalls, expectToldOnce } from './app/expect.ts';
import { lastWhy, stagesOf } from './app/items.ts';
import { executions, left, NOTHING } from './app/left.ts';
import type { Left } from './app/left.ts';
import { failed, shareOf } from './app/users.ts';
import type { Users } from './app/users.ts';

const LONG_MS = 120_000;
let account: Account;
let users: Users;
let before: Left;
beforeAll(async () => {
  account = await Account.open(['shop', 'gated']);
  users = await account.users('shop', { perSecond: 10 });
  await account.users('gated');
  await account.upload('gated', '1.0.0');
  await account.released('shop', '1.0.0');
  await account.advance(1);
  before = await steady();
}, LONG_MS);
afterAll(() => account.stop());

/** The other service's release runs beside it. */
const steady = async (): Promise<Left> => ({ ...(await left(account, 'shop')), running: [] });

describe('an order to abort', () => {
  it.each([
    ['baking', '2.0.0', ['baking'], 0],
    ['the canary', '2.1.0', ['baking', 'canary'], 1],
    ['the debut', '2.2.0', ['baking', 'canary', 'debut'], 1],
    ['the promotion', '2.3.0', ['baking', 'canary', 'debut', 'promoting'], 2],
    ['the warm time, as an undo', '2.4.0', ['baking', 'canary', 'debut', 'promoting', 'warm'], 1],
  ])(
    'in %s takes the release back, without a failed request',
    async (_stage, version, stages, minutes) => {
      const since = account.now;
      await account.upload('shop', version);
      await account.untilTold('shop', version, stages.at(-1)!);
      await account.advance(minutes);
      expect(await account.order('shop', version, 'abort')).toMatch(/it will be rolled back/);
      expect(await account.order('shop', version, 'abort')).toMatch(/being aborted already|OrderRefused/);
      const release = await account.untilOver('shop', version);
      expect(stagesOf(release)).toEqual(['received', ...stages, 'rolling-back', 'rolled-back']);
      expect(release.transitions.find(({ stage }) => stage === 'rolling-back')!.why).toBe('aborted by ada: the test wants it');
      expect(release.orders).toEqual([expect.objectContaining({ kind: 'abort', by: 'ada' })]);
      expectToldOnce(account, 'shop', release);

      await account.advance(1);
      expect(await steady()).toEqual(before);
      expect(await account.service('shop')).toMatchObject({ stable: { version: '1.0.0' }, queue: [] });
      expect(failed(users.between(since))).toBe(0);
      expectOnlyFalls(users, account.faces('shop', version), becameAt(release, 'rolling-back'));
    },
    LONG_MS,
  );

  it('for one that waits in line, or for images, withdraws it', async () => {
    await account.put('shop/2.5.0/linux.raw', await account.image('shop', '2.5.0', 'linux'));
    await account.advance(0.1);
    expect(await account.order('shop', '2.5.0', 'abort')).toMatch(/aborted by ada before it started/);
    expect((await account.release('shop', '2.5.0')).stage).toBe('refused');
  });

  it('is refused with the reason where there is nothing to abort', async () => {
    expect(await account.order('shop', '1.0.0', 'abort')).toMatch(
      /^OrderRefused: shop@1\.0\.0 does not take "abort": it is stable already\. Upload/,
    );
    expect(await account.order('shop', '9.9.9', 'abort')).toMatch(/^ReleaseUnknown: There is no release shop@9\.9\.9/);
    expect(await account.order('shop', '1.0', 'abort')).toMatch(/^InputInvalid: /);
  });
});

describe('orders to a release under way', () => {
  it(
    'pause holds it in its stage and resume lets it go on; finish ends its warm time, and then there is no way back',
    async () => {
      await account.upload('shop', '3.0.0');
      await account.untilTold('shop', '3.0.0', 'canary');
      expect(await account.order('shop', '3.0.0', 'pause')).toMatch(/it stays in its stage until "resume"/);
      expect(await account.order('shop', '3.0.0', 'finish')).toMatch(
        /^OrderRefused: .*it is canary, and only a warm release is finished/,
      );
      expect(await account.order('shop', '3.0.0', 'promote')).toMatch(
        /^OrderRefused: .*the service has no gate \(promotion\.gateHours\)/,
      );
      await account.advance(20);
      expect(await account.release('shop', '3.0.0')).toMatchObject({ stage: 'canary', paused: true, verdicts: [] });
      expect(await account.order('shop', '3.0.0', 'resume')).toMatch(/it goes on/);

      const warm = await account.untilStage('shop', '3.0.0', 'warm');
      expect(await account.order('shop', '3.0.0', 'finish')).toMatch(/its warm time ends at the next look/);
      const isCommitted = async () => (await account.release('shop', '3.0.0')).committedAt !== undefined;
      for (let seconds = 0; !(await isCommitted()) && seconds < 120; seconds += 2) await account.advance(2 / 60);
      expect(await account.order('shop', '3.0.0', 'abort')).toMatch(
        /^OrderRefused: .*the fleet it replaced is being retired\. Upload the version/,
      );
      const release = await account.untilOver('shop', '3.0.0');
      expect(release.stage).toBe('stable');
      expect(becameAt(release, 'stable') - becameAt(warm, 'warm')).toBeLessThan(2 * MINUTE_MS);
      expect(release.orders.map(({ kind }) => kind)).toEqual(['pause', 'resume', 'finish']);
    },
    LONG_MS,
  );

  it(
    'a release that fails is taken back though it is paused',
    async () => {
      await account.upload('shop', '3.1.0', { linux: { errorRate: 0.2 } });
      await account.untilTold('shop', '3.1.0', 'canary');
      await account.order('shop', '3.1.0', 'pause');
      expect((await account.untilOver('shop', '3.1.0')).stage).toBe('rolled-back');
    },
    LONG_MS,
  );
});

describe('a gate', () => {
  it(
    'holds a release until it is ordered to be promoted, at most its hours; then it is taken back',
    async () => {
      // It has waited since this file began: a first release, so nothing stays.
      const release = await account.untilOver('gated', '1.0.0');
      expect(stagesOf(release)).toEqual(['received', 'baking', 'canary', 'debut', 'promoting', 'rolling-back', 'rolled-back']);
      const waited = becameAt(release, 'rolling-back') - becameAt(release, 'promoting');
      expect(waited).toBeGreaterThanOrEqual(60 * MINUTE_MS);
      expect(waited).toBeLessThan(62 * MINUTE_MS);
      expect(lastWhy(release)).toBe('nobody ordered "promote" within 1 hour(s)');
      await account.advance(1);
      expect(await left(account, 'gated')).toEqual(NOTHING);
    },
    LONG_MS,
  );

  it(
    'opens by the order',
    async () => {
      await account.upload('gated', '1.1.0');
      await account.untilStage('gated', '1.1.0', 'promoting');
      await account.advance(10);
      expect((await account.release('gated', '1.1.0')).stage).toBe('promoting');
      expect(shareOf(users.between(account.now - MINUTE_MS), account.faces('shop', '3.0.0'))).toBe(1);
      expect(await account.order('gated', '1.1.0', 'promote')).toMatch(/its gate is open/);
      const release = await account.untilOver('gated', '1.1.0');
      expect(release.stage).toBe('stable');
      expect(release.verdicts.map(({ why }) => why)).toContain('promoted by ada: the test wants it');
      expect((await executions(account, 'tandem-release')).find(({ name }) => name.includes('1.1.0'))?.status).toBe('SUCCEEDED');
    },
    LONG_MS,
  );
});
