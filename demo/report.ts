/** The demo's last page. */
import type { DeathOutcome } from './deaths.ts';
import { deathLines } from './deaths-report.ts';
import type { Scenario } from './scenario.ts';
import type { Outcome } from './story.ts';

interface Run {
  readonly scenario: Scenario;
  readonly speed: number;
  readonly seed: number;
  readonly seconds: number;
}

const clock = (ms: number) => {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
};

function timeline(outcome: Outcome): string {
  const first = outcome.steps[0]?.at ?? 0;
  return outcome.steps.map((step) => `${step.stage} +${clock(step.at - first)}`).join(' → ');
}

function chapter({ service }: Scenario, outcome: Outcome): string[] {
  const users = [...outcome.users].map(
    ([who, tally]) => `    ${who.padEnd(18)} ${String(tally.sent).padStart(6)} sent  ${String(tally.failed).padStart(5)} failed`,
  );
  const { transitions, lambdaCalls, executions } = outcome.effort;
  return [
    '',
    `  ${service} ${outcome.version} — ${outcome.title}`,
    `    ${timeline(outcome)}`,
    `    ${outcome.seconds.toFixed(1)} s here; ${executions} executions, ${transitions} state transitions, ${lambdaCalls} Lambda calls`,
    ...users,
  ];
}

export function summarize(outcomes: readonly Outcome[], deaths: readonly DeathOutcome[], run: Run): string {
  const broken = [...outcomes, ...deaths].flatMap((outcome) => outcome.broken);
  const verdict =
    broken.length === 0
      ? 'Everything happened as expected.'
      : ['What did not hold:', ...broken.map((line) => `  ${line}`)].join('\n');
  return [
    '',
    'Summary',
    ...outcomes.flatMap((outcome) => chapter(run.scenario, outcome)),
    ...deathLines(deaths, run.speed),
    '',
    `Account time ran ${run.speed} times as fast as this machine's (seed ${run.seed}); ${run.seconds.toFixed(0)} s in all.`,
    run.scenario.notProven,
    '',
    verdict,
  ].join('\n');
}

export function toJson(outcomes: readonly Outcome[], deaths: readonly DeathOutcome[], run: Run): unknown {
  const releases = outcomes.map((outcome) => ({ ...outcome, users: Object.fromEntries(outcome.users) }));
  const ok = [...outcomes, ...deaths].every(({ broken }) => broken.length === 0);
  return { speed: run.speed, seed: run.seed, seconds: run.seconds, releases, deaths, ok };
}
