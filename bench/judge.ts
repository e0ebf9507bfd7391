/** The judge beside its rivals: false alarms, power, and what it costs. Its tables and its plot are those of `docs/judgement.md`. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Bench, BenchOptions, Row } from './bench.ts';
import { type Score, type Summary, summarize } from './judge/campaign.ts';
import { type Cost, costOfADay } from './judge/cost.ts';
import { shareOut } from './judge/crew.ts';
import { TANDEM } from './judge/judges.ts';
import { plot } from './judge/plot.ts';
import { report, scoresIn } from './judge/report.ts';
import { SCENARIOS } from './judge/scenario.ts';
import type { Result, Task } from './judge/task.ts';
import { EDGE_CASES } from './judge/validity.ts';
import { JUDGEMENT_PAGE, writeTables } from './judge/write-tables.ts';

const RUNS = 400;
/** Validity is about rare rejections, and needs more. */
const EDGE_RUNS_TIMES = 5;
const YARDSTICK = 'Kayenta, defaults';

function tasks({ runs = RUNS, campaign = 1 }: BenchOptions): readonly Task[] {
  return [
    ...EDGE_CASES.map(({ name }): Task => ({ kind: 'edge', name, runs: EDGE_RUNS_TIMES * runs, campaign })),
    ...SCENARIOS.map(({ name }): Task => ({ kind: 'scenario', name, runs, campaign })),
  ];
}

/** Only the whole bench is what the page says it is. */
async function writeDocs(results: readonly Result[]): Promise<void> {
  await writeTables(JUDGEMENT_PAGE, 'judge', report(results));
  await writeFile(path.join(path.dirname(JUDGEMENT_PAGE), 'judgement.svg'), plot(scoresIn(results)));
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

function rows(scores: readonly Score[], cost: Cost): readonly Row[] {
  const summaries = summarize(scores);
  const [ours, theirs] = [TANDEM, YARDSTICK].map((name) => summaries.find(({ judge }) => judge === name));
  const compare = (what: string, of: (one: Summary) => number): Row => {
    const [value, beside] = [ours ? of(ours) : NaN, theirs ? of(theirs) : NaN];
    return { what, value: percent(value), ...(beside > 0 && { ratio: value / beside }) };
  };
  const quick = scores.find(({ judge, scenario }) => judge === TANDEM && scenario === 'err_1pp');
  return [
    compare('fine releases failed, mean of the scenarios', ({ falseFail }) => falseFail),
    compare('fine releases failed, worst scenario', ({ worstFalseFail }) => worstFalseFail),
    compare('bad releases failed, mean', ({ power }) => power),
    compare('bad releases passed, mean', ({ unsafePass }) => unsafePass),
    compare('release kept with one bad node', ({ badNodeKept }) => badNodeKept),
    { what: '+1 pp errors found', value: `after ${quick?.medianIntervals ?? NaN} intervals, median` },
    { what: 'one look, its state read and written', value: `${cost.callMs.toFixed(2)} ms`, ratio: cost.callMs / cost.kayentaMs },
    { what: 'state of a day, 4 and 4 nodes', value: `${(cost.stateBytes / 1024).toFixed(1)} KiB at most` },
  ];
}

export const judge: Bench = {
  name: 'judge',
  summary: 'simulated releases before our judge and its rivals',
  yardstick: YARDSTICK,
  async run(options = {}) {
    const cost = costOfADay(() => performance.now());
    const results = await shareOut(tasks(options));
    if (options.runs === undefined && options.campaign === undefined) await writeDocs(results);
    return rows(scoresIn(results), cost);
  },
};
