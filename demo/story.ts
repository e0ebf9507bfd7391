/** The four releases of the demo, and what must hold after each. */
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { buildHello, type HelloRelease } from '../examples/hello/build.ts';
import type { Account } from './account.ts';
import { measureEffort, type Effort } from './effort.ts';
import { findRelease, followRelease, type Followed, type Step } from './follow.ts';
import { countImages, countNodes } from './leftovers.ts';
import { NOBODY, tallies, type Answer, type Tally, type Traffic } from './traffic.ts';

export const SERVICE = 'hello';
const PATIENCE_MS = 90_000;

export interface Chapter {
  readonly release: HelloRelease;
  readonly title: string;
  readonly ends: 'stable' | 'rolled-back';
  /** The stage in which the operator aborts. */
  readonly abortIn?: string;
  /** Pattern that the reason of the last verdict must match. */
  readonly whyMatches?: RegExp;
}

export const CHAPTERS: readonly Chapter[] = [
  { release: { version: '1.0.0' }, title: 'the first release: nothing to compare with', ends: 'stable' },
  { release: { version: '1.1.0' }, title: 'a good release', ends: 'stable' },
  {
    release: { version: '1.2.0', failEvery: 20 },
    title: 'a bad one: 5 % of its answers are 500',
    ends: 'rolled-back',
    whyMatches: /%.*failed.*> /,
  },
  {
    release: { version: '1.3.0' },
    title: 'a good one, aborted by the operator while it is promoted',
    ends: 'rolled-back',
    abortIn: 'promoting',
    whyMatches: /abort/,
  },
];

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
  if (answer.FunctionError) throw new Error(`order failed: ${new TextDecoder().decode(answer.Payload)}`);
}

const failures = (answers: readonly Answer[], who: (answer: Answer) => boolean) =>
  answers.filter((answer) => who(answer) && !answer.ok).length;

async function review(stage: Stage, chapter: Chapter, end: Followed, answers: readonly Answer[]): Promise<string[]> {
  const { version } = chapter.release;
  const broken: string[] = [];
  const expect = (holds: boolean, what: string) => {
    if (!holds) broken.push(`${version}: ${what}`);
  };
  expect(end.stage === chapter.ends, `ended "${end.stage}", expected "${chapter.ends}"`);
  if (chapter.whyMatches) {
    const whys = end.steps.map((step) => step.why);
    expect(
      whys.some((why) => chapter.whyMatches?.test(why)),
      `no reason like ${String(chapter.whyMatches)} in: ${whys.join(' | ')}`,
    );
  }
  if (chapter.ends === 'rolled-back') {
    expect((await countNodes(stage.account, SERVICE, version)) === 0, 'nodes are left');
    expect((await countImages(stage.account, SERVICE, version)) === 0, 'AMIs are left');
  }
  const served = answers.some((answer) => answer.version !== NOBODY);
  expect(served, 'no user request was served');
  if (!chapter.release.failEvery) {
    const lost = failures(answers, (answer) => answer.version !== NOBODY);
    expect(lost === 0, `${lost} requests failed at a node`);
  }
  if (chapter.release.version !== CHAPTERS[0]?.release.version) {
    const refused = failures(answers, (answer) => answer.version === NOBODY);
    expect(refused === 0, `${refused} requests found no node`);
  }
  return broken;
}

/** After a rollback, user requests must have stopped reaching the release: measured in requests, not in weights. */
async function lingering(stage: Stage, chapter: Chapter): Promise<string[]> {
  if (chapter.ends !== 'rolled-back') return [];
  const from = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const late = stage.traffic.since(from).filter((answer) => answer.version === chapter.release.version).length;
  return late === 0 ? [] : [`${chapter.release.version}: ${late} requests reached it after its rollback`];
}

async function replaced(stage: Stage, chapter: Chapter, previous: string | undefined): Promise<string[]> {
  if (chapter.ends !== 'stable' || !previous) return [];
  const left = await countNodes(stage.account, SERVICE, previous);
  return left === 0 ? [] : [`${chapter.release.version}: ${left} nodes of ${previous} are left`];
}

export async function play(stage: Stage, chapter: Chapter, previous: string | undefined): Promise<Outcome> {
  const { account, traffic, tell } = stage;
  const { version } = chapter.release;
  const begun = Date.now();
  tell(`\n${SERVICE} ${version}: ${chapter.title}`);
  await upload(account, chapter.release);
  const show = (step: Step) => tell(`  ${clock(step.at)}  ${step.stage.padEnd(12)}  ${step.why}`);
  const options = { service: SERVICE, version, patienceMs: PATIENCE_MS, tell: show };
  let told = 0;
  if (chapter.abortIn) {
    const reached = await followRelease(account, { ...options, until: (release) => release.stage === chapter.abortIn });
    told = reached.steps.length;
    await abortWhenServing(stage, version);
    tell(`  ordered: abort ${version}`);
  }
  let skip = told;
  const end = await followRelease(account, { ...options, tell: (step) => (skip > 0 ? (skip -= 1) : show(step)) });
  const broken = [...(await lingering(stage, chapter)), ...(await replaced(stage, chapter, previous))];
  const answers = traffic.since(begun);
  const first = end.steps[0]?.at ?? 0;
  const last = end.steps.at(-1)?.at ?? first;
  return {
    version,
    title: chapter.title,
    stage: end.stage,
    steps: end.steps,
    seconds: (Date.now() - begun) / 1000,
    users: tallies(answers),
    effort: await measureEffort(account, first, last),
    broken: [...broken, ...(await review(stage, chapter, end, answers))],
  };
}

/** The abort is to come in the middle: when unikernels of the new release already answer users. */
async function abortWhenServing(stage: Stage, version: string): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  const from = Date.now();
  while (!stage.traffic.since(from).some((answer) => answer.version === version && answer.build === 'unikernel')) {
    const release = await findRelease(stage.account, SERVICE, version);
    if (release?.stage !== 'promoting' || Date.now() > giveUpAt) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await abort(stage.account, version);
}

const clock = (at: number) => new Date(at).toISOString().slice(11, 19);
