/** Canaries of every kind before the judge as it is called on AWS, each of a service with good releases behind it. */
import { median } from '../bench.ts';
import { randomFrom } from '../judge/random.ts';
import { type Scenario, SCENARIOS, withoutChange, type World } from '../judge/scenario.ts';
import { simulate } from '../judge/simulate.ts';
import type { Publishes } from './points.ts';
import { newHome, type Show, watchCanary, type Watched } from './watch.ts';

export interface LiveCase {
  readonly name: string;
  readonly scenario: string;
  /** Releases that were good before it. */
  readonly past: number;
  readonly publishes: Publishes;
  /** Of the requests to the canary, so many get there. */
  readonly arriving: number;
}

const usual = { past: 3, publishes: 'counts', arriving: 1 } as const;

export const LIVE_CASES: readonly LiveCase[] = [
  { ...usual, name: 'no change', scenario: 'stationary' },
  { ...usual, name: 'no change, first watch of the service', scenario: 'stationary', past: 0 },
  { ...usual, name: 'no change, no node publishes', scenario: 'stationary', publishes: 'nothing' },
  { ...usual, name: 'the day swings', scenario: 'diurnal' },
  { ...usual, name: 'outages that hit both', scenario: 'shared_shocks' },
  { ...usual, name: 'nodes that differ', scenario: 'node_noise' },
  { ...usual, name: 'a fifth of the minutes missing', scenario: 'gaps' },
  { ...usual, name: 'one bad node of the baseline', scenario: 'bad_baseline_node' },
  { ...usual, name: 'one bad node, which fails or is slow', scenario: 'bad_node', publishes: 'counts and latency' },
  { ...usual, name: 'the same, latency not published', scenario: 'bad_node' },
  { ...usual, name: 'the same, nothing published', scenario: 'bad_node', publishes: 'nothing' },
  { ...usual, name: '+1 pp errors', scenario: 'err_1pp' },
  { ...usual, name: '+1 pp errors, no node publishes', scenario: 'err_1pp', publishes: 'nothing' },
  { ...usual, name: '+1 pp errors from the middle on', scenario: 'late_1pp' },
  { ...usual, name: 'all latencies +15 %', scenario: 'all_15' },
  { ...usual, name: 'a memory leak', scenario: 'leak' },
  { ...usual, name: 'crashes every so many requests', scenario: 'crash_every_n' },
  { ...usual, name: 'crashes soon after each start', scenario: 'crash_loop' },
  { ...usual, name: 'the canary gets 30 % too few requests', scenario: 'stationary', arriving: 0.7 },
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
async function watchRun({ scenario, past, publishes, arriving }: LiveCase, seed: number): Promise<Watched> {
  const home = newHome(publishes);
  const kind = scenarioOf(scenario);
  const world = kind.world(randomFrom(seed));
  const good = withoutChange(world);
  const traceOf = (of: World, salt: number) => simulate({ ...kind, world: () => of }, seed + salt * 1_299_709).trace;
  const watch = (number: number, of: Pick<Show, 'trace' | 'spare' | 'arriving'>) =>
    watchCanary(home, { number, random: randomFrom(seed + 31 * number), ...of });
  const first = 2;
  for (let number = first; number < first + past; number++)
    await watch(number, { trace: traceOf(good, number), spare: traceOf(good, 50 + number), arriving: 1 });
  const spare = traceOf({ ...world, badNode: undefined }, 100);
  return watch(first + past, { trace: traceOf(world, 99), spare, arriving });
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
