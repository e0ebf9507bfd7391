/** The judge of real releases, look by look: what is judged once, what is kept, what is said. */
import { describe, expect, it } from 'vitest';
import { judgeRelease, type JudgeReleaseAnswer } from '../../../core/judgement/judge-release.ts';
import { changeService } from '../../../core/release/change-record.ts';
import { order } from '../../../core/release/order.ts';
import { openDriver, openStable, run } from '../../fakes/hello.ts';
import { GROUPS } from '../../../core/service/service.ts';
import { MINUTE } from '../../fakes/fixtures.ts';
import type { Rate } from '../../fakes/memory-metrics.ts';
import type { Driver, Run } from '../../fakes/memory-world.ts';
import { beginCanary, runRelease } from '../../fakes/memory-world.ts';

const second = run('2.0.0', 2);
const FILE = { canary: { nodes: 2, minutes: 10 }, linuxNodes: 2 };

interface Seen {
  readonly driver: Driver;
  readonly answers: readonly JudgeReleaseAnswer[];
  readonly last: JudgeReleaseAnswer;
  readonly minutes: number;
}

/** Looks until there is a verdict, each look `times` over. */
async function watchCanary(
  driver: Driver,
  {
    which = second,
    times = 1,
    before = () => Promise.resolve(),
  }: { which?: Run; times?: number; before?: (minute: number) => Promise<void> } = {},
): Promise<Seen> {
  const { time } = driver.world;
  const since = time.now;
  const answers: JudgeReleaseAnswer[] = [];
  for (;;) {
    const minutes = (time.now - since) / MINUTE;
    await before(minutes);
    for (let n = 0; n < times; n++)
      answers.push(await judgeRelease(driver.world, { ...which, at: time.now, watch: 'canary', since }));
    const last = answers.at(-1)!;
    if (last.kind !== 'wait') return { driver, answers, last, minutes };
    driver.pass(last.seconds * 1000);
    if (minutes > 5000) throw new Error(`no verdict: ${last.why}`);
  }
}

async function canaryOf(rates: Partial<Record<'canary' | 'baseline' | 'blue', Rate>>, file: Record<string, unknown> = {}) {
  const driver = await openStable({ ...FILE, ...file });
  await beginCanary(driver, second);
  for (const [group, rate] of Object.entries(rates)) driver.world.metrics.rates.set(group as 'canary', rate);
  return driver;
}

const verdictsOf = async ({ world }: Driver) => (await world.records.findRelease('web', '2.0.0'))!.verdicts;
const good: Rate = { requests: 200, errors: 0 };

