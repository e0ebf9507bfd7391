/** One look at a watched group: what was told since the last, judged, kept, and the verdict that follows. */
import { isNamed, recordConflict } from '../errors.ts';
import { nextFleet } from '../fleet/phase.ts';
import type { Held } from '../release/hold-release.ts';
import type { Records } from '../release/ports.ts';
import { releaseName, type ReleaseRecord, type ServiceRecord, type StepInput, type Verdict } from '../release/release.ts';
import type { PagePorts } from '../remediation/page.ts';
import { page } from '../remediation/page.ts';
import type { Fleet, Service } from '../service/service.ts';
import { effectiveWeights } from '../traffic/dark-groups.ts';
import { decide, type Decision } from './decide.ts';
import { historyFrom, seasonId } from './history.ts';
import { noteTrouble, waiverOf } from './hold.ts';
import { beginWatch, type CellGroup, type GroupWatch, type JudgementRecord } from './judgement.ts';
import { type Compared, judgeMinutes, type Weighting } from './judge-minutes.ts';
import type { NodesPorts } from './look-at-nodes.ts';
import { lookAtNodes } from './look-at-nodes.ts';
import type { Judgements, Metrics } from './ports.ts';
import { countedNodes, edgesFor, readGroups } from './read-groups.ts';
import { type RememberPorts, rememberWatch } from './remember-watch.ts';
import type { History } from './sequential/policy.ts';
import { weightsOf } from './split.ts';

export interface WatchGroupsPorts extends NodesPorts, PagePorts, RememberPorts {
  readonly metrics: Metrics;
  readonly judgements: Judgements;
  readonly records: Records;
}

export interface GroupWatchInput extends StepInput {
  readonly watch: GroupWatch;
  readonly since: number;
}

const ATTEMPTS = 5;
/** While a release is held. */
const HOURS_BETWEEN_PAGES = 6;

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
  const { service, release, record } = held;
  const { watch, since, at: now } = input;
  const known = await ports.judgements.find(input.service, input.version);
  const begun = beginWatch(known, input);
  const compared = groupsOf(watch, release, record);
  const history = compared.reference && (await pastOf(ports, input, compared.reference));
  const of = { file: service.file, watch, minutes: minutesOf(service, watch), history };
  const seen = await lookAtNodes(ports, service, { compared, since });
  const { judgedTo: from } = begun;
  const edges = await edgesFor(ports.metrics, service, { compared, from, of });
  const counted = countedNodes(of, seen);
  const metrics = await readGroups(ports.metrics, service, { compared, edges, counted, from, now });
  const weights = weightsIn(held, watch, compared);
  const facts = { ...of, ...seen, compared, metrics, edges, nodesWithCounts: counted.watched, weights, now };
  const judged = judgeMinutes(begun, facts);
  const sick = Math.max(seen.sick, judged.unhealthyNodes ?? 0);
  const waiver = waiverOf(release);
  const decision = decide(judged, { ...facts, sick, ...(waiver && { waiver }) });
  if (isNews(decision.record, known)) await ports.judgements.put(decision.record);
  const isOver = decision.verdict.kind !== 'wait' && watch !== 'promotion';
  if (isOver && compared.reference) {
    const over = { record: decision.record, isPassed: decision.verdict.kind === 'pass', now };
    await rememberWatch(ports, { ...over, reference: compared.reference });
  }
  if (judged.judgedTo > from) await noteTrouble(ports.records, input, decision.record.trouble);
  return decision;
}

async function pastOf(
  { histories }: RememberPorts,
  input: StepInput,
  { build, version }: CellGroup,
): Promise<History | undefined> {
  const known = await histories.find(input.service, build);
  return known && historyFrom(known, { id: seasonId(input), stable: version });
}

/** In a promotion shares change with every batch. The minutes in which weights change, or settle, tell nothing. */
function weightsIn({ service, record }: Held, watch: GroupWatch, { watched, reference }: Compared): Weighting | undefined {
  const weights = reference && watch !== 'promotion' && weightsOf(effectiveWeights(record), watched.group, reference.group);
  if (!weights) return undefined;
  return { ...weights, since: (record.weightsChangedAt ?? 0) + service.file.weightSettleSeconds * 1000 };
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
  if (verdict.cause !== 'environment' || verdict.kind === 'pass') return;
  const isHeld = verdict.kind === 'wait';
  const why = `${releaseName(service, version)} ${isHeld ? 'is held, and not rolled back' : 'is given up'}: ${verdict.why}`;
  const call = { service, about: isHeld ? 'environment' : 'environment given up', why, now: at };
  await page(ports, isHeld ? { ...call, everyHours: HOURS_BETWEEN_PAGES } : call);
}
