import { changeRelease } from '../release/change-record.ts';
import type { Held } from '../release/hold-release.ts';
import { holdRelease } from '../release/hold-release.ts';
import type { Records } from '../release/ports.ts';
import type { StepInput, Verdict } from '../release/release.ts';
import { watchGroups, type WatchGroupsPorts } from './watch-groups.ts';

export type WatchName = 'canary' | 'debut' | 'promotion' | 'gate' | 'warm';

export interface JudgeReleasePorts extends WatchGroupsPorts {
  readonly records: Records;
}

export interface JudgeReleaseInput extends StepInput {
  readonly watch: WatchName;
  /** When what is watched began. */
  readonly since: number;
}

export type JudgeReleaseAnswer =
  | { readonly kind: 'pass' | 'fail' | 'inconclusive'; readonly why: string }
  | { readonly kind: 'wait'; readonly seconds: number; readonly why: string }
  /** A wait, before which this node, which alone is bad, is to be replaced. */
  | { readonly kind: 'replace'; readonly instanceId: string; readonly seconds: number; readonly why: string };

/** What is paused is looked at so often. */
const PAUSED_WAIT_SECONDS = 30;
/** A fleet that grows by one node a batch has hundreds, and a record has 400 KB. */
const MOST_VERDICTS = 50;
/** Of these the newest keep the numbers of every test. */
const MOST_DETAILED = 20;
/** After its due time a watch only waits for late metrics, which come once a minute. */
const OVERDUE_WAIT_SECONDS = 20;

export async function judgeRelease(ports: JudgeReleasePorts, input: JudgeReleaseInput): Promise<JudgeReleaseAnswer> {
  const held = await holdRelease(ports, input);
  const { verdict, due, bad } = await decide(ports, held, input);
  // A pause holds a release where it is; it never hides that it fails.
  const isHeld = held.release.paused && verdict.kind !== 'fail';
  if (isHeld) return { kind: 'wait', seconds: PAUSED_WAIT_SECONDS, why: `paused; ${verdict.why}` };
  if (verdict.kind === 'wait') {
    const { intervalSeconds } = held.service.file.limits;
    const seconds = secondsTo(due, input.at, intervalSeconds);
    if (bad !== undefined) return { kind: 'replace', instanceId: bad, seconds, why: `it alone is bad: ${verdict.why}` };
    return { kind: 'wait', seconds, why: verdict.why };
  }
  await record(ports.records, input, verdict);
  return { kind: verdict.kind, why: verdict.why };
}

interface Decision {
  readonly verdict: Verdict;
  readonly due: number;
  /** A node that serves, and alone is bad. */
  readonly bad?: string;
}

async function decide(ports: JudgeReleasePorts, held: Held, input: JudgeReleaseInput): Promise<Decision> {
  if (input.watch === 'gate') return watchGate(held, input);
  if (input.watch === 'warm') return watchWarm(held, input);
  return watchGroups(ports, held, { ...input, watch: input.watch });
}

function watchGate({ service, release }: Held, input: JudgeReleaseInput): Decision {
  const { gateHours } = service.file.promotion;
  if (gateHours === undefined) return { due: input.at, verdict: { kind: 'pass', why: 'there is no gate' } };
  const due = input.since + gateHours * 3_600_000;
  const { intent } = release;
  if (intent?.kind === 'promote') return { due, verdict: { kind: 'pass', why: `promoted by ${intent.by}: ${intent.why}` } };
  if (input.at < due)
    return { due, verdict: { kind: 'wait', why: `waits for the order "promote", at most ${gateHours} hour(s)` } };
  return { due, verdict: { kind: 'inconclusive', why: `nobody ordered "promote" within ${gateHours} hour(s)` } };
}

function watchWarm({ service, release }: Held, input: JudgeReleaseInput): Decision {
  const { warmMinutes } = service.file;
  const due = input.since + warmMinutes * 60_000;
  const { intent } = release;
  if (intent?.kind === 'finish') return { due, verdict: { kind: 'pass', why: `ended by ${intent.by}: ${intent.why}` } };
  if (input.at < due) return { due, verdict: { kind: 'wait', why: `the old fleet stays for ${warmMinutes} minute(s)` } };
  return { due, verdict: { kind: 'pass', why: `${warmMinutes} warm minute(s) are over` } };
}

function secondsTo(due: number, now: number, intervalSeconds: number): number {
  if (due <= now) return OVERDUE_WAIT_SECONDS;
  return Math.min(intervalSeconds, Math.max(1, Math.ceil((due - now) / 1000)));
}

async function record(records: Records, input: JudgeReleaseInput, verdict: Verdict): Promise<void> {
  await changeRelease(records, input, (now) => {
    const entry = { ...verdict, stage: now.stage, at: input.at };
    const isRecorded = now.verdicts.some((one) => one.at === entry.at && one.kind === entry.kind && one.why === entry.why);
    if (isRecorded) return undefined;
    const verdicts = [...now.verdicts, entry].slice(-MOST_VERDICTS);
    return {
      ...now,
      verdicts: verdicts.map((one, index) => (index < verdicts.length - MOST_DETAILED ? withoutTests(one) : one)),
    };
  });
}

function withoutTests<V extends Verdict>({ tests: _, ...verdict }: V): Omit<V, 'tests'> {
  return verdict;
}
