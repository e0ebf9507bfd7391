/** What real watches leave behind, and what it does for the next release. */
import { describe, expect, it } from 'vitest';
import { judgeRelease } from '../../../core/judgement/judge-release.ts';
import { randomFrom } from '../../../bench/judge/random.ts';
import { learnSeason, noHistory, type Season } from '../../../core/judgement/history.ts';
import { MINUTE } from '../../fakes/fixtures.ts';
import { aSeason } from '../../fakes/history.ts';
import { aFault } from '../../fakes/ledger.ts';
import type { FaultRecord } from '../../../core/remediation/ports.ts';
import { openStable, run } from '../../fakes/hello.ts';
import { beginCanary, type Driver, runRelease } from '../../fakes/memory-world.ts';

const FILE = { canary: { nodes: 2, minutes: 30 }, linuxNodes: 2, warmMinutes: 1, limits: { maxErrorPercent: 20 } };
const second = run('2.0.0', 2);

/** In each minute and group for itself: now and then there are many times as many errors. */
function bursts({ world: { metrics, time } }: Driver, seed: number, worse = 1): void {
  const random = randomFrom(seed);
  const from = Math.floor(time.now / MINUTE);
  for (let minute = from; minute < from + 60; minute++)
    for (const group of ['canary', 'baseline', 'blue'] as const) {
      const errors = random.poisson((random.next() < 0.12 ? 120 : 6) * (group === 'canary' ? worse : 1));
      metrics.special.set(`${group}/${minute * MINUTE}`, { requests: 3000, errors });
    }
}

describe('a watch that is over', () => {
  it('is remembered once for each build, with what the stable release’s nodes did, whatever came of the release', async () => {
    const driver = await openStable(FILE);
    const { histories } = driver.world;
    expect(await histories.find('web', 'linux')).toBeUndefined();
    driver.pass(60 * 60 * 1000);
    await driver.uploadBoth('2.0.0');
    await runRelease(driver, second, 'debut');
    const linux = (await histories.find('web', 'linux'))!;
    expect(linux.seasons).toMatchObject([
      { id: '2.0.0#2', version: '2.0.0', isPassed: true, isGood: false, errors: 0, crashes: 0 },
    ]);
    expect(linux.seasons[0]!.requests).toBeGreaterThan(2000);
    // Two Linux nodes of the stable release for more than an hour, and those that replaced them.
    expect(linux.seasons[0]!.nodeHours).toBeGreaterThan(2.5);
    expect((await histories.find('web', 'unikernel'))?.seasons).toMatchObject([{ id: '2.0.0#2', isPassed: true }]);
  });

  it('is remembered of a release that failed as well: its stable nodes were fine', async () => {
    const driver = await openStable(FILE);
    const { histories, metrics } = driver.world;
    metrics.rates.set('canary', { requests: 3000, errors: 2000 });
    await beginCanary(driver, second);
    expect(await driver.watch(second, 'canary')).toMatchObject({ kind: 'fail' });
    expect((await histories.find('web', 'linux'))?.seasons).toMatchObject([{ isPassed: false, errors: 0 }]);
  });

  it('tells of the crashes of all stable nodes of its build, and of nothing an operator did', async () => {
    const driver = await openStable(FILE);
    const { faults, histories, time } = driver.world;
    driver.pass(30 * MINUTE);
    const crash = (print: string, over: Partial<FaultRecord> = {}): FaultRecord => ({
      ...aFault({ print, build: 'linux', group: 'baseline', at: time.now }),
      ...{ escalation: { kind: 'replace', why: '' }, evidence: { captured: 0, missed: 0 }, isFinal: true },
      ...{ replacement: { build: 'linux' }, notified: true, revision: 0, ...over },
    });
    await faults.put(crash('usual'));
    await faults.put(crash('ordered', { way: 'operator' }));
    await faults.put(crash('other build', { build: 'unikernel' }));
    await faults.put(crash('other release', { version: '0.9.0' }));
    await beginCanary(driver, second);
    await driver.watch(second, 'canary');
    const linux = (await histories.find('web', 'linux'))!;
    expect([linux.seasons[0]?.crashes, linux.fingerprints]).toEqual([1, ['usual']]);
  });

  it('is remembered beside what another step has written meanwhile', async () => {
    const driver = await openStable(FILE);
    const { histories } = driver.world;
    const other = { season: aSeason({ id: '1.9.0#9' }), stable: '1.8.0', fingerprints: [] };
    const write = histories.put.bind(histories);
    let isFirst = true;
    histories.put = async (record) => {
      if (isFirst) await write(learnSeason(noHistory('web', 'linux'), other));
      isFirst = false;
      return write(record);
    };
    await beginCanary(driver, second);
    expect((await driver.watch(second, 'canary')).kind).toBe('pass');
    expect((await histories.find('web', 'linux'))?.seasons.map(({ id }) => id)).toEqual(['1.9.0#9', '2.0.0#2']);
  });

  it('is judged the same by a step that runs again', async () => {
    const driver = await openStable(FILE);
    await beginCanary(driver, second);
    const { time, histories } = driver.world;
    const input = { ...second, at: time.now + 33 * MINUTE, watch: 'canary', since: time.now } as const;
    const [once, again] = [await judgeRelease(driver.world, input), await judgeRelease(driver.world, input)];
    expect(once.kind).toBe('pass');
    expect(again).toEqual(once);
    expect((await histories.find('web', 'linux'))?.revision).toBe(1);
  });
});

