/** Many releases of every scenario before every judge. */
import { median } from '../bench.ts';
import { JUDGES } from './judges.ts';
import { type Scenario, SCENARIOS } from './scenario.ts';
import { simulate } from './simulate.ts';

/** How often a judge ended how in one scenario. */
export interface Score {
  readonly scenario: string;
  readonly judge: string;
  readonly runs: number;
  readonly failed: number;
  readonly passed: number;
  readonly quarantined: number;
  /** Intervals from the onset to `fail`. */
  readonly medianIntervals: number;
}

/** Seeds of one run are its own: the same run is the same trace whoever runs it. */
const seedOf = (scenario: Scenario, run: number, campaign: number) =>
  campaign * 100_000_007 + SCENARIOS.indexOf(scenario) * 1_000_003 + run * 7919;

export function tryScenario(scenario: Scenario, { runs, campaign }: { runs: number; campaign: number }): readonly Score[] {
  const ends = JUDGES.map(() => ({ failed: 0, passed: 0, quarantined: 0, delays: [] as number[] }));
  for (let run = 0; run < runs; run++) {
    const { trace, onset } = simulate(scenario, seedOf(scenario, run, campaign));
    for (const [index, { judge }] of JUDGES.entries()) {
      const tally = ends[index]!;
      const end = judge(trace);
      if (end.kind === 'pass') tally.passed += 1;
      if (end.quarantined) tally.quarantined += 1;
      if (end.kind !== 'fail') continue;
      tally.failed += 1;
      tally.delays.push(Math.max(0, end.intervals - onset));
    }
  }
  return ends.map(({ failed, passed, quarantined, delays }, index) => ({
    scenario: scenario.name,
    judge: JUDGES[index]!.name,
    runs,
    failed,
    passed,
    quarantined,
    medianIntervals: median(delays),
  }));
}

/** What the scores of one judge come to. */
export interface Summary {
  readonly judge: string;
  readonly falseFail: number;
  readonly worstFalseFail: number;
  readonly power: number;
  readonly unsafePass: number;
  readonly badNodeKept: number;
}

export function summarize(scores: readonly Score[]): readonly Summary[] {
  return JUDGES.map(({ name }) => {
    const of = (kind: Scenario['kind']) => {
      const names = SCENARIOS.filter((one) => one.kind === kind).map((one) => one.name);
      return scores.filter((score) => score.judge === name && names.includes(score.scenario));
    };
    const mean = (kind: Scenario['kind'], count: (score: Score) => number) => {
      const found = of(kind);
      return found.reduce((sum, score) => sum + count(score) / score.runs, 0) / found.length;
    };
    return {
      judge: name,
      falseFail: mean('fine', ({ failed }) => failed),
      worstFalseFail: Math.max(...of('fine').map(({ failed, runs }) => failed / runs)),
      power: mean('bad', ({ failed }) => failed),
      unsafePass: mean('bad', ({ passed }) => passed),
      badNodeKept: 1 - mean('bad node', ({ failed }) => failed),
    };
  });
}
