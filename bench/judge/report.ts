/** The tables of `docs/judgement.md`. */
import { type Score, type Summary, summarize } from './campaign.ts';
import { JUDGES, TANDEM } from './judges.ts';
import { type Scenario, SCENARIOS } from './scenario.ts';
import type { Result } from './task.ts';
import { ALPHA } from './validity.ts';

export const scoresIn = (results: readonly Result[]): readonly Score[] =>
  results.flatMap((result) => (result.kind === 'scenario' ? result.scores : []));

export const share = (value: number) => value.toFixed(3).replace(/^0/, '');
const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');

const scoreOf = (scores: readonly Score[], scenario: string, judge: string) =>
  scores.find((one) => one.scenario === scenario && one.judge === judge);

function scenarioTable(scores: readonly Score[], kind: Scenario['kind'], cell: (score: Score) => string): string {
  const rows = SCENARIOS.filter((one) => one.kind === kind).map(({ name, what }) => [
    `${name}: ${what}`,
    ...JUDGES.map((judge) => {
      const found = scoreOf(scores, name, judge.name);
      return found ? cell(found) : '';
    }),
  ]);
  return table(['', ...JUDGES.map(({ name }) => (name === TANDEM ? `**${name}**` : name))], rows);
}

const failed = ({ failed: count, runs }: Score) => share(count / runs);

/** Power, and the median of the intervals it took. */
const found = (score: Score) => `${failed(score)} / ${score.failed === 0 ? '-' : score.medianIntervals}`;

const summaryTable = (summaries: readonly Summary[]) =>
  table(
    [
      'judge',
      'fine releases failed, mean',
      'in the worst scenario',
      'bad releases failed, mean',
      'bad releases passed, mean',
      'kept with one bad node',
    ],
    summaries.map((one) => [
      one.judge,
      ...[one.falseFail, one.worstFalseFail, one.power, one.unsafePass, one.badNodeKept].map(share),
    ]),
  );

function tandemTable(scores: readonly Score[]): string {
  const rows = SCENARIOS.flatMap(({ name }) => {
    const score = scoreOf(scores, name, TANDEM);
    if (score === undefined) return [];
    const { runs, passed, quarantined } = score;
    const rest = runs - passed - score.failed;
    return [[name, ...[score.failed, passed, rest, quarantined].map((count) => share(count / runs))]];
  });
  return table(['', 'fail', 'pass', 'inconclusive', 'a node quarantined'], rows);
}

const validityTable = (results: readonly Result[]) =>
  table(
    [`at the edge of what is tolerated`, `ever rejected, of ${ALPHA} allowed`],
    results.flatMap((result) => (result.kind === 'edge' ? [[result.name, result.rejected.toFixed(4)]] : [])),
  );

export function report(results: readonly Result[]): string {
  const scores = scoresIn(results);
  return [
    summaryTable(summarize(scores)),
    'P(fail) of fine releases, and of a fine release with one bad node:',
    scenarioTable(scores, 'fine', failed),
    scenarioTable(scores, 'bad node', failed),
    'P(fail) of bad releases, and the median of the intervals from the onset:',
    scenarioTable(scores, 'bad', found),
    "How Tandem's verdicts are shared out:",
    tandemTable(scores),
    'Validity:',
    validityTable(results),
  ].join('\n\n');
}
