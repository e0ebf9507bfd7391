/** Canaries of every kind before the judge as it is called on AWS, each of a service with good releases behind it. */
import { median } from '../bench.ts';
import { randomFrom } from '../judge/random.ts';
import { type Scenario, SCENARIOS, withoutChange } from '../judge/scenario.ts';
import { simulate } from '../judge/simulate.ts';
import type { Publishes } from './points.ts';
import { newHome, type Show, watchCanary, type Watched } from './watch.ts';

export interface LiveCase {
  readonly name: string;
  readonly what: string;
  readonly scenario: string;
  /** Releases that were good before it. */
  readonly past: number;
  readonly publishes: Publishes;
  /** Of the requests to the canary, so many get there. */
  readonly arriving: number;
}

const usual = { past: 3, publishes: 'counts', arriving: 1 } as const;

export const LIVE_CASES: readonly LiveCase[] = [
  { ...usual, name: 'no change', what: 'fine', scenario: 'stationary' },
  { ...usual, name: 'no change, first watch of the service', what: 'fine', scenario: 'stationary', past: 0 },
  { ...usual, name: 'no change, no node publishes', what: 'fine', scenario: 'stationary', publishes: 'nothing' },
  { ...usual, name: 'the day swings', what: 'fine', scenario: 'diurnal' },
  { ...usual, name: 'outages that hit both', what: 'fine', scenario: 'shared_shocks' },
  { ...usual, name: 'nodes that differ', what: 'fine', scenario: 'node_noise' },
  { ...usual, name: 'a fifth of the minutes missing', what: 'fine', scenario: 'gaps' },
  { ...usual, name: 'one bad node of the baseline', what: 'fine', scenario: 'bad_baseline_node' },
  { ...usual, name: 'one bad node, which fails or is slow', what: 'node', scenario: 'bad_node', publishes: 'counts and latency' },
  { ...usual, name: 'the same, latency not published', what: 'node', scenario: 'bad_node' },
  { ...usual, name: 'the same, nothing published', what: 'node', scenario: 'bad_node', publishes: 'nothing' },
  { ...usual, name: '+1 pp errors', what: 'bad', scenario: 'err_1pp' },
  { ...usual, name: '+1 pp errors, no node publishes', what: 'bad', scenario: 'err_1pp', publishes: 'nothing' },
  { ...usual, name: '+1 pp errors from the middle on', what: 'bad', scenario: 'late_1pp' },
  { ...usual, name: 'all latencies +15 %', what: 'bad', scenario: 'all_15' },
  { ...usual, name: 'a memory leak', what: 'bad', scenario: 'leak' },
  { ...usual, name: 'crashes every so many requests', what: 'bad', scenario: 'crash_every_n' },
  { ...usual, name: 'crashes soon after each start', what: 'bad', scenario: 'crash_loop' },
  { ...usual, name: 'the canary gets 30 % too few requests', what: 'split', scenario: 'stationary', arriving: 0.7 },
];

export interface LiveScore {
  readonly name: string;
  readonly runs: number;
  readonly counts: Readonly<Record<Watched['kind'], number>>;
  readonly replaced: number;
  /** Minutes to the verdict, of those that failed or of those that did not, whichever are more. */
  readonly medianMinutes: number;
  readonly mostBytes: number;
}

const scenarioOf = (name: string): Scenario => {
  const found = SCENARIOS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no such scenario: ${name}`);
  return found;
};

/** The same service whatever is released of it: its past is of its own kind of world. */
async function watchRun(one: LiveCase, seed: number): Promise<Watched> {
  const home = newHome(one.publishes);
  const world = scenarioOf(one.scenario).world(randomFrom(seed));
  const of = (kind: Scenario['world'], salt: number) =>
    simulate({ ...scenarioOf(one.scenario), world: kind }, seed + salt * 1_299_709).trace;
  const good = withoutChange(world);
  const show = (number: number, trace: Show['trace'], arriving: number): Show => ({
    ...{ number, trace, arriving, random: randomFrom(seed + 31 * number) },
    spare: number > one.past + 1 ? of(() => ({ ...world, badNode: undefined }), 100) : of(() => good, 50 + number),
  });
  for (let number = 2; number < 2 + one.past; number++)
    await watchCanary(
      home,
      show(
        number,
        of(() => good, number),
        1,
      ),
    );
  return watchCanary(
    home,
    show(
      2 + one.past,
      of(() => world, 99),
      one.arriving,
    ),
  );
}

export async function tryLive(one: LiveCase, { runs, campaign }: { runs: number; campaign: number }): Promise<LiveScore> {
  const seedOf = (run: number) => campaign * 100_000_007 + LIVE_CASES.indexOf(one) * 1_000_003 + run * 7919;
  const ends: Watched[] = [];
  for (let run = 0; run < runs; run++) ends.push(await watchRun(one, seedOf(run)));
  const count = (kind: Watched['kind']) => ends.filter((end) => end.kind === kind).length;
  const failed = ends.filter(({ kind }) => kind === 'fail');
  const others = ends.filter(({ kind }) => kind !== 'fail');
  return {
    name: one.name,
    runs,
    counts: { pass: count('pass'), fail: count('fail'), inconclusive: count('inconclusive'), held: count('held') },
    replaced: ends.filter(({ replaced }) => replaced.length > 0).length,
    medianMinutes: median((2 * failed.length > runs ? failed : others).map(({ minutes }) => minutes)),
    mostBytes: Math.max(...ends.map(({ bytes }) => bytes)),
  };
}
