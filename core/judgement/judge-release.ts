import { nextFleet } from '../fleet/phase.ts';
import { changeRelease } from '../release/change-record.ts';
import type { Held } from '../release/hold-release.ts';
import { holdRelease } from '../release/hold-release.ts';
import type { Records } from '../release/ports.ts';
import type { ReleaseRecord, StepInput, Verdict } from '../release/release.ts';
import type { Group } from '../service/service.ts';
import { judge } from './judge.ts';
import type { GroupMetrics, Metrics } from './ports.ts';
import type { SickNodesPorts } from './sick-nodes.ts';
import { countSickNodes } from './sick-nodes.ts';

export type WatchName = 'canary' | 'debut' | 'promotion' | 'gate' | 'warm';

export interface JudgeReleasePorts extends SickNodesPorts {
  readonly records: Records;
  readonly metrics: Metrics;
}

export interface JudgeReleaseInput extends StepInput {
  readonly watch: WatchName;
  /** When what is watched began. */
  readonly since: number;
}

export type JudgeReleaseAnswer =
  | { readonly kind: 'pass' | 'fail' | 'inconclusive'; readonly why: string }
  | { readonly kind: 'wait'; readonly seconds: number; readonly why: string };

const LONGEST_WAIT_SECONDS = 60;
/** A fleet that grows by one node a batch has hundreds, and a record has 400 KB. */
const MOST_VERDICTS = 50;
/** After its due time a watch only waits for late metrics, which come once a minute. */
const OVERDUE_WAIT_SECONDS = 20;

export async function judgeRelease(ports: JudgeReleasePorts, input: JudgeReleaseInput): Promise<JudgeReleaseAnswer> {
  const held = await holdRelease(ports, input);
  const { verdict, due } = await decide(ports, held, input);
  // A pause holds a release where it is; it never hides that it fails.
  const isHeld = held.release.paused && verdict.kind !== 'fail';
  if (isHeld) return { kind: 'wait', seconds: LONGEST_WAIT_SECONDS / 2, why: `paused; ${verdict.why}` };
  if (verdict.kind === 'wait') return { kind: 'wait', seconds: secondsTo(due, input.at), why: verdict.why };
  await record(ports.records, input, verdict);
  return { kind: verdict.kind, why: verdict.why };
}

interface Decision {
  readonly verdict: Verdict;
  readonly due: number;
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

type GroupWatch = 'canary' | 'debut' | 'promotion';

async function watchGroups(
  ports: JudgeReleasePorts,
  { service, release }: Held,
  input: JudgeReleaseInput & { readonly watch: GroupWatch },
): Promise<Decision> {
  const { file } = service;
  const pair = groupsOf(input.watch, release);
  const groups = pair.reference ? [pair.watched, pair.reference] : [pair.watched];
  const read = await ports.metrics.read(service, groups, input.since, input.at);
  const of = (group: Group) => read.find((one) => one.group === group) ?? { group, intervals: [], nodes: [] };
  const minutes = { canary: file.canary.minutes, debut: file.debut.minutes, promotion: file.promotion.watchMinutes }[input.watch];
  const sick = await countSickNodes(ports, service, { release, group: pair.watched, since: input.since });
  const verdict = judge({
    watched: withSick(of(pair.watched), sick),
    ...(pair.reference ? { reference: of(pair.reference) } : {}),
    limits: file.limits,
    countsRequests: file.protocol === 'http',
    since: input.since,
    now: input.at,
    minutes,
  });
  return { verdict, due: input.since + minutes * 60_000 };
}

/** What the load balancer published may be a minute old, and knows only nodes that run. */
const withSick = (metrics: GroupMetrics, sick: number): GroupMetrics =>
  sick === 0 ? metrics : { ...metrics, unhealthyNodes: Math.max(sick, metrics.unhealthyNodes ?? 0) };

function groupsOf(watch: GroupWatch, release: ReleaseRecord): { readonly watched: Group; readonly reference?: Group } {
  const next = nextFleet(release);
  if (watch === 'promotion') return { watched: next };
  const watched = watch === 'canary' ? 'canary' : next;
  if (release.replaces === undefined) return { watched };
  return { watched, reference: watch === 'canary' ? 'baseline' : 'control' };
}

function secondsTo(due: number, now: number): number {
  if (due <= now) return OVERDUE_WAIT_SECONDS;
  return Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.ceil((due - now) / 1000)));
}

async function record(records: Records, input: JudgeReleaseInput, verdict: Verdict): Promise<void> {
  await changeRelease(records, input, (now) => {
    const entry = { ...verdict, stage: now.stage, at: input.at };
    const isRecorded = now.verdicts.some((one) => one.at === entry.at && one.kind === entry.kind && one.why === entry.why);
    return isRecorded ? undefined : { ...now, verdicts: [...now.verdicts, entry].slice(-MOST_VERDICTS) };
  });
}
