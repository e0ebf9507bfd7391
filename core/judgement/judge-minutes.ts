/**
 * The minutes that have been told since the last look, each judged once, in their order. Pure.
 *
 * A minute in which old and new alike exceed a limit says nothing of the release: it is not bet on, and the watch is as
 * much longer.
 */
import type { ServiceFile } from '../service/service-file.ts';
import { addGauges, addMedian, addNodes, addSpreads, type Pairs } from './add-minute.ts';
import { type Attribution, attribute, type Cells } from './attribute.ts';
import type { Edges } from './edges.ts';
import { comparedMetrics, judgePolicy, metricKey } from './judge-policy.ts';
import type { Cell, CellGroup, GroupWatch, JudgementRecord, LimitCounts } from './judgement.ts';
import { addCounts, type Ailment, CELLS, MINUTE_MS, tallyOf } from './judgement.ts';
import { ailmentsIn, standingOf } from './limits.ts';
import { referenceNodes, watchedNodes } from './nodes-in-minute.ts';
import type { GroupMetrics, MinuteCounts } from './ports.ts';
import { type GaugePair, type Interval, rateOf, type Tally } from './sequential/counts.ts';
import { lookAt } from './sequential/look.ts';
import type { History, Policy } from './sequential/policy.ts';
import { learnSplit, type SplitState } from './split.ts';

export interface Compared {
  readonly watched: CellGroup;
  /** Absent during a first release. */
  readonly reference?: CellGroup;
  /** All cells there are, the two among them. */
  readonly cells: readonly CellGroup[];
}

/** One failure of a node, as known so far. */
export interface Failure {
  readonly faultId: string;
  readonly instanceId: string;
  readonly isWatched: boolean;
  /** It ended by itself; one the judge has found out has not. */
  readonly isCrash: boolean;
  readonly fingerprint?: string;
}

export interface MinutesFacts {
  readonly file: ServiceFile;
  readonly watch: GroupWatch;
  readonly minutes: number;
  readonly compared: Compared;
  readonly metrics: readonly GroupMetrics[];
  readonly edges: Edges;
  /** Nodes of the watched group and of the reference. */
  readonly nodes: { readonly watched: number; readonly reference: number };
  /** Nodes of the watched group that publish counts of their own. */
  readonly nodesWithCounts: readonly string[];
  /** By the rule that splits requests between the two; absent where none does, or where it changes. */
  readonly weights?: Weighting | undefined;
  readonly history?: History | undefined;
  readonly failures: readonly Failure[];
  readonly now: number;
}

export interface Weighting {
  readonly watched: number;
  readonly reference: number;
  /** Since when they hold. */
  readonly since: number;
}

/** CloudWatch still adds to the newest minute. */
const SETTLED_MS = 60_000;
/** What has not come by then will not come. */
const LATE_MS = 180_000;
const MOST_COUNTED = 200;

export function judgeMinutes(record: JudgementRecord, facts: MinutesFacts): JudgementRecord {
  const policy: Policy = { ...judgePolicy({ ...facts, lastLooks: record.lastLooks }), horizon: Infinity };
  const times = toldMinutes(record.judgedTo, facts);
  const unhealthy = facts.metrics.find(({ group }) => group === facts.compared.watched.group)?.unhealthyNodes;
  const seen = times.reduce((known, at) => judgeMinute(known, { ...facts, at, policy }), record);
  return unhealthy === undefined ? seen : { ...seen, unhealthyNodes: Math.max(unhealthy, seen.unhealthyNodes ?? 0) };
}

type Read = (of: CellGroup | undefined, at: number) => MinuteCounts | undefined;

function reader(metrics: readonly GroupMetrics[]): Read {
  const byGroup = new Map(metrics.map(({ group, minutes }) => [group, new Map(minutes.map((one) => [one.at, one]))] as const));
  return (of, at) => of && byGroup.get(of.group)?.get(at);
}

/** In order: a minute that is not told yet holds up those after it, until it is late or a later one is told. */
function toldMinutes(from: number, facts: MinutesFacts): readonly number[] {
  const { now } = facts;
  const over = Array.from(
    { length: Math.max(0, Math.floor((now - SETTLED_MS - from) / MINUTE_MS)) },
    (_, n) => from + n * MINUTE_MS,
  );
  const read = reader(facts.metrics);
  const newestTold = over.findLastIndex((at) => isTold(facts, read, at));
  const newestLate = over.findLastIndex((at) => at + MINUTE_MS + LATE_MS <= now);
  return over.slice(0, Math.max(newestTold, newestLate) + 1);
}

