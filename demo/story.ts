/** Plays one release of the demo: upload, follow to the end, ask what it has left, hold it to what was expected. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Account } from './account.ts';
import { die, type Died } from './dying.ts';
import { measureEffort, type Effort } from './effort.ts';
import { brokenExpectations } from './expectations.ts';
import { findRelease, followRelease, type Followed, type Step } from './follow.ts';
import { whatIsLeft } from './leftovers.ts';
import { Progress } from './progress.ts';
import type { Builder, Chapter, Part, Scenario } from './scenario.ts';
import { tallies, type Tally, type Traffic } from './traffic.ts';

/** How long users are watched after the end of a release. */
const AFTERMATH_MS = 1200;

export interface Outcome {
  readonly version: string;
  readonly title: string;
  readonly stage: string;
  readonly steps: readonly Step[];
  readonly seconds: number;
  readonly users: ReadonlyMap<string, Tally>;
  readonly effort: Effort;
  /** The node of the release before that died in between. */
  readonly died?: Died;
  /** Expectations that did not hold. */
  readonly broken: readonly string[];
}

export interface Stage {
  readonly scenario: Scenario;
  readonly builder: Builder;
  readonly account: Account;
  readonly traffic: Traffic;
  readonly tell: (line: string) => void;
}

async function upload({ account, scenario }: Stage, version: string, parts: readonly Part[]): Promise<void> {
  for (const { name, body } of parts) {
    const Body = 'file' in body ? createReadStream(body.file) : body;
    const ContentLength = 'file' in body ? (await stat(body.file)).size : body.length;
    const Key = `${scenario.service}/${version}/${name}`;
    await account.s3.send(new PutObjectCommand({ Bucket: account.controlPlane.imagesBucket, Key, Body, ContentLength }));
  }
}

async function abort({ account, scenario }: Stage, version: string): Promise<void> {
  const Payload = JSON.stringify({
    service: scenario.service,
    version,
    intent: 'abort',
    by: 'demo operator',
    why: 'changed my mind',
  });
  const answer = await account.lambda.send(new InvokeCommand({ FunctionName: account.controlPlane.orderFunction, Payload }));
  if (!answer.FunctionError) return;
  throw new Error(`the order was refused: ${new TextDecoder().decode(answer.Payload)}`);
}

/** The abort is to come in the middle: when unikernels of the new release already answer users. */
async function isServing(stage: Stage, version: string): Promise<void> {
  const from = Date.now();
  const giveUpAt = from + stage.scenario.patienceMs;
  while (!stage.traffic.since(from).some((answer) => answer.version === version && answer.build === 'unikernel')) {
    const release = await findRelease(stage.account, stage.scenario.service, version);
    if (release?.stage !== 'promoting' || Date.now() > giveUpAt) return;
    await sleep(50);
  }
}

interface Followup {
  readonly end: Followed;
  readonly turnedAt: number | undefined;
  readonly died?: Died;
}

async function follow(stage: Stage, chapter: Chapter, progress: Progress, previous: string | undefined): Promise<Followup> {
  const { account } = stage;
  const { service, patienceMs } = stage.scenario;
  const { version } = chapter.release;
  const tell = (step: Step) => progress.step(step);
  const options = { service, version, patienceMs, tell, pulse: () => progress.pulse() };
  const { deathIn } = chapter;
  if (deathIn && previous !== undefined) {
    const { steps } = await followRelease(account, { ...options, until: (release) => release.stage === deathIn.stage });
    const [died, end] = await Promise.all([
      die(stage, previous, deathIn.death),
      followRelease(account, { ...options, told: steps.length }),
    ]);
    return { end, turnedAt: progress.seenAt('rolling-back'), died };
  }
  if (!chapter.abortIn) {
    const end = await followRelease(account, options);
    return { end, turnedAt: progress.seenAt('rolling-back') };
  }
  const { steps } = await followRelease(account, { ...options, until: (release) => release.stage === chapter.abortIn });
  await isServing(stage, version);
  await abort(stage, version);
  const turnedAt = Date.now();
  progress.say(`            ordered: abort ${version}`);
  return { end: await followRelease(account, { ...options, told: steps.length }), turnedAt };
}

export async function play(stage: Stage, chapter: Chapter, previous: string | undefined): Promise<Outcome> {
  const { account, traffic, tell, scenario } = stage;
  const { service, fleet } = scenario;
  const { version } = chapter.release;
  tell(`\n${service} ${version}: ${chapter.title}`);
  const parts = await scenario.build(chapter.release, stage.builder);
  const begun = Date.now();
  const progress = new Progress(account, traffic, tell);
  await upload(stage, version, parts);
  const { end, turnedAt, died } = await follow(stage, chapter, progress, previous);
  const endedAt = Date.now();
  const left = await whatIsLeft(account, service, version);
  const before = previous ? { version: previous, left: await whatIsLeft(account, service, previous) } : undefined;
  await sleep(Math.max(0, endedAt + AFTERMATH_MS - Date.now()));
  await progress.listen();
  const answers = traffic.since(begun);
  const { steps, stage: last } = end;
  const isToldFalsely = (name: string) => scenario.alarmsOfSpeed?.test(name) === true;
  const alarms = progress.alarms.filter((name) => !isToldFalsely(name));
  const facts = { chapter, fleet, steps, answers, endedAt, turnedAt, left, previous: before, alarms, died };
  return {
    version,
    title: chapter.title,
    stage: last,
    steps,
    seconds: (endedAt - begun) / 1000,
    users: tallies(answers),
    ...(died && { died }),
    effort: await measureEffort(account, steps[0]?.at ?? 0, steps.at(-1)?.at ?? 0),
    broken: brokenExpectations(facts),
  };
}