describe('a canary', () => {
  it('that is no worse passes when its watch is over, with every test kept beside the verdict', async () => {
    const seen = await watchCanary(await canaryOf({ canary: good, baseline: good }));
    expect(seen.last.kind).toBe('pass');
    expect(seen.last.why).toMatch(/0\.0 % of \d+ requests to canary failed ≤ 1 % allowed; baseline 0\.0 % of \d+/);
    expect(seen.last.why).toContain('of single nodes only crashes and health are known');
    expect(seen.last.why).toMatch(
      /nothing is known of the past of this service yet; with 40\.0 % of the requests on the canary a 1e-6 fault would show up on a Linux node within 11 d$/,
    );
    expect(seen.minutes).toBeCloseTo(10, 0);
    const [verdict] = await verdictsOf(seen.driver);
    expect(verdict?.tests?.map(({ test }) => test)).toEqual([
      ...['limit: errors', 'limit: over 1000 ms'],
      ...['errors', 'over 1000 ms', 'crashes'],
    ]);
    expect(verdict?.tests?.find(({ test }) => test === 'errors')).toMatchObject({ watched: 0, reference: 0, threshold: 200 });
    expect(JSON.stringify(verdict).length).toBeLessThan(3000);
  });

  it('that is worse than the old release fails early, though it keeps every declared limit', async () => {
    const rates = { canary: { requests: 2000, errors: 16 }, baseline: { requests: 2000, errors: 2 } };
    const seen = await watchCanary(await canaryOf({ ...rates, blue: rates.baseline }));
    expect(seen.last).toMatchObject({ kind: 'fail' });
    expect(seen.last.why).toMatch(/^0\.80 % of \d+ requests failed > 0\.\d+ % \(baseline 0\.10 % of \d+\); evidence .* ≥ 200/);
    expect(seen.last.why).toContain('(the code: new Linux 0.8 %, old Linux 0.1 %, old unikernel 0.1 %)');
    expect(seen.minutes).toBeLessThan(6);
    expect((await verdictsOf(seen.driver))[0]).toMatchObject({ kind: 'fail', cause: 'code' });
  });

  it('that is slower at a declared limit fails, though fewer are slow than the limit allows', async () => {
    const rates = { canary: { ...good, requests: 2000, slow: 60 }, baseline: { ...good, requests: 2000, slow: 4 } };
    const seen = await watchCanary(await canaryOf(rates));
    expect(seen.last.why).toMatch(/^3\.00 % of \d+ requests slower than 1\.09 × 1000 ms > 0\.20 %/);
  });

  it('has each minute judged once, however often a step runs', async () => {
    const rates = { canary: { requests: 300, errors: 1 }, baseline: { requests: 300, errors: 1 } };
    const [once, thrice] = [await watchCanary(await canaryOf(rates)), await watchCanary(await canaryOf(rates), { times: 3 })];
    const of = async ({ driver }: Seen) => (await driver.world.judgements.find('web', '2.0.0'))!;
    expect({ ...(await of(thrice)), revision: 0 }).toEqual({ ...(await of(once)), revision: 0 });
    expect(thrice.last).toEqual(once.last);
    expect((await of(once)).state.intervals).toBe((await of(once)).cells.newLinux!.requests / 300);
  });

  it('is looked at again by who was second: another that looked meanwhile has judged those minutes', async () => {
    const driver = await canaryOf({ canary: good, baseline: good });
    const { time, judgements } = driver.world;
    const since = time.now;
    driver.pass(5 * MINUTE);
    const input = { ...second, at: time.now, watch: 'canary', since } as const;
    const answers = await Promise.all([judgeRelease(driver.world, input), judgeRelease(driver.world, input)]);
    expect(answers.map(({ kind }) => kind)).toEqual(['wait', 'wait']);
    const { state, cells } = (await judgements.find('web', '2.0.0'))!;
    expect(state.intervals).toBe(cells.newLinux!.requests / 200);
  });

  it('is asked about in one call a look, and in two where the baseline’s quantiles are the edges', async () => {
    for (const [slow, calls] of [
      [[{ overMs: 1000, maxPercent: 5 }], 1],
      [[], 2],
    ] as const) {
      const seen = await watchCanary(await canaryOf({ canary: good, baseline: good }, { limits: { slow } }));
      expect(seen.driver.world.metrics.calls).toBeGreaterThan(0);
      const { metrics, time } = seen.driver.world;
      const before = metrics.calls;
      await judgeRelease(seen.driver.world, { ...second, at: time.now, watch: 'canary', since: time.now });
      expect(metrics.calls - before).toBe(calls);
    }
  });

  it('nobody uses waits, and is inconclusive at the end of the grace, with the requests that lack', async () => {
    const seen = await watchCanary(await canaryOf({ canary: { requests: 2, errors: 0 }, baseline: { requests: 2, errors: 0 } }));
    expect(seen.last).toEqual({
      kind: 'inconclusive',
      why: expect.stringMatching(/^no verdict after 10 \+ 10 minutes: \d+ of the 50 requests a verdict needs$/) as string,
    });
    const few = await watchCanary(await canaryOf({ canary: { requests: 10, errors: 0 }, baseline: { requests: 10, errors: 0 } }));
    expect(few.last.kind).toBe('inconclusive');
    expect(few.last.why).toMatch(/errors: up to \d\.\d+ pp > 1\.00 pp allowed on \d+ requests, about \d+ more needed/);
  });

  it('whose baseline has no data is not passed', async () => {
    const driver = await canaryOf({ canary: good });
    driver.world.metrics.rates.delete('baseline');
    const seen = await watchCanary(driver);
    expect(seen.last).toMatchObject({
      kind: 'inconclusive',
      why: expect.stringContaining('no interval has data of both groups') as string,
    });
  });
});

describe('a split that is not what the weights say', () => {
  const lopsided = { canary: { requests: 900, errors: 0 }, baseline: { requests: 300, errors: 0 } };

  it('is no comparison: the release is inconclusive within minutes, with both shares', async () => {
    const seen = await watchCanary(await canaryOf(lopsided));
    expect(seen.last).toEqual({
      kind: 'inconclusive',
      why: expect.stringMatching(
        /^the split is broken: canary got 75\.0 % of the \d+ requests to it and baseline > 50\.0 %/,
      ) as string,
    });
    expect(seen.minutes).toBeLessThan(9);
  });

  it('says nothing while weights have just changed', async () => {
    const driver = await canaryOf(lopsided);
    await changeService(driver.world.records, 'web', (now) => ({ ...now, weightsChangedAt: driver.world.time.now + 3_600_000 }));
    expect((await watchCanary(driver)).last.kind).toBe('pass');
  });

  it('is not looked for in a promotion, whose batches have other shares each', async () => {
    const driver = await openStable({ ...FILE, promotion: { watchMinutes: 10, maxSurge: 1 } });
    for (const group of GROUPS) driver.world.metrics.rates.set(group, { requests: 5000, errors: 0 });
    await driver.uploadBoth('2.0.0');
    await runRelease(driver, second, 'promoting');
    expect(new Set((await verdictsOf(driver)).map(({ kind }) => kind))).toEqual(new Set(['pass']));
  });

  it('does not hide that the new release fails', async () => {
    const rates = { ...lopsided, canary: { requests: 900, errors: 300 } };
    expect((await watchCanary(await canaryOf(rates))).last.kind).toBe('fail');
  });
});

