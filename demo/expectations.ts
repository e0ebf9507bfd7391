/** What must hold after a release of the demo. Pure: facts in, broken expectations out. */
import { endsStable, type Chapter, type Fleet } from './scenario.ts';
import { riseAfter } from './decline.ts';
import type { Died } from './dying.ts';
import type { Step } from './follow.ts';
import type { Left } from './leftovers.ts';
import { NOBODY, type Answer } from './traffic.ts';

export interface Facts {
  readonly chapter: Chapter;
  /** Nodes of a stable release. */
  readonly fleet: Fleet;
  readonly steps: readonly Step[];
  /** User requests from the upload to a while after the end. Times are the wall clock's. */
  readonly answers: readonly Answer[];
  readonly endedAt: number;
  /** When the abort was ordered, or else the rollback was first seen. */
  readonly turnedAt: number | undefined;
  readonly left: Left;
  /** The release that was stable before. */
  readonly previous: { readonly version: string; readonly left: Left } | undefined;
  /** A node of that release that died in between: its users may miss it until it is replaced. */
  readonly died: Died | undefined;
  /** Names of alarms that were in ALARM at any time. */
  readonly alarms: readonly string[];
}

type Check = (facts: Facts) => readonly string[];

const unless = (holds: boolean, what: string): readonly string[] => (holds ? [] : [what]);

const stagesInOrder: Check = ({ chapter, steps }) => {
  const found = steps.map(({ stage }) => stage).join(' → ');
  const wanted = chapter.stages.join(' → ');
  const isForward = steps.every((step, index) => step.at >= (steps[index - 1]?.at ?? 0));
  return [...unless(found === wanted, `went ${found}, expected ${wanted}`), ...unless(isForward, 'its timeline goes backwards')];
};

const saysWhy: Check = ({ chapter: { why }, steps }) => {
  const told = steps.find(({ stage }) => stage === 'rolling-back')?.why ?? '';
  return unless(!why || why.test(told), `the reason "${told}" is not like ${String(why)}`);
};

const leavesWhatItShould: Check = ({ chapter, fleet, left, previous }) => {
  const { nodes, images, snapshots } = left;
  const found = `${nodes.unikernel} unikernels, ${nodes.linux} Linux nodes, ${images} AMIs, ${snapshots} snapshots`;
  if (!endsStable(chapter)) {
    return unless(nodes.unikernel + nodes.linux + images + snapshots === 0, `rolled back, it has left ${found}`);
  }
  const isWhole = nodes.unikernel === fleet.unikernel && nodes.linux === fleet.linux && images === 2 && snapshots === 2;
  const old = previous ? previous.left.nodes.unikernel + previous.left.nodes.linux : 0;
  return [
    ...unless(isWhole, `stable, it has ${found}; expected ${fleet.unikernel}, ${fleet.linux}, 2, 2`),
    ...unless(old === 0, `${old} nodes of ${previous?.version ?? ''} are left`),
  ];
};

/** A request may be on its way when the node dies that it was meant for. */
const UNDER_WAY_MS = 1_000;

/** A request that no node answered is only allowed before the first release serves. */
const losesNobody: Check = ({ chapter, answers: all, previous, died }) => {
  const isMissed = ({ at }: Answer) => died !== undefined && at > died.at - UNDER_WAY_MS && at < died.healthy;
  const answers = all.filter((answer) => !isMissed(answer));
  const { version, failEvery } = chapter.release;
  const served = answers.filter((answer) => answer.version !== NOBODY);
  const servesFrom = previous ? 0 : Math.min(...served.map(({ at }) => at));
  const nobody = answers.filter((answer) => answer.version === NOBODY && answer.at > servesFrom).length;
  const failed = served.filter((answer) => !answer.ok);
  const lost = failEvery ? failed.filter((answer) => answer.version !== version) : failed;
  return [
    ...unless(served.length > 0, 'no user request was served'),
    ...unless(nobody === 0, `${nobody} requests found no node`),
    ...unless(lost.length === 0, `${lost.length} requests failed at a node`),
    ...unless(!failEvery || failed.length > 0, 'its bug was never met: nothing was proven'),
  ];
};

const servesAfterwards: Check = ({ chapter, answers, previous, endedAt }) => {
  const wanted = endsStable(chapter) ? chapter.release.version : previous?.version;
  const after = answers.filter(({ at }) => at > endedAt);
  const others = after.filter(({ version }) => version !== wanted).length;
  return [
    ...unless(after.length > 0, 'nobody asked after its end'),
    ...unless(others === 0, `${others} of ${after.length} requests after its end were not answered by ${wanted ?? 'a node'}`),
  ];
};

/** Measured in requests, not in weights: what users saw of a release that was given up. */
const fadesForUsers: Check = ({ chapter, answers, turnedAt }) => {
  if (endsStable(chapter)) return [];
  if (turnedAt === undefined) return ['it was never seen to roll back'];
  const rise = riseAfter(answers, chapter.release.version, turnedAt);
  return rise ? [rise] : [];
};

const alarmsNobody: Check = ({ alarms }) => unless(alarms.length === 0, `alarms went off: ${alarms.join(', ')}`);

const CHECKS: readonly Check[] = [
  stagesInOrder,
  saysWhy,
  leavesWhatItShould,
  losesNobody,
  servesAfterwards,
  fadesForUsers,
  alarmsNobody,
];

export const brokenExpectations = (facts: Facts): readonly string[] =>
  CHECKS.flatMap((check) => check(facts)).map((what) => `${facts.chapter.release.version}: ${what}`);