function isTold(facts: MinutesFacts, read: Read, at: number): boolean {
  const { file, watch, compared, nodesWithCounts } = facts;
  const awaited = comparedMetrics(file, watch).filter(({ dryRun }) => !dryRun);
  const both = compared.reference ? [compared.watched, compared.reference] : [compared.watched];
  return (
    both.every((of) => {
      const minute = read(of, at);
      const isCounted = file.protocol !== 'http' || minute?.requests !== undefined;
      return isCounted && awaited.every((metric) => minute?.gauges[metricKey(metric)] !== undefined);
    }) &&
    nodesWithCounts.every((id) => read(compared.watched, at)?.nodes?.[id] !== undefined) &&
    besideWithCounts(facts).every((id) => read(compared.reference, at)?.nodes?.[id] !== undefined)
  );
}

/** An older release's nodes may not publish; those that have are waited for. */
function besideWithCounts({ metrics, compared }: MinutesFacts): readonly string[] {
  const minutes = metrics.find(({ group }) => group === compared.reference?.group)?.minutes ?? [];
  return [...new Set(minutes.flatMap(({ nodes = {} }) => Object.keys(nodes)))];
}

interface MinuteFacts extends MinutesFacts {
  readonly at: number;
  readonly policy: Policy;
}

function judgeMinute(record: JudgementRecord, facts: MinuteFacts): JudgementRecord {
  const { trouble: _, ...rest } = record;
  const known: JudgementRecord = { ...rest, judgedTo: facts.at + MINUTE_MS };
  const { beside, alone } = countMinute(facts);
  const now = troubleIn(facts, beside);
  if (now !== undefined) return hold(known, now);
  const cells = addCells(known.cells, beside);
  const read = reader(facts.metrics);
  const [watched, reference] = [read(facts.compared.watched, facts.at), read(facts.compared.reference, facts.at)];
  const nodes = addNodes(known.nodes, alone ? {} : watched?.nodes);
  const besideNodes = addNodes(known.besideNodes, reference?.nodes);
  const told = { ...known, cells, nodes, besideNodes, ...(alone && { alone: addCounts(known.alone, alone) }) };
  const judged = facts.compared.reference ? compare(told, { ...facts, watched, reference }) : told;
  const lasting = troubleIn(facts, cells);
  return lasting === undefined ? judged : hold(judged, lasting);
}

const hold = (record: JudgementRecord, trouble: string): JudgementRecord => ({
  ...record,
  trouble,
  heldMinutes: record.heldMinutes + 1,
  heldInAll: record.heldInAll + 1,
});

type CellCounts = JudgementRecord['cells'];

function countCells({ file, compared, metrics, at }: MinuteFacts): CellCounts {
  const read = reader(metrics);
  const limits = file.limits.slow.length;
  return Object.fromEntries(
    compared.cells.flatMap((of): (readonly [Cell, LimitCounts])[] => {
      const minute = read(of, at);
      if (minute?.requests === undefined) return [];
      const slow = Array.from({ length: limits }, (_, limit) => minute.slower[limit] ?? 0);
      return [[of.cell, { requests: minute.requests, errors: minute.errors ?? 0, slow }]];
    }),
  );
}

/** Of the watched group alone, or of both: what cannot be compared is counted by itself. */
function countMinute(facts: MinuteFacts): { readonly beside: CellCounts; readonly alone?: LimitCounts | undefined } {
  const { watched, reference } = facts.compared;
  const counted = countCells(facts);
  if (reference === undefined || counted[reference.cell] !== undefined) return { beside: counted };
  const { [watched.cell]: alone, ...beside } = counted;
  return { beside, alone };
}

const addCells = (known: CellCounts, fresh: CellCounts): CellCounts =>
  Object.fromEntries(
    CELLS.flatMap((cell) => {
      const [before, added] = [known[cell], fresh[cell]];
      const counts = added ? addCounts(before, added) : before;
      return counts ? [[cell, counts] as const] : [];
    }),
  );

/** So many times the reference's rate are the release's own doing, whatever else goes on. */
export const OWN_DOING = 2;

