/** Plays one release of the demo: upload, follow to the end, ask what it has left, hold it to what was expected. */
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { buildHello, type HelloRelease } from '../examples/hello/build.ts';
import type { Account } from './account.ts';
import { SERVICE, type Chapter } from './chapters.ts';
import { measureEffort, type Effort } from './effort.ts';
import { brokenExpectations } from './expectations.ts';
import { findRelease, followRelease, type Followed, type Step } from './follow.ts';
import { whatIsLeft } from './leftovers.ts';
import { Progress } from './progress.ts';
import { tallies, type Tally, type Traffic } from './traffic.ts';

const PATIENCE_MS = 120_000;
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
  /** Expectations that did not hold. */
  readonly broken: readonly string[];
}

export interface Stage {
  readonly account: Account;
  readonly traffic: Traffic;
  readonly tell: (line: string) => void;
}

async function upload(account: Account, release: HelloRelease): Promise<void> {
  const images = await buildHello(release);
  const objects = { 'release.json': images.manifest, 'linux.raw': images.linux, 'unikernel.raw': images.unikernel };
  for (const [name, Body] of Object.entries(objects)) {
    await account.s3.send(
      new PutObjectCommand({ Bucket: account.controlPlane.imagesBucket, Key: `${SERVICE}/${release.version}/${name}`, Body }),
    );
  }
}

async function abort(account: Account, version: string): Promise<void> {
  const Payload = JSON.stringify({ service: SERVICE, version, intent: 'abort', by: 'demo operator', why: 'changed my mind' });
  const answer = await account.lambda.send(new InvokeCommand({ FunctionName: account.controlPlane.orderFunction, Payload }));
  if (!answer.FunctionError) return;
  throw new Error(`the order was refused: ${new TextDecoder().decode(answer.Payload)}`);
}

/** The abort is to come in the middle: when unikernels of the new release already answer users. */
async function isServing(stage: Stage, version: string): Promise<void> {
  const from = Date.now();
  const giveUpAt = from + PATIENCE_MS;
  while (!stage.traffic.since(from).some((answer) => answer.version === version && answer.build === 'unikernel')) {
    const release = await findRelease(stage.account, SERVICE, version);
    if (release?.stage !== 'promoting' || Date.now() > giveUpAt) return;
    await sleep(50);
  }
}

interface Followup {
  readonly end: Followed;
  readonly turnedAt: number | undefined;
}

async function follow(stage: Stage, chapter: Chapter, progress: Progress): Promise<Followup> {
  const { account } = stage;
  const { version } = chapter.release;
  const tell = (step: Step) => progress.step(step);
  const options = { service: SERVICE, version, patienceMs: PATIENCE_MS, tell, pulse: () => progress.pulse() };
  if (!chapter.abortIn) {
    const end = await followRelease(account, options);
    return { end, turnedAt: progress.seenAt('rolling-back') };
  }
  const { steps } = await followRelease(account, { ...options, until: (release) => release.stage === chapter.abortIn });
  await isServing(stage, version);
  await abort(account, version);
  const turnedAt = Date.now();
  progress.say(`            ordered: abort ${version}`);
  return { end: await followRelease(account, { ...options, told: steps.length }), turnedAt };
}

export async function play(stage: Stage, chapter: Chapter, previous: string | undefined): Promise<Outcome> {
  const { account, traffic, tell } = stage;
  const { version } = chapter.release;
  const begun = Date.now();
  const progress = new Progress(account, traffic, tell);
  progress.say(`\n${SERVICE} ${version}: ${chapter.title}`);
  await upload(account, chapter.release);
  const { end, turnedAt } = await follow(stage, chapter, progress);
  const endedAt = Date.now();
  const left = await whatIsLeft(account, SERVICE, version);
  const before = previous ? { version: previous, left: await whatIsLeft(account, SERVICE, previous) } : undefined;
  await sleep(Math.max(0, endedAt + AFTERMATH_MS - Date.now()));
  await progress.listen();
  const answers = traffic.since(begun);
  const { steps, stage: last } = end;
  const facts = { chapter, steps, answers, endedAt, turnedAt, left, previous: before, alarms: progress.alarms };
  return {
    version,
    title: chapter.title,
    stage: last,
    steps,
    seconds: (endedAt - begun) / 1000,
    users: tallies(answers),
    effort: await measureEffort(account, steps[0]?.at ?? 0, steps.at(-1)?.at ?? 0),
    broken: brokenExpectations(facts),
  };
}