describe('a first release', () => {
  it('is judged by the declared limits alone, and the verdict says so', async () => {
    const driver = openDriver(FILE);
    const first = run('1.0.0', 1);
    await beginCanary(driver, first);
    const seen = await watchCanary(driver, { which: first });
    expect(seen.last.kind).toBe('pass');
    expect(seen.last.why).toMatch(/by the declared limits alone: there is no older release to compare with; with 100/);
  });
});

describe('trouble that old and new share', () => {
  const bad: Rate = { requests: 200, errors: 40 };

  it('holds the release, calls a person, and lets it pass when it is over; the watch is as much longer', async () => {
    const driver = await canaryOf({ canary: good, baseline: good, blue: good });
    const { metrics, faultNotices } = driver.world;
    const seen = await watchCanary(driver, {
      before: async (minute) => {
        const rate = minute >= 3 && minute < 9 ? bad : good;
        for (const group of ['canary', 'baseline', 'blue'] as const) {
          const at = Math.floor(driver.world.time.now / MINUTE) * MINUTE;
          metrics.special.set(`${group}/${at}`, rate);
        }
      },
    });
    expect(seen.last.kind).toBe('pass');
    expect(seen.minutes).toBeGreaterThan(15);
    const held = seen.answers.filter(({ why }) => why.startsWith('held: old and new fail alike'));
    expect(held.length).toBeGreaterThanOrEqual(5);
    expect(held[0]?.why).toContain('new Linux 20.0 %, old Linux 20.0 %, old unikernel 20.0 %');
    expect(faultNotices.pages.map(({ why }) => why)).toEqual([expect.stringContaining('web@2.0.0 is held, and not rolled back')]);
  });

  it('never hides that the new release is much worse', async () => {
    const rates = { canary: { requests: 200, errors: 150 }, baseline: bad, blue: bad };
    expect((await watchCanary(await canaryOf(rates))).last.kind).toBe('fail');
  });

  const everywhere = { canary: bad, baseline: bad, blue: bad };

  it('is held until an operator orders something, for three days at most, as its reason says', async () => {
    const seen = await watchCanary(await canaryOf(everywhere));
    expect(seen.answers.at(-2)?.why).toMatch(
      /^held: .*for 7\d\.\d h so far: .*; order "promote" to go on, or "abort"; without an order it is taken back after 72 h$/,
    );
    expect(seen.last).toMatchObject({ kind: 'inconclusive', why: expect.stringContaining('for 72.0 h ≥ 72 h') as string });
    expect(seen.minutes / 60).toBeCloseTo(72, 0);
    const pages = seen.driver.world.faultNotices.pages.map(({ why }) => why);
    expect(pages.length).toBeGreaterThan(11);
    expect(pages.length).toBeLessThan(15);
    expect(pages.at(-1)).toContain('web@2.0.0 is given up: old and new failed alike');
  });

  it('goes on by the order "promote", which is refused where nothing is held and there is no gate', async () => {
    const driver = await canaryOf(everywhere);
    const { world } = driver;
    const promote = () =>
      order(world, { service: 'web', version: '2.0.0', intent: 'promote', by: 'ann', why: 'the database, not us' });
    await expect(promote()).rejects.toMatchObject({ name: 'OrderRefused' });
    const seen = await watchCanary(driver, {
      before: async (minute) => {
        if (Math.floor(minute) === 9) await promote();
      },
    });
    expect(seen.last).toEqual({
      kind: 'pass',
      why: expect.stringMatching(
        /^old and new fail alike, promoted all the same by ann: the database, not us; new Linux 20/,
      ) as string,
    });
    expect(seen.minutes).toBeLessThan(11);
  });

  it('is on the release’s own record for as long as it lasts', async () => {
    const driver = await canaryOf(everywhere);
    const { metrics, records, time } = driver.world;
    const seen: (string | undefined)[] = [];
    await watchCanary(driver, {
      before: async (minute) => {
        if (minute >= 8)
          for (const group of ['canary', 'baseline', 'blue'] as const)
            metrics.special.set(`${group}/${Math.floor(time.now / MINUTE) * MINUTE}`, good);
        seen.push((await records.findRelease('web', '2.0.0'))?.trouble?.why);
      },
    });
    expect(new Set(seen)).toEqual(new Set([undefined, 'new Linux 20.0 %, old Linux 20.0 %, old unikernel 20.0 %']));
    expect(seen.at(-1)).toBeUndefined();
  });

  it('on Linux only is the instrumentation’s, and no release passes or fails by it', async () => {
    const seen = await watchCanary(await canaryOf({ canary: bad, baseline: bad, blue: good }));
    expect(seen.last.kind).toBe('inconclusive');
    expect(seen.last.why).toContain('the instrumentation is to blame, old and new fail alike');
  });
});
