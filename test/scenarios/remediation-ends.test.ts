/** A node dies at the very instant at which a release ends: it is one failure, and the release stays what it is. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { launched } from './app/fleet.ts';
import { nodes, running } from './app/left.ts';

const LONG_MS = 120_000;
let account: Account;
beforeAll(async () => {
  account = await Account.open(['shop']);
  await account.users('shop', { perSecond: 10 });
  await account.released('shop', '1.0.0');
  await account.advance(1);
}, LONG_MS);
afterAll(() => account.stop());

async function dies(version: string, end: 'stable' | 'rolled-back') {
  const known = (await account.faults('shop')).length;
  await account.upload('shop', version);
  if (end === 'rolled-back') {
    await account.untilTold('shop', version, 'debut');
    await account.order('shop', version, 'abort');
  }
  await account.untilTold('shop', version, end);
  const [victim] = (await launched(account, 'shop')).filter(({ build, healthyAt }) => build === 'unikernel' && healthyAt);
  await account.strike(victim!.instanceId!, { kind: 'power-off', console: `abort: as ${version} ends\n` });
  await account.advance(40);
  const stable = end === 'stable' ? version : victim!.version;
  expect((await account.release('shop', version)).stage).toBe(end);
  expect(await nodes(account, 'shop')).toEqual([
    `1 × ${stable} linux baseline`,
    expect.stringMatching(new RegExp(`^3 × ${stable} unikernel`)),
  ]);
  expect((await account.faults('shop')).slice(known)).toMatchObject([
    { instanceId: victim!.instanceId, isFinal: true, notified: true, replacement: { healthyAt: expect.any(Number) as number } },
  ]);
  expect(account.told('page')).toEqual([]);
  expect(await running(account)).toEqual([]);
  await account.advance(40);
}

it('is replaced once where the release has just become stable', () => dies('1.1.0', 'stable'), LONG_MS);
it('is replaced once where the release has just been taken back', () => dies('1.2.0', 'rolled-back'), LONG_MS);
