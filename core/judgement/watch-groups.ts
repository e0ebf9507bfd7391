/** One look at a watched group: what was told since the last, judged, kept, and the verdict that follows. */
import { isNamed, recordConflict } from '../errors.ts';
import { nextFleet } from '../fleet/phase.ts';
import type { Held } from '../release/hold-release.ts';
import { releaseName, type ReleaseRecord, type ServiceRecord, type StepInput, type Verdict } from '../release/release.ts';
import type { PagePorts } from '../remediation/page.ts';
import { page } from '../remediation/page.ts';
import type { Fleet, Service } from '../service/service.ts';
import { decide, type Decision } from './decide.ts';
import { type Edges, edgesOf, needsQuantiles, otherEdges, PAST_MINUTES, watchedEdges } from './edges.ts';
import { judgePolicy } from './judge-policy.ts';
import { beginWatch, type CellGroup, type GroupWatch, type JudgementRecord } from './judgement.ts';
import { type Compared, judgeMinutes, MINUTE_MS } from './judge-minutes.ts';
import type { NodesPorts } from './look-at-nodes.ts';
import { lookAtNodes } from './look-at-nodes.ts';
import type { GroupMetrics, Judgements, Metrics } from './ports.ts';

export interface WatchGroupsPorts extends NodesPorts, PagePorts {
  readonly metrics: Metrics;
  readonly judgements: Judgements;
}

export interface GroupWatchInput extends StepInput {
  readonly watch: GroupWatch;
  readonly since: number;
}

const ATTEMPTS = 5;
/** A release that was paused for days is caught up with little by little. */
const MOST_MINUTES = 240;
/** Of a larger canary so many tell for all: what is known of each is kept between two looks. */
const MOST_COUNTED_NODES = 30;

/** What a look has judged is written before it answers. Another that looks at the same time is told apart by the revision. */
export async function watchGroups(
  ports: WatchGroupsPorts,
  held: Held,
  input: GroupWatchInput,
): Promise<Pick<Decision, 'verdict' | 'due' | 'bad'>> {
  for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
    try {
      const decision = await look(ports, held, input);
      await callForHelp(ports, input, decision.verdict);
      return decision;
    } catch (error) {
      if (!isNamed(error, 'RecordConflict')) throw error;
    }
  }
  throw recordConflict(`the judgement of ${releaseName(input.service, input.version)}`);
}

async function look(ports: WatchGroupsPorts, held: Held, input: GroupWatchInput): Promise<Decision> {
  const { service } = held;
  const { watch, since, at: now } = input;
  const known = await ports.judgements.find(input.service, input.version);
  const begun = beginWatch(known, input);
  const compared = groupsOf(watch, held.release, held.record);
  const minutes = minutesOf(service, watch);
  const { nodes, sick, notServing, instances, failures } = await lookAtNodes(ports, service, { compared, since });
  const edges = await edgesFor(ports.metrics, service, { compared, begun, minutes, watch });
  const isCounted = service.file.nodeMetrics !== undefined && compared.watched.build === 'linux';
  const nodesWithCounts = isCounted ? instances.slice(0, MOST_COUNTED_NODES) : [];
  const metrics = await read(ports.metrics, service, { compared, edges, nodesWithCounts, from: begun.judgedTo, now });
  const judged = judgeMinutes(begun, {
    file: service.file,
    watch,
    minutes,
    compared,
    metrics,
    edges,
    nodes,
    nodesWithCounts,
    failures,
    now,
  });
  const ill = Math.max(sick, judged.unhealthyNodes ?? 0);
  const decision = decide(judged, { file: service.file, watch, minutes, compared, nodes, instances, sick: ill, notServing, now });
  if (isNews(decision.record, known)) await ports.judgements.put(decision.record);
  return decision;
}

/** What was known is not written again. */
const isNews = (now: JudgementRecord, known: JudgementRecord | undefined) =>
  now.since !== known?.since ||
  now.judgedTo !== known.judgedTo ||
  now.lastLooks !== known.lastLooks ||
  now.state.failed !== known.state.failed ||
  now.unhealthyNodes !== known.unhealthyNodes;

