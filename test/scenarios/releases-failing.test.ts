/** Releases that fail, each in its stage: users are back with the old release, and the account is as it was before. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import type { Behaviour, Build } from './app/opened-account.ts';
import { becameAt, expectOnlyFalls, expectToldOnce } from './app/expect.ts';
import { lastWhy, stagesOf } from './app/items.ts';
import { left, NOTHING } from './app/left.ts';
import type { Left } from './app/left.ts';
import { failed, shareOf } from './app/users.ts';
import type { Users } from './app/users.ts';

const LONG_MS = 120_000;
let account: Account;
let users: Users;
let before: Left;
beforeAll(async () => {
  // Of this seed, no error falls on the probe.
  account = await Account.open(['shop', 'strict'], { seed: 2 });
  users = await account.users('shop', { perSecond: 20 });
  // Nobody uses this one.
  await account.upload('strict', '1.0.0');
  await account.released('shop', '1.0.0');
  await account.advance(1);
  before = await left(account, 'shop');
}, LONG_MS);
afterAll(() => account.stop());

/** Of a node that failed after it had been healthy the evidence is waited for, which AWS has within half an hour. */
const KEPT_MINUTES = 30;

async function fails(version: string, behaviour: Partial<Record<Build, Behaviour>>, stages: readonly string[], keptMinutes = 0) {
  await account.upload('shop', version, behaviour);
  const release = await account.untilOver('shop', version);
  expect(stagesOf(release)).toEqual(['received', 'baking', ...stages, 'rolling-back', 'rolled-back']);
  expectToldOnce(account, 'shop', release);
  await account.advance(1 + keptMinutes);
  expect(await left(account, 'shop')).toEqual(before);
  expect(await account.service('shop')).toMatchObject({ queue: [], stable: { version: '1.0.0' } });
  expect(await account.service('shop')).not.toHaveProperty('inFlight');
  expectOnlyFalls(users, account.faces('shop', version), becameAt(release, 'rolling-back'));
  return release;
}

const asked = (version: string) => shareOf(users.answers, account.faces('shop', version)) > 0;
const failedSince = (at: number) => failed(users.between(at));

describe('a release is taken back', () => {
  it(
    'whose canary answers errors, with the verdict as the reason',
    async () => {
      const release = await fails('2.0.0', { linux: { errorRate: 0.05 } }, ['canary']);
      expect(release.verdicts.map(({ kind }) => kind)).toEqual(['fail']);
      expect(lastWhy(release)).toMatch(
        /^\d+\.\d % of \d+ requests to canary failed > 1 % allowed; baseline 0\.0 % of \d+ \(the code: /,
      );
    },
    LONG_MS,
  );

  it(
    'whose canary is slow',
    async () => {
      const release = await fails('2.1.0', { linux: { latencyMs: 1500 } }, ['canary']);
      expect(lastWhy(release)).toMatch(/requests to canary took over 1000 ms > 5 % allowed/);
    },
    LONG_MS,
  );

  it(
    'whose canary does not answer its probes: no user ever asked it',
    async () => {
      const since = account.now;
      const release = await fails('2.2.0', { linux: { errorRate: 1 } }, ['canary']);
      expect(lastWhy(release)).toMatch(/500/);
      expect([asked('2.2.0'), failedSince(since)]).toEqual([false, 0]);
    },
    LONG_MS,
  );

  it(
    'whose canary is not healthy at its deadline: no user ever asked it',
    async () => {
      const since = account.now;
      const release = await fails('2.3.0', { linux: { listensAfterMs: 600_000 } }, ['canary']);
      expect(lastWhy(release)).toMatch(/not healthy at the deadline/);
      expect([asked('2.3.0'), failedSince(since)]).toEqual([false, 0]);
    },
    LONG_MS,
  );

  it(
    'whose canary never boots: no user ever asked it',
    async () => {
      const release = await fails('2.4.0', { linux: { diesAfterMs: 100 } }, ['canary']);
      expect(lastWhy(release)).toMatch(/is stopped|is stopping/);
      expect(asked('2.4.0')).toBe(false);
    },
    LONG_MS,
  );

  it(
    'whose canary dies while it is watched',
    async () => {
      const release = await fails('2.5.0', { linux: { diesAfterMs: 60_000 } }, ['canary'], KEPT_MINUTES);
      expect(lastWhy(release)).toMatch(/unhealthy node\(s\) in canary|failed > 1 % allowed/);
    },
    LONG_MS,
  );

  it(
    'whose unikernel answers errors, though its Linux twin does not: in its debut',
    async () => {
      const release = await fails('2.6.0', { unikernel: { errorRate: 0.1 } }, ['canary', 'debut']);
      expect(lastWhy(release)).toMatch(/requests to green failed > 1 % allowed; control 0\.0 % of \d+ \(the platform: /);
    },
    LONG_MS,
  );

  it(
    'whose unikernel falls ill while it is promoted',
    async () => {
      const ill = { unikernel: { healthyForMs: 4.5 * 60_000 } };
      const release = await fails('2.7.0', ill, ['canary', 'debut', 'promoting'], KEPT_MINUTES);
      expect(lastWhy(release)).toMatch(/unhealthy node\(s\) in green|not healthy at the deadline/);
      const faults = (await account.faults('shop')).filter((fault) => fault.version === '2.7.0');
      expect(faults.length).toBeGreaterThan(0);
      expect(faults.every(({ isFinal, wasInFlight }) => isFinal && wasInFlight)).toBe(true);
    },
    LONG_MS,
  );

  it(
    'whose unikernel dies half a minute after it serves, and so does each that takes its place',
    async () => {
      const release = await fails('2.8.0', { unikernel: { diesAfterMs: 45_000 } }, ['canary', 'debut'], KEPT_MINUTES + 5);
      const faults = (await account.faults('shop')).filter((fault) => fault.version === '2.8.0');
      expect(faults.length).toBeGreaterThanOrEqual(2);
      expect(new Set(faults.map(({ instanceId }) => instanceId)).size).toBe(faults.length);
      expect(faults.every(({ isFinal, notified, wasInFlight }) => isFinal && notified && wasInFlight)).toBe(true);
      expect(lastWhy(release)).toMatch(/unhealthy node\(s\) in|crashes|failed alike|again and again|not healthy at the deadline/);
    },
    LONG_MS,
  );

  it('about which nothing can be said, because nobody uses it; a first one leaves nothing', async () => {
    const release = await account.untilOver('strict', '1.0.0');
    expect(stagesOf(release)).toEqual(['received', 'baking', 'canary', 'rolling-back', 'rolled-back']);
    expect(release.verdicts.at(-1)?.kind).toBe('inconclusive');
    expect(lastWhy(release)).toBe('no verdict after 1 + 4 minutes: 0 of the 20 requests a verdict needs');
    expect(await left(account, 'strict')).toEqual(NOTHING);
  });
});