/** What old and new alike exceed, everywhere. */
function troubleIn(facts: Pick<MinutesFacts, 'file' | 'compared'>, cells: CellCounts): string | undefined {
  const shared = sharedAilment(facts, cells);
  return shared?.cause === 'environment' ? shared.why : undefined;
}

/** A limit that the reference exceeds as surely as the watched group: not the release's doing, whosever it is. */
export function sharedAilment(
  { file, compared }: Pick<MinutesFacts, 'file' | 'compared'>,
  cells: CellCounts,
): (Attribution & { readonly ailment: Ailment }) | undefined {
  const { limits } = file;
  const [watched, reference] = [cells[compared.watched.cell], compared.reference && cells[compared.reference.cell]];
  if (watched === undefined || reference === undefined) return undefined;
  for (const { ailment, limitPercent } of ailmentsIn(limits)) {
    const [ours, theirs] = [tallyOf(watched, ailment), tallyOf(reference, ailment)];
    const isOver = (tally: Tally) => standingOf(tally, limitPercent, limits.minRequests) === 'over';
    if (!isOver(ours) || !isOver(theirs) || rateOf(ours) > OWN_DOING * rateOf(theirs)) continue;
    const found = attribute(talliesOf(cells, ailment), limitPercent / 100);
    if (found) return { ...found, ailment };
  }
  return undefined;
}

export const talliesOf = (cells: CellCounts, ailment: Ailment): Cells =>
  Object.fromEntries(
    CELLS.flatMap((cell) => {
      const counts = cells[cell];
      return counts ? [[cell, tallyOf(counts, ailment)] as const] : [];
    }),
  );

interface Beside extends MinuteFacts {
  readonly watched: MinuteCounts | undefined;
  readonly reference: MinuteCounts | undefined;
}

function compare(record: JudgementRecord, facts: Beside): JudgementRecord {
  const { policy, file, watched = NO_MINUTE, reference = NO_MINUTE } = facts;
  const isCounted = file.protocol !== 'http' || (watched.requests !== undefined && reference.requests !== undefined);
  if (!isCounted) return { ...record, state: lookAt(record.state, { seconds: 60 }, policy).state };
  const crashes = facts.failures.filter(({ isCrash }) => isCrash);
  const fresh = crashes.filter(({ faultId }) => !record.counted.includes(faultId));
  const printed = crashes.filter((one) => one.fingerprint !== undefined && !record.counted.includes(`${one.faultId}!`));
  const gauges = pairsOf(facts, watched, reference);
  const isWarm = record.state.intervals >= policy.warmupIntervals;
  const interval: Interval = {
    seconds: 60,
    watched: watchedNodes(facts, watched, { fresh, printed }),
    reference: referenceNodes(facts, reference, fresh),
    gauges,
  };
  return {
    ...record,
    state: lookAt(record.state, interval, policy).state,
    gauges: addGauges(record.gauges, gauges),
    ...(isWarm && {
      spreads: addSpreads(record.spreads, interval, policy),
      medians: addMedian(record.medians, watched, reference),
    }),
    split: splitIn(record.split, facts),
    counted: [...record.counted, ...fresh.map(({ faultId }) => faultId), ...printed.map(({ faultId }) => `${faultId}!`)].slice(
      -MOST_COUNTED,
    ),
  };
}

function splitIn(known: SplitState, { weights, at, watched, reference }: Beside): SplitState {
  if (!weights || at < weights.since || watched?.requests === undefined || reference?.requests === undefined) return known;
  return learnSplit(known, {
    watched: { events: watched.requests, exposure: weights.watched },
    reference: { events: reference.requests, exposure: weights.reference },
  });
}

const NO_MINUTE: MinuteCounts = { at: 0, slower: [], gauges: {} };

/** A metric without a value of both groups is not compared in that minute. */
function pairsOf({ file, watch }: MinuteFacts, watched: MinuteCounts, reference: MinuteCounts): Pairs {
  return Object.fromEntries(
    comparedMetrics(file, watch).flatMap((metric): (readonly [string, GaugePair])[] => {
      const key = metricKey(metric);
      const [ours, theirs] = [watched.gauges[key], reference.gauges[key]];
      return ours === undefined || theirs === undefined ? [] : [[key, { watched: ours, reference: theirs }]];
    }),
  );
}