const WATCHES = 12;

/** The verdict on an unchanged release whose errors come in bursts; with what others like it have left behind. */
async function noisy(seed: number, past: readonly Season[] = [], worse = 1) {
  const driver = await openStable(FILE);
  const { histories } = driver.world;
  if (past.length > 0) await histories.put({ ...noHistory('web', 'linux'), seasons: past });
  await beginCanary(driver, second);
  bursts(driver, seed, worse);
  const { kind } = await driver.watch(second, 'canary');
  const own = (await histories.find('web', 'linux'))!.seasons.at(-1)!;
  return { kind, season: { ...own, id: `0.${seed}.0#0`, isGood: kind === 'pass' } };
}

describe('a noisy service whose release changed nothing', () => {
  it('fails at times while nothing is known of its past, and hardly once that is', async () => {
    const seeds = Array.from({ length: 60 }, (_, seed) => seed);
    const failed = (some: readonly { readonly kind: string }[]) => some.filter(({ kind }) => kind === 'fail').length;
    const before = await Promise.all(seeds.map((seed) => noisy(seed)));
    expect(failed(before)).toBeGreaterThan(10);
    const past = before.slice(0, WATCHES).map(({ season }) => season);
    const later = await Promise.all(seeds.map((seed) => noisy(1000 + seed, past)));
    expect(failed(later)).toBeLessThan(4);
    const worse = await Promise.all(seeds.slice(0, 10).map((seed) => noisy(2000 + seed, past, 8)));
    expect(failed(worse)).toBe(10);
  });

  it('passes once like releases have differed as much, however sure the difference is', async () => {
    const verdicts: string[] = [];
    for (const isKnown of [false, true]) {
      const driver = await openStable(FILE);
      const { metrics } = driver.world;
      const apart = (requests: number, times: number) => {
        metrics.rates.set('baseline', { requests, errors: requests * 0.005 });
        metrics.rates.set('canary', { requests, errors: Math.round(requests * 0.005 * times) });
      };
      if (isKnown)
        for (const [n, times] of [1.2, 0.82, 1.17, 0.85].entries()) {
          apart(2000, times);
          const which = run(`1.${n + 1}.0`, n + 2);
          await driver.uploadBoth(which.version);
          await runRelease(driver, which);
        }
      const last = run('2.0.0', isKnown ? 6 : 2);
      apart(20_000, 1.25);
      await beginCanary(driver, last);
      const { kind, why } = await driver.watch(last, 'canary');
      verdicts.push(kind);
      expect(why.includes('nothing is known of the past of this service yet')).toBe(!isKnown);
    }
    expect(verdicts).toEqual(['fail', 'pass']);
  });
});
