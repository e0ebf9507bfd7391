/**
 * The verdict on a watched group, from what is known of it. Pure. In this order:
 *
 *   - fail: more unhealthy nodes than allowed, besides one that alone is bad (which is replaced)
 *   - fail: a declared limit is surely exceeded, and the old release does not fare as badly
 *   - fail: the sequential judge is sure that the new release is worse than the old
 *   - inconclusive: the groups do not get the requests their weights say
 *   - wait: the environment is to blame. The watch is as much longer; an operator decides, or time (`hold.ts`)
 *   - wait: until the watch is over
 *   - pass: the limits are kept, and the new release is shown to be no worse by more than the margin
 *   - inconclusive: nothing of that is sure by the end of the grace. No data never passes and never fails
 */
import type { ServiceFile } from '../service/service-file.ts';
import type { Verdict } from '../release/release.ts';
import { attribute } from './attribute.ts';
import { judgePolicy } from './judge-policy.ts';
import { addCounts, type Cell, type GroupWatch, type JudgementRecord, type LimitCounts, MINUTE_MS } from './judgement.ts';
import { verdictOfHold, type Waiver } from './hold.ts';
import { type Compared, OWN_DOING, sharedAilment, talliesOf } from './judge-minutes.ts';
import { type LimitFacts, limitFindings, type LimitFinding, NO_LIMIT_COUNTS, say } from './limits.ts';
import { rateOf, sumOf } from './sequential/counts.ts';
import { captureOutlook, littleLeft, withoutPast } from './verdict-remarks.ts';
import { conclude, type Look } from './sequential/look.ts';
import type { History } from './sequential/policy.ts';
import { brokenSplit } from './split.ts';
import { verdictTests } from './verdict-tests.ts';

export interface DecideFacts {
  readonly file: ServiceFile;
  readonly watch: GroupWatch;
  readonly minutes: number;
  readonly compared: Compared;
  readonly nodes: { readonly watched: number };
  /** Nodes that have failed since the watch began, or do not serve now. */
  readonly sick: number;
  /** Nodes that do not serve now: nothing passes before they do. */
  readonly notServing: number;
  /** Of the watched group, those that fill a slot now. */
  readonly instances: readonly string[];
  /** What is known of the service's past. */
  readonly history?: History | undefined;
  /** An operator has ordered that it goes on though old and new fail alike. */
  readonly waiver?: Waiver;
  readonly now: number;
}

export interface Decision {
  readonly verdict: Verdict;
  readonly due: number;
  readonly record: JudgementRecord;
  /** A node that serves, and alone is bad: it is to be replaced. */
  readonly bad?: string;
}

export function decide(known: JudgementRecord, facts: DecideFacts): Decision {
  const due = known.since + (facts.minutes + known.heldMinutes) * MINUTE_MS;
  const { record, look } = lookAtTheEnd(known, facts, due);
  const findings = findingsOf(record, facts);
  const verdict = judge({ ...facts, record, look, findings, due });
  const tests = verdict.kind === 'wait' ? {} : { tests: verdictTests(record, facts, { findings, look }) };
  const bad = badNode(record, facts);
  return { verdict: { ...verdict, ...tests }, due, record, ...(bad !== undefined && { bad }) };
}

const badNode = ({ state }: JudgementRecord, { instances }: DecideFacts) =>
  state.quarantined.find((node) => instances.includes(node));

interface Case extends DecideFacts {
  readonly record: JudgementRecord;
  /** Of the sequential judge; absent where there is nothing to compare with. */
  readonly look: Look | undefined;
  readonly findings: readonly LimitFinding[];
  readonly due: number;
}

/** It has risk to give away only where it sees something new: a step that runs twice sees the same. */
function lookAtTheEnd(known: JudgementRecord, facts: DecideFacts, due: number) {
  if (facts.compared.reference === undefined) return { record: known, look: undefined };
  const isDue = facts.now >= due;
  const isNew = isDue && known.state.intervals > known.lastLookAt;
  const lastLooks = known.lastLooks + (isNew ? 1 : 0);
  const policy = judgePolicy({ ...facts, lastLooks });
  const { state, look } = conclude(known.state, policy, { isDue, seconds: 60, nodes: facts.nodes.watched });
  const record = { ...known, state, lastLooks, lastLookAt: isNew ? state.intervals : known.lastLookAt };
  return { record, look };
}