const minutesOf = ({ file }: Service, watch: GroupWatch) =>
  ({ canary: file.canary.minutes, debut: file.debut.minutes, promotion: file.promotion.watchMinutes })[watch];

interface Telling {
  readonly compared: Compared;
  readonly begun: JudgementRecord;
  readonly minutes: number;
  readonly watch: GroupWatch;
}

/** Quantiles are those of the reference before what is judged with them: nothing the new release does moves them. */
async function edgesFor(metrics: Metrics, service: Service, { compared, begun, minutes, watch }: Telling): Promise<Edges> {
  const policy = judgePolicy({ file: service.file, watch, minutes, lastLooks: 0 });
  if (!needsQuantiles(policy) || compared.reference === undefined) return edgesOf(policy);
  const span = { from: begun.judgedTo - PAST_MINUTES * MINUTE_MS, to: begun.judgedTo };
  const quantiles = policy.latency.map(({ quantile }) => quantile);
  return edgesOf(policy, await metrics.quantiles(service, compared.reference.group, { ...span, quantiles }));
}

interface Reading {
  readonly compared: Compared;
  readonly edges: Edges;
  readonly nodesWithCounts: readonly string[];
  readonly from: number;
  readonly now: number;
}

function read(metrics: Metrics, service: Service, reading: Reading): Promise<readonly GroupMetrics[]> {
  const { edges, nodesWithCounts, from, now } = reading;
  const { watched, reference, cells } = reading.compared;
  const edgesIn = ({ group }: CellGroup) => {
    if (group === watched.group) return watchedEdges(edges);
    return group === reference?.group ? edges.reference : otherEdges(edges);
  };
  const queries = cells.map((cell) => ({
    ...cell,
    edgesMs: edgesIn(cell),
    ...(cell.group === watched.group && { nodes: nodesWithCounts }),
  }));
  return metrics.read(service, queries, { from, to: Math.min(now, from + MOST_MINUTES * MINUTE_MS) });
}

const OTHER_FLEET: Readonly<Record<Fleet, Fleet>> = { blue: 'green', green: 'blue' };

/** Which groups are which cell. While fresh unikernels of the old release stand in `control`, they are the old ones. */
export function groupsOf(watch: GroupWatch, release: ReleaseRecord, { stable }: Pick<ServiceRecord, 'stable'>): Compared {
  const next = nextFleet(release);
  const { version, replaces } = release;
  const newLinux: CellGroup = { cell: 'newLinux', group: 'canary', version, build: 'linux' };
  const newUnikernel: CellGroup = { cell: 'newUnikernel', group: next, version, build: 'unikernel' };
  const watched = watch === 'canary' ? newLinux : newUnikernel;
  const own = watch === 'canary' ? [newLinux] : [newLinux, newUnikernel];
  if (replaces === undefined) return { watched, cells: own };
  const oldLinux: CellGroup = { cell: 'oldLinux', group: 'baseline', version: replaces, build: 'linux' };
  const oldFleet = watch === 'debut' ? 'control' : (stable?.fleet ?? OTHER_FLEET[next]);
  const oldUnikernel: CellGroup = { cell: 'oldUnikernel', group: oldFleet, version: replaces, build: 'unikernel' };
  return { watched, reference: watch === 'canary' ? oldLinux : oldUnikernel, cells: [...own, oldLinux, oldUnikernel] };
}

/** The release is not to blame and is left where it is: a person is called. */
async function callForHelp(ports: PagePorts, { service, version, at }: GroupWatchInput, verdict: Verdict): Promise<void> {
  if (verdict.cause !== 'environment') return;
  const what = verdict.kind === 'wait' ? 'is held, and not rolled back' : 'is given up';
  const why = `${releaseName(service, version)} ${what}: ${verdict.why}`;
  await page(ports, { service, about: 'environment', why, now: at });
}
