/** What the judge makes of real releases: the good pass, the bad fail early, and what is not theirs is not held against them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Account } from './app/account.ts';
import type { Behaviour, Build } from './app/opened-account.ts';
import { becameAt } from './app/expect.ts';
import { launched, nodeOf, slotById } from './app/fleet.ts';
import { lastWhy, stagesOf } from './app/items.ts';
import { Supervisors } from './app/supervisors.ts';
import type { ReleaseItem } from './app/items.ts';

const LONG_MS = 120_000;
/** All builds are as fast as each other: latency is compared at the old release's own quantiles. */
const FAST = { latencyMs: 20 };
const GOOD: Record<Build, Behaviour> = { linux: FAST, unikernel: FAST };
const ALL_STAGES = ['received', 'baking', 'canary', 'debut', 'promoting', 'warm', 'stable'];
let account: Account;

beforeAll(async () => {
  account = await Account.open(['judged', 'counted']);
  await account.users('judged', { perSecond: 20 });
  await account.released('judged', '1.0.0', GOOD);
  await account.advance(1);
}, LONG_MS);
afterAll(() => account.stop());

const released = (version: string, behaviour: Partial<Record<Build, Behaviour>> = {}) =>
  account.released('judged', version, { ...GOOD, ...behaviour });

const minutesTo = (release: ReleaseItem, stage: string) => (becameAt(release, stage) - becameAt(release, 'canary')) / 60_000;

async function begin(version: string): Promise<void> {
  await account.upload('judged', version, GOOD);
  await account.untilTold('judged', version, 'canary');
}

describe('a release that is', () => {
  it(
    'no worse passes, and its verdicts tell every test with both rates',
    async () => {
      const release = await released('1.1.0');
      expect(stagesOf(release)).toEqual(ALL_STAGES);
      const [canary] = release.verdicts;
      expect(canary).toMatchObject({ kind: 'pass', stage: 'canary' });
      expect(canary?.why).toMatch(/^0\.0 % of \d+ requests to canary failed ≤ 5 % allowed; baseline 0\.0 % of \d+; .*evidence/);
      const names = ['limit: errors', 'errors', 'p50', 'p90', 'p99', 'crashes'];
      expect(canary?.tests?.map(({ test }) => test)).toEqual(names);
      expect(canary?.tests?.[1]).toMatchObject({ watched: 0, reference: 0, threshold: 200 });
      expect(canary?.why).toContain('nothing is known of the past of this service yet; with ');
      expect(canary?.why).toMatch(/a 1e-6 fault would show up on a Linux node within \d+ d$/);
      const past = (await account.items()).filter(({ sk }) => String(sk).startsWith('HISTORY#'));
      expect(past.map(({ sk }) => sk).sort()).toEqual(['HISTORY#linux', 'HISTORY#unikernel']);
      const items = (await account.items()).filter(({ sk }) => String(sk).startsWith('JUDGEMENT#'));
      expect(items.length).toBe(2);
      for (const item of items) expect(JSON.stringify(item).length).toBeLessThan(32 * 1024);
    },
    LONG_MS,
  );

  it(
    'worse fails long before its watch is over, though it keeps the declared limit',
    async () => {
      const release = await released('2.0.0', { linux: { ...FAST, errorRate: 0.03 } });
      expect(release.stage).toBe('rolled-back');
      expect(lastWhy(release)).toMatch(
        /^\d\.\d\d % of \d+ requests failed > \d\.\d+ % \(baseline 0\.000 % of \d+\); evidence .* ≥ 200 \(the code: new Linux \d\.\d %, old Linux 0\.0 %/,
      );
      expect(minutesTo(release, 'rolling-back')).toBeLessThan(8);
    },
    LONG_MS,
  );

  it(
    'slower than the old one at its own quantiles fails',
    async () => {
      const release = await released('2.1.0', { linux: { latencyMs: 26 } });
      expect(release.stage).toBe('rolled-back');
      expect(lastWhy(release)).toMatch(/^100\.00 % of \d+ requests slower than 1\.09 × the baseline's p\d+ > 0\.000 %/);
      expect(minutesTo(release, 'rolling-back')).toBeLessThan(8);
    },
    LONG_MS,
  );
});

describe('what is not the release’s doing', () => {
  it(
    'a canary node that alone fails is replaced, and the release becomes stable',
    async () => {
      await begin('3.0.0');
      await account.advance(4);
      const victim = await nodeOf(account, 'judged', 'canary', 1);
      const { id } = (await launched(account, 'judged', 'canary')).find(({ instanceId }) => instanceId === victim)!;
      await account.strike(victim, { kind: 'power-off', console: 'out of luck\n' });
      await account.advance(3);
      expect(await slotById(account, 'judged', id)).toMatchObject({ state: 'launched', attempt: 2 });
      const release = await account.untilOver('judged', '3.0.0');
      expect(stagesOf(release)).toEqual(ALL_STAGES);
      expect(release.verdicts[0]?.why).toMatch(/1 crash\(es\) in \d\.\d node-hours/);
      expect(release.verdicts[0]?.why).not.toContain('nothing is known of the past');
    },
    LONG_MS,
  );

  it(
    'trouble of old and new alike holds the release and calls a person; when it is over the release goes on',
    async () => {
      await begin('3.1.0');
      await account.advance(5);
      const pages = account.told('page').length;
      const everybody = await launched(account, 'judged');
      const strikeAll = async (errorRate?: number) => {
        for (const { instanceId } of everybody)
          await account.strike(instanceId!, { kind: 'falter', ...(errorRate !== undefined && { errorRate }) });
      };
      await strikeAll(0.4);
      await account.advance(8);
      await strikeAll();
      const told = account.told('page').slice(pages);
      expect(told.map(({ why }) => why)).toEqual([
        expect.stringMatching(
          /^judged@3\.1\.0 is held, and not rolled back: held: old and new fail alike, for 0\.\d h so far: new Linux \d\d\.\d %, old Linux \d\d\.\d %, old unikernel \d\d\.\d %; order "promote" to go on, or "abort"; without an order it is taken back after 72 h$/,
        ),
      ]);
      const release = await account.untilOver('judged', '3.1.0');
      expect(stagesOf(release)).toEqual(ALL_STAGES);
      // The watch was as much longer.
      expect(minutesTo(release, 'debut')).toBeGreaterThan(27);
    },
    LONG_MS,
  );

  it(
    'a canary node that serves, and alone fails its users, is told by its own counts, and replaced',
    async () => {
      await account.users('counted', { perSecond: 20 });
      new Supervisors(account, 'counted', 'Counted/Nodes');
      await account.released('counted', '1.0.0', GOOD);
      await account.upload('counted', '2.0.0', GOOD);
      await account.untilTold('counted', '2.0.0', 'canary');
      await account.advance(2);
      const { id, instanceId } = (await launched(account, 'counted', 'canary'))[0]!;
      await account.strike(instanceId!, { kind: 'falter', errorRate: 0.4 });
      while ((await account.release('counted', '2.0.0')).stage === 'canary') await account.advance(1);
      expect((await slotById(account, 'counted', id)).attempt).toBe(2);
      const [fault] = await account.faults('counted');
      expect(fault).toMatchObject({ instanceId, way: 'judge' });
      const release = await account.untilOver('counted', '2.0.0');
      expect(stagesOf(release)).toEqual(ALL_STAGES);
      expect(release.verdicts[0]?.why).toContain(`requests to canary but ${instanceId} failed`);
    },
    LONG_MS,
  );
});