function findingsOf(record: JudgementRecord, { file, compared }: DecideFacts): readonly LimitFinding[] {
  if (file.protocol !== 'http') return [];
  const { watched, reference } = compared;
  const beside = reference && record.cells[reference.cell];
  const counts = limitCounts(record, watched.cell);
  return limitFindings({
    limits: file.limits,
    group: watched.group,
    watched: counts,
    but: worstOf(record, counts),
    ...(reference && { reference: { group: reference.group, counts: beside ?? NO_LIMIT_COUNTS } }),
  });
}

/** In minutes of both groups; where there are fewer of these than of the watched one alone, in all. */
function limitCounts({ cells, alone = NO_LIMIT_COUNTS }: JudgementRecord, cell: Cell): LimitCounts {
  const beside = cells[cell] ?? NO_LIMIT_COUNTS;
  return alone.requests > beside.requests ? addCounts(beside, alone) : beside;
}

/** A node's minute is not the load balancer's, and one may be missing. Where less is told, what is told is not the group. */
const MOST_TOLD = 0.8;

/** One bad node is no bad release: where nodes are known, the one with most errors is left out of what may fail. */
function worstOf({ nodes }: JudgementRecord, counts: LimitCounts): LimitFacts['but'] {
  const [worst, ...others] = Object.entries(nodes).toSorted(([, a], [, b]) => b.errors - a.errors);
  if (worst === undefined || others.length === 0 || worst[1].errors === 0) return undefined;
  const [node, { requests, errors }] = worst;
  const own = { events: sumOf(others, ([, one]) => one.errors), exposure: sumOf(others, ([, one]) => one.requests) };
  if (own.exposure + requests >= MOST_TOLD * counts.requests) return { node, failed: own };
  const less = (all: number, its: number) => Math.max(0, all - its);
  return { node, failed: { events: less(counts.errors, errors), exposure: less(counts.requests, requests) } };
}

function judge(one: Case): Verdict {
  return (
    illNodes(one) ??
    limitsExceeded(one) ??
    worseThanOld(one) ??
    splitBroken(one) ??
    verdictOfHold(one.record, one.waiver) ??
    atTheEnd(one)
  );
}

function illNodes({ sick, file, compared }: Case): Verdict | undefined {
  const { maxUnhealthyNodes } = file.limits;
  if (sick <= maxUnhealthyNodes + 1) return undefined;
  return {
    kind: 'fail',
    why: `${sick} unhealthy node(s) in ${compared.watched.group} > ${maxUnhealthyNodes} allowed, besides one that alone is bad`,
  };
}

const overIn = ({ findings }: Case) => findings.filter(({ standing }) => standing === 'over');

function limitsExceeded(one: Case): Verdict | undefined {
  const shared = sharedAilment(one, one.record.cells);
  const own = overIn(one).filter((finding) => !(shared && isSame(finding.ailment, shared.ailment)) && !isTheirsToo(finding));
  const [first] = own;
  return first && blame(one, { kind: 'fail', why: say(own) }, first);
}

/** The old release exceeds it as well, as far as that is known so far. */
const isTheirsToo = ({ watched, reference, limitPercent }: LimitFinding): boolean =>
  reference !== undefined && 100 * rateOf(reference) > limitPercent && rateOf(watched) <= OWN_DOING * rateOf(reference);

const isSame = (a: LimitFinding['ailment'], b: LimitFinding['ailment']) => JSON.stringify(a) === JSON.stringify(b);

function worseThanOld(one: Case): Verdict | undefined {
  if (one.look?.kind !== 'fail') return undefined;
  const verdict: Verdict = { kind: 'fail', why: `${one.look.why}${withoutPast(one)}` };
  const worst = one.findings
    .filter(({ watched, reference }) => reference && rateOf(watched) > rateOf(reference))
    .sort((a, b) => excess(b) - excess(a))[0];
  return worst ? blame(one, verdict, worst) : verdict;
}

const excess = ({ watched, reference }: LimitFinding) => rateOf(watched) - (reference ? rateOf(reference) : 0);

