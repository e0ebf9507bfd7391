/** What becomes of the Linux twin in a unikernel's place: it serves, dies like any other, and goes with its release. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import { launched, slotById } from './app/fleet.ts';
import { nodes, running } from './app/left.ts';
import { failed, shareOf } from './app/users.ts';
import type { Users } from './app/users.ts';

const LONG_MS = 120_000;
const ALIKE = 'assertion `queue != full` failed\n';

describe.each([
  ['pool', 'shop', {}],
  ['beta', 'open-beta', { betaHeaders: { 'X-Beta': 'yes' } }],
] as const)('a Linux twin in %s mode', (_mode, service, headers) => {
  let account: Account;
  let users: Users;
  let slot = '';
  beforeAll(async () => {
    account = await Account.open([service]);
    users = await account.users(service, { perSecond: 10, ...headers });
    await account.released(service, '1.0.0');
    await account.advance(1);
  }, LONG_MS);
  afterAll(() => account.stop());

  const powerOff = async (id: string, console: string) => {
    const { instanceId } = await slotById(account, service, id);
    await account.strike(instanceId!, { kind: 'power-off', console });
    await account.advance(2);
  };

  it(
    'serves those whom the unikernel served',
    async () => {
      const [first, second] = await launched(account, service, 'blue');
      slot = second!.id;
      await powerOff(first!.id, ALIKE);
      await powerOff(slot, ALIKE);
      expect(await nodes(account, service, ['running'])).toContain('1 × 1.0.0 linux blue');
      const answers = users.between(account.now - 30_000).filter(({ isBeta }) => !isBeta);
      expect(failed(answers)).toBe(0);
      // A third of the fleet, and in pool mode the Linux node beside it too.
      expect(shareOf(answers, [account.face(service, '1.0.0', 'linux')])).toBeGreaterThan(0.2);
    },
    LONG_MS,
  );

  it(
    'has another in its place when it dies, marked as it was',
    async () => {
      const before = await slotById(account, service, slot);
      await powerOff(slot, 'out of handles\n');
      const after = await slotById(account, service, slot);
      expect(after).toMatchObject({ attempt: before.attempt + 1, build: 'unikernel', twin: before.twin });
      expect(await nodes(account, service, ['running'])).toContain('1 × 1.0.0 linux blue');
      const fault = (await account.faults(service)).at(-1)!;
      expect(fault).toMatchObject({ build: 'linux', slot, replacement: { build: 'linux' } });
    },
    LONG_MS,
  );

  it(
    'is gone with its release: the next has unikernels in all its places',
    async () => {
      await account.advance(70);
      expect((await account.released(service, '1.1.0')).stage).toBe('stable');
      await account.advance(5);
      expect(await nodes(account, service)).toEqual([
        '1 × 1.1.0 linux baseline',
        expect.stringMatching(/^3 × 1\.1\.0 unikernel/),
      ]);
      expect((await launched(account, service)).filter(({ twin }) => twin)).toEqual([]);
      expect(await running(account)).toEqual([]);
    },
    LONG_MS,
  );
});
