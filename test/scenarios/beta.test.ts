/** Beta mode: users who chose beta meet Linux nodes, all others unikernels, whatever is being released. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { becameAt, expectOnlyFalls } from './app/expect.ts';
import { stagesOf } from './app/items.ts';
import { left, weights } from './app/left.ts';
import { failed, shareOf } from './app/users.ts';
import type { Answer, Users } from './app/users.ts';

const LONG_MS = 120_000;
const SERVICE = 'open-beta';
let account: Account;
let users: Users;
beforeAll(async () => {
  account = await Account.open([SERVICE]);
  users = await account.users(SERVICE, { perSecond: 20, betaHeaders: { 'X-Beta': 'yes' } });
}, LONG_MS);
afterAll(() => account.stop());

const face = (version: string, build: 'linux' | 'unikernel') => account.face(SERVICE, version, build);
const split = (answers: readonly Answer[]) => ({
  beta: answers.filter(({ isBeta }) => isBeta),
  others: answers.filter(({ isBeta }) => !isBeta),
});
const lastSeconds = (seconds = 40) => split(users.between(account.now - seconds * 1000));

it(
  'a first release ends with beta on its Linux nodes and all others on unikernels',
  async () => {
    const release = await account.released(SERVICE, '1.0.0');
    expect(release.stage).toBe('stable');
    expect(await weights(account, SERVICE)).toEqual({ main: { blue: 999 }, beta: { baseline: 999 } });
    await account.advance(1);
    const { beta, others } = lastSeconds();
    expect(shareOf(beta, [face('1.0.0', 'linux')])).toBe(1);
    expect(shareOf(others, [face('1.0.0', 'unikernel')])).toBe(1);
  },
  LONG_MS,
);

it(
  'during a canary half of beta meets the new release, and nobody else does',
  async () => {
    await account.upload(SERVICE, '1.1.0');
    await account.untilTold(SERVICE, '1.1.0', 'debut');
    expect(await weights(account, SERVICE)).toEqual({ main: { blue: 999 }, beta: { canary: 500, baseline: 500 } });
    const { beta, others } = lastSeconds();
    expect(shareOf(beta, [face('1.1.0', 'linux')])).toBeCloseTo(0.5, 1);
    expect(shareOf(beta, [face('1.0.0', 'linux')])).toBeCloseTo(0.5, 1);
    expect(shareOf(others, [face('1.0.0', 'unikernel')])).toBe(1);
  },
  LONG_MS,
);

it(
  'from its debut on all others meet it as unikernels, more and more, and at last all do',
  async () => {
    await account.untilTold(SERVICE, '1.1.0', 'promoting');
    expect(await weights(account, SERVICE)).toEqual({
      main: { blue: 600, green: 200, control: 200 },
      beta: { canary: 500, baseline: 500 },
    });
    expect(shareOf(lastSeconds().others, [face('1.1.0', 'unikernel')])).toBeCloseTo(0.2, 1);
    const release = await account.untilOver(SERVICE, '1.1.0');
    expect(release.stage).toBe('stable');
    expect(await weights(account, SERVICE)).toEqual({ main: { green: 999 }, beta: { baseline: 999 } });
    const { beta, others } = lastSeconds();
    expect([shareOf(beta, [face('1.1.0', 'linux')]), shareOf(others, [face('1.1.0', 'unikernel')])]).toEqual([1, 1]);
    expect(failed(users.between(becameAt(release, 'baking')))).toBe(0);
  },
  LONG_MS,
);

it(
  'a canary that fails is known to beta users only, and beta is back with the stable release',
  async () => {
    const before = await left(account, SERVICE);
    const release = await account.released(SERVICE, '1.2.0', { linux: { errorRate: 0.05 } });
    expect(stagesOf(release)).toEqual(['received', 'baking', 'canary', 'rolling-back', 'rolled-back']);
    await account.advance(1);
    expect(await left(account, SERVICE)).toEqual(before);
    expectOnlyFalls(users, account.faces(SERVICE, '1.2.0'), becameAt(release, 'rolling-back'));
    const { beta, others } = split(users.between(becameAt(release, 'baking')));
    expect(failed(others)).toBe(0);
    expect(failed(beta) / beta.length).toBeLessThan(0.05);
  },
  LONG_MS,
);
