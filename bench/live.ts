/** Canaries before the judge as it is called on AWS: late points, nodes that are replaced, and a service's past. */
import type { Bench, Row } from './bench.ts';
import { shareOut } from './judge/crew.ts';
import { share, table } from './judge/report.ts';
import type { Task } from './judge/task.ts';
import { JUDGEMENT_PAGE, writeTables } from './judge/write-tables.ts';
import { LIVE_CASES, type LiveScore } from './live/campaign.ts';

const RUNS = 200;

const shares = ({ runs, counts, replaced }: LiveScore) =>
  [counts.fail, counts.pass, counts.inconclusive + counts.held, replaced].map((count) => share(count / runs));

function tables(scores: readonly LiveScore[]): string {
  const head = ['', 'fail', 'pass', 'inconclusive or held', 'a node replaced', 'minutes to the verdict, median'];
  return table(
    head,
    scores.map((score) => [score.name, ...shares(score), score.medianMinutes]),
  );
}

function row(score: LiveScore): Row {
  const [fail, pass, neither, replaced] = shares(score);
  const state = `${(score.mostBytes / 1024).toFixed(1)} KiB`;
  const value = `fail ${fail}, pass ${pass}, neither ${neither}, a node replaced ${replaced}; ${state} kept at most`;
  return { what: score.name, value, ratio: score.medianMinutes / 60 };
}

export const live: Bench = {
  name: 'live',
  summary: 'canaries of 4 nodes and an hour before the judge as the workflow calls it',
  yardstick: 'the hour of the watch: time to the verdict, median',
  async run({ runs, campaign } = {}) {
    const tasks = LIVE_CASES.map(({ name }): Task => ({ kind: 'live', name, runs: runs ?? RUNS, campaign: campaign ?? 1 }));
    const scores = (await shareOut(tasks)).flatMap((result) => (result.kind === 'live' ? [result.score] : []));
    if (runs === undefined && campaign === undefined) await writeTables(JUDGEMENT_PAGE, 'live', tables(scores));
    return scores.map(row);
  },
};