/** A cell is as bad as the watched one if it is nearer to it than to what that is compared with. */
function blame(
  { record, compared }: Case,
  verdict: Verdict,
  { ailment, watched, reference, limitPercent }: LimitFinding,
): Verdict {
  const bad = reference && reference.exposure > 0 ? (rateOf(watched) + rateOf(reference)) / 2 : limitPercent / 100;
  const { cell } = compared.watched;
  const found = attribute(talliesOf({ ...record.cells, [cell]: limitCounts(record, cell) }, ailment), bad);
  return found ? { ...verdict, cause: found.cause, why: `${verdict.why} (the ${found.cause}: ${found.why})` } : verdict;
}

/** Groups that do not get what their weights say are not alike: what is compared then says nothing. */
function splitBroken({ record, compared }: Case): Verdict | undefined {
  const { watched, reference } = compared;
  const why = reference && brokenSplit(record.split, { watched: watched.group, reference: reference.group });
  return why === undefined ? undefined : { kind: 'inconclusive', why };
}

/** Nothing failed: what the clock makes of it. */
function atTheEnd(one: Case): Verdict {
  const { file, record, minutes, now, due } = one;
  const end = due + file.limits.graceMinutes * MINUTE_MS;
  const lacking = lackingIn(one);
  if (now < due)
    return { kind: 'wait', why: `${minutesLeft(due, now)} of the watch left; ${soFar(one) ?? lacking ?? found(one)}` };
  if (lacking === undefined) return { kind: 'pass', why: `${found(one)}${captureOutlook(one)}` };
  if (now < end) return { kind: 'wait', why: `${minutesLeft(end, now)} of the grace left; ${lacking}` };
  const held = record.heldMinutes > 0 ? ` + ${record.heldMinutes} held` : '';
  return {
    kind: 'inconclusive',
    why: `no verdict after ${minutes} + ${file.limits.graceMinutes}${held} minutes: ${lacking}`,
  };
}

const minutesLeft = (until: number, now: number) => `${Math.ceil((until - now) / 60_000)} minute(s)`;

/** What keeps it from passing. */
function lackingIn(one: Case): string | undefined {
  const { notServing, compared, findings, file } = one;
  const bad = badNode(one.record, one);
  if (bad !== undefined) return `${bad} alone is bad, and is not replaced yet`;
  if (notServing > 0) return `${notServing} node(s) in ${compared.watched.group} do not serve yet`;
  if (file.protocol !== 'http' && one.record.unhealthyNodes === undefined)
    return `no word of the health of ${compared.watched.group}`;
  const fewest = Math.min(...findings.map(({ watched }) => watched.exposure));
  if (fewest < file.limits.minRequests) return `${fewest} of the ${file.limits.minRequests} requests a verdict needs`;
  const above = findings.filter(({ standing }) => standing !== 'within');
  if (above.length > 0) return aboveLimit(one, above);
  return comparison(one);
}

function aboveLimit(one: Case, above: readonly LimitFinding[]): string {
  const shared = sharedAilment(one, one.record.cells);
  if (shared) return `the ${shared.cause} is to blame, old and new fail alike: ${shared.why}; ${say(above)}`;
  return `too few bad requests to be sure: ${say(above)}`;
}

/** A batch of a promotion is not shown to be no worse: the debut was, and a batch has no time for it. */
function comparison(one: Case): string | undefined {
  const { look, watch } = one;
  if (look === undefined || look.kind !== 'inconclusive') return undefined;
  const isSoon = look.reason === 'low_traffic' || look.reason === 'gaps' || look.reason === 'no_data';
  return watch === 'promotion' && isSoon ? undefined : `${look.why}${withoutPast(one)}`;
}

const soFar = ({ look }: Case) => (look?.kind === 'wait' ? look.why : undefined);

/** What a pass rests on, and what it does not. */
function found(one: Case): string {
  const { findings, look, compared, file, record } = one;
  const limits = findings.length > 0 ? say(findings) : `no unhealthy node in ${compared.watched.group}`;
  if (compared.reference === undefined)
    return `${limits}; by the declared limits alone: there is no older release to compare with`;
  const left = littleLeft(one);
  if (look?.kind !== 'pass') return `${limits}; by the declared limits alone: ${look?.why ?? 'nothing was compared'}${left}`;
  const isKnown = Object.keys(record.nodes).length > 0;
  const ofNodes = file.protocol !== 'http' || isKnown ? '' : '; of single nodes only crashes and health are known';
  return `${limits}; ${look.why}${left}${ofNodes}${withoutPast(one)}`;
}
