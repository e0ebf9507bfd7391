/** Two releases of one service at the same moment, under each `onNewRelease`: never do both run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { lastWhy } from './app/items.ts';
import { executions, left, NOTHING } from './app/left.ts';

const LONG_MS = 120_000;
let account: Account;
beforeAll(async () => {
  account = await Account.open(['shop', 'lined', 'strict']);
}, LONG_MS);
afterAll(() => account.stop());

/** Both versions, their images crossed; answers who came first and who second. */
async function uploadTwo(service: string) {
  for (const build of ['linux', 'unikernel'] as const) {
    for (const version of ['1.0.0', '2.0.0']) {
      await account.put(`${service}/${version}/${build}.raw`, await account.image(service, version, build));
    }
  }
  await account.advance(0.1);
  const { inFlight = 'none' } = await account.service(service);
  return { first: inFlight, second: inFlight === '1.0.0' ? '2.0.0' : '1.0.0' };
}

async function undo(service: string, version: string) {
  await account.untilStage(service, version, 'canary');
  await account.order(service, version, 'abort');
  await account.untilOver(service, version);
}

const startsOf = async (service: string) =>
  (await executions(account, 'tandem-release')).filter(({ name }) => name.includes(`-${service}-`)).map(({ name }) => name);

describe('two releases at once', () => {
  it('supersede: the first is taken back whole before the second starts', async () => {
    const { first, second } = await uploadTwo('shop');
    const older = await account.untilStage('shop', first, 'superseded');
    expect(older.transitions.map(({ why }) => why)).toContainEqual(`superseded by ${second}`);
    const newer = await account.untilStage('shop', second, 'canary');
    const began = newer.transitions.find(({ stage }) => stage === 'baking')!.at;
    expect(began).toBeGreaterThanOrEqual(older.transitions.at(-1)!.at);
    await undo('shop', second);
    await account.advance(1);
    expect(await left(account, 'shop')).toEqual(NOTHING);
  });

  it('queue: the second waits until the first is over, and starts then', async () => {
    const { first, second } = await uploadTwo('lined');
    await account.untilStage('lined', first, 'canary');
    expect(await account.service('lined')).toMatchObject({ inFlight: first, queue: [second] });
    expect((await account.release('lined', second)).stage).toBe('received');
    expect(await startsOf('lined')).toEqual([`release-lined-${first}-1`]);
    await undo('lined', first);
    await undo('lined', second);
    await account.advance(1);
    expect(await left(account, 'lined')).toEqual(NOTHING);
    expect(await account.service('lined')).not.toHaveProperty('inFlight');
  });

  it('refuse: the second is refused with the reason and the fix, and the first goes on', async () => {
    const { first, second } = await uploadTwo('strict');
    const refused = await account.untilOver('strict', second);
    expect(refused.stage).toBe('refused');
    expect(lastWhy(refused)).toBe(
      `${first} is in flight, and the service refuses a second one (onNewRelease). Upload a new version when it is over`,
    );
    expect(await startsOf('strict')).toEqual([`release-strict-${first}-1`]);
    await undo('strict', first);
    await account.advance(1);
    expect(await left(account, 'strict')).toEqual(NOTHING);
  });
});
