/** Executions that are stopped from outside, and events of it that never come: the service is what it was, or better. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { MINUTE_MS } from './app/opened-account.ts';
import { becameAt, expectOnlyFalls, expectToldOnce } from './app/expect.ts';
import { lastWhy, stagesOf } from './app/items.ts';
import type { ReleaseItem } from './app/items.ts';
import { executions, left } from './app/left.ts';
import type { Left } from './app/left.ts';
import { failed } from './app/users.ts';
import type { Users } from './app/users.ts';

const LONG_MS = 120_000;
let account: Account;
let users: Users;
let before: Left;

function inAccountWhere(deliversStatus: boolean) {
  beforeAll(async () => {
    // Status changes are the events AWS sends on a best-effort basis.
    const deliveryPlan = (event: Readonly<Record<string, unknown>>) =>
      event.source === 'aws.states' && !deliversStatus ? [] : [300];
    account = await Account.open(['shop'], { deliveryPlan });
    users = await account.users('shop', { perSecond: 10 });
    await account.released('shop', '1.0.0');
    await account.advance(1);
    before = await left(account, 'shop');
  }, LONG_MS);
  afterAll(() => account.stop());
}

async function stop(machine: string, part: string) {
  const all = await executions(account, machine);
  const found = all.find(({ name, status }) => status === 'RUNNING' && name.includes(part));
  if (!found)
    throw new Error(`${machine} runs no ${part}, only ${all.map(({ name, status }) => `${name} ${status}`).join(', ')}`);
  await account.call('states:StopExecution', { executionArn: found.executionArn });
}

async function untilRuns(machine: string, part: string) {
  const isRunning = async () =>
    (await executions(account, machine)).some(({ name, status }) => status === 'RUNNING' && name.includes(part));
  for (let seconds = 0; !(await isRunning()) && seconds < 300; seconds += 1) await account.advance(1 / 60);
}

async function expectAsBefore(release: ReleaseItem) {
  expect(release.stage).toBe('rolled-back');
  expectToldOnce(account, 'shop', release);
  await account.advance(1);
  expect(await left(account, 'shop')).toEqual(before);
  const service = await account.service('shop');
  expect(service).toMatchObject({ stable: { version: '1.0.0' }, queue: [] });
  expect(service).not.toHaveProperty('inFlight');
  const since = becameAt(release, 'baking');
  expect(failed(users.between(since))).toBe(0);
  expectOnlyFalls(users, account.faces('shop', release.version), becameAt(release, 'rolling-back'));
}

describe('a release whose execution is stopped', () => {
  inAccountWhere(true);

  it.each([
    ['baking', '2.0.0', 0],
    ['canary', '2.1.0', 1],
    ['debut', '2.2.0', 1],
    ['promoting', '2.3.0', 2],
    ['warm', '2.4.0', 1],
  ])(
    'while it is %s is taken back within seconds',
    async (stage, version, minutes) => {
      await account.upload('shop', version);
      await account.untilTold('shop', version, stage);
      await account.advance(minutes);
      await stop('tandem-release', version);
      const stopped = account.now;
      const release = await account.untilOver('shop', version);
      const back = release.transitions.find((one) => one.stage === 'rolling-back')!;
      expect(back.why).toBe('its execution ended as ABORTED');
      expect(back.at - stopped).toBeLessThan(5_000);
      await expectAsBefore(release);
    },
    LONG_MS,
  );

  it(
    'through one of its watches watches again, from when it began, and goes on',
    async () => {
      await account.upload('shop', '3.0.0');
      await account.untilTold('shop', '3.0.0', 'canary');
      await account.advance(1);
      await stop('tandem-watch-release', '');
      await account.untilTold('shop', '3.0.0', 'debut');
      const watches = (await executions(account, 'tandem-watch-release')).map(({ status }) => status);
      expect(watches.slice(0, 2)).toEqual(['SUCCEEDED', 'ABORTED']);
      await account.order('shop', '3.0.0', 'abort');
      await expectAsBefore(await account.untilOver('shop', '3.0.0'));
    },
    LONG_MS,
  );

  it(
    'and whose rollback is stopped too, again and again, is taken back by the sweep',
    async () => {
      await account.upload('shop', '3.1.0');
      await account.untilTold('shop', '3.1.0', 'debut');
      await account.advance(0.7);
      await account.order('shop', '3.1.0', 'abort');
      await account.advance(0.1);
      for (let times = 0; times < 3; times += 1) {
        await untilRuns('tandem-rollback', '3.1.0');
        await stop('tandem-rollback', '3.1.0');
      }
      const release = await account.untilOver('shop', '3.1.0');
      const rollbacks = (await executions(account, 'tandem-rollback')).filter(({ name }) => name.includes('3.1.0'));
      expect(rollbacks.map(({ status }) => status)).toEqual(['SUCCEEDED', 'ABORTED', 'ABORTED', 'ABORTED']);
      await expectAsBefore(release);
    },
    LONG_MS,
  );

  it(
    'past the point of no return goes forward: the old fleet is reaped',
    async () => {
      await account.upload('shop', '4.0.0');
      await account.untilTold('shop', '4.0.0', 'warm');
      await account.order('shop', '4.0.0', 'finish');
      const isCommitted = async () => (await account.release('shop', '4.0.0')).committedAt !== undefined;
      for (let seconds = 0; !(await isCommitted()) && seconds < 120; seconds += 2) await account.advance(2 / 60);
      const since = account.now;
      await stop('tandem-release', '4.0.0');
      const release = await account.untilOver('shop', '4.0.0');
      expect(release.stage).toBe('stable');
      expect(becameAt(release, 'stable') - since).toBeLessThan(3 * MINUTE_MS);
      expect(await account.service('shop')).toMatchObject({ stable: { version: '4.0.0' } });
      // The grace, and the drain.
      await account.advance(10);
      expect((await left(account, 'shop')).nodes).toEqual([
        '1 × 4.0.0 linux baseline',
        expect.stringMatching(/^3 × 4\.0\.0 unikernel/),
      ]);
      expect(failed(users.between(since))).toBe(0);
    },
    LONG_MS,
  );
});

describe('a release whose execution is stopped, and nobody is told', () => {
  inAccountWhere(false);

  it.each([
    ['baking', '2.0.0', 0],
    ['canary', '2.1.0', 1],
    ['warm', '2.2.0', 1],
  ])(
    'while it is %s is found by the sweep and taken back',
    async (stage, version, minutes) => {
      await account.upload('shop', version);
      await account.untilTold('shop', version, stage);
      await account.advance(minutes);
      await stop('tandem-release', version);
      const stopped = account.now;
      const release = await account.untilOver('shop', version);
      expect(stagesOf(release).at(-3)).toBe(stage);
      expect(lastWhy(release)).toMatch(new RegExp(`the execution of shop@${version} is gone while it is ${stage}`));
      expect(becameAt(release, 'rolling-back') - stopped).toBeLessThan(2 * MINUTE_MS);
      await expectAsBefore(release);
    },
    LONG_MS,
  );
});
