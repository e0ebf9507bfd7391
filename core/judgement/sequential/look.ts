/** The sequential judge: one interval more, and what it thinks now. Pure; its state is plain JSON of bounded size. */
import { type Interval, isNode, nodesIn, rateOf, type Tally } from './counts.ts';
import { loopingNodes } from './crash-test.ts';
import { lacksToPass } from './lacks.ts';
import { failsAtLast } from './last-look.ts';
import { latencyTest, learn } from './learn.ts';
import type { Policy } from './policy.ts';
import { type JudgeState, type NodeTotals, tally } from './state.ts';
import { type Suspect, suspect, type Weighed, weigh } from './weigh.ts';

/** One test in a verdict: what was found, and what it is held against. */
export interface Finding {
  readonly test: string;
  readonly evidence: number;
  readonly threshold: number;
  readonly watched?: number;
  readonly reference?: number;
  readonly samples: number;
}

export type Reason = 'low_traffic' | 'no_data' | 'gaps' | 'margin' | 'no_baseline';

export interface Look {
  readonly kind: 'pass' | 'fail' | 'inconclusive' | 'wait';
  readonly why: string;
  readonly reason?: Reason;
  /** Nodes that alone are bad: replaced, the release is judged without them. */
  readonly quarantine: readonly string[];
  readonly findings: readonly Finding[];
}

export interface Looked {
  readonly state: JudgeState;
  readonly look: Look;
}

export function lookAt(state: JudgeState, interval: Interval, policy: Policy): Looked {
  const learnt = learn(state, interval, policy);
  const known = Object.keys(learnt.watched).filter(isNode).length;
  const nodes = interval.watched === undefined ? known : nodesIn(interval.watched);
  return conclude(learnt, policy, { isDue: learnt.intervals >= policy.horizon, seconds: interval.seconds, nodes });
}

export interface Moment {
  readonly isDue: boolean;
  readonly seconds: number;
  readonly nodes: number;
}

/** What it thinks with what it has learnt so far. */
export function conclude(state: JudgeState, policy: Policy, moment: Moment): Looked {
  const weighed = weigh(state, policy);
  const bad = suspect(state, policy);
  const failure = state.failed ?? failing(state, policy, { weighed, bad, moment });
  const quarantined = [...new Set([...state.quarantined, ...isolated(state, policy, { weighed, bad, moment })])];
  const known: JudgeState = {
    ...state,
    quarantined,
    // What comes in the place of a group's only node starts anew: its predecessor's crashes make no loop of its own.
    ...(moment.nodes === 1 && quarantined.length > state.quarantined.length && { recentCrashes: [] }),
    ...(failure !== undefined && { failed: failure }),
  };
  const say = (kind: Look['kind'], why: string, reason?: Reason): Looked => ({
    state: known,
    look: { kind, why, ...(reason && { reason }), quarantine: quarantined, findings: findings(known, policy, weighed) },
  });
  if (failure !== undefined) return say('fail', failure);
  if (!moment.isDue) return say('wait', waiting(known, policy, weighed));
  const { kind, why, reason } = lastWord(known, policy, weighed);
  return say(kind, why, reason);
}

interface Case {
  readonly weighed: Weighed;
  readonly bad: Suspect | undefined;
  readonly moment: Moment;
}

const threshold = (alpha: number) => 1 / alpha;

function failing(state: JudgeState, policy: Policy, { weighed, bad, moment }: Case): string | undefined {
  const looping = loopingNodes(state, policy, moment.seconds, moment.nodes);
  const isCovered = looping.length > 1 || (looping.length === 1 && moment.nodes === 1 && state.quarantined.length > 0);
  if (isCovered) return `crash loop: ${state.recentCrashes.length} crashes on ${looping.length} node(s) within 10 intervals`;
  const isClear = weighed.evidence >= threshold(policy.alpha);
  const isShared = bad === undefined || bad.weighed.evidence >= threshold(policy.alphaWithoutNode);
  if (isClear && isShared) return accuse(state, policy, weighed);
  if (!moment.isDue) return undefined;
  const late = failsAtLast(state, policy);
  return late.length === 0 ? undefined : `over the whole watch: ${late.map((test) => describe(state, policy, test)).join('; ')}`;
}

/** A node without which nothing speaks against the release. */
function isolated(state: JudgeState, policy: Policy, { weighed, bad, moment }: Case): readonly string[] {
  const looping = loopingNodes(state, policy, moment.seconds, moment.nodes);
  const isAlone = bad !== undefined && weighed.evidence >= threshold(policy.alpha) && bad.weighed.evidence <= 1;
  return [...(looping.length === 1 ? looping : []), ...(isAlone ? [bad.node] : [])];
}

function accuse(state: JudgeState, policy: Policy, weighed: Weighed): string {
  const worth = (test: string) => (policy.shares[test] ?? 0) * (weighed.parts[test] ?? 0);
  const [worst = ''] = Object.keys(policy.shares).sort((a, b) => worth(b) - worth(a));
  return `${describe(state, policy, worst)}; evidence ${round(weighed.evidence)} ≥ ${threshold(policy.alpha)}`;
}

function waiting(state: JudgeState, policy: Policy, weighed: Weighed): string {
  const left = Math.max(0, policy.horizon - state.intervals);
  const isolatedNodes = state.quarantined.length === 0 ? '' : `; ${state.quarantined.join(', ')} alone is bad`;
  return `evidence ${round(weighed.evidence)} < ${threshold(policy.alpha)}, ${left} interval(s) left${isolatedNodes}`;
}

interface LastWord {
  readonly kind: 'pass' | 'inconclusive';
  readonly why: string;
  readonly reason?: Reason;
}

/** Half of the intervals must have told something. */
const LEAST_USABLE = 0.5;

function lastWord(state: JudgeState, policy: Policy, weighed: Weighed): LastWord {
  const wanted = Math.max(1, policy.horizon - policy.warmupIntervals);
  if (state.compared === 0) return { kind: 'inconclusive', reason: 'no_data', why: 'no interval has data of both groups' };
  if (state.compared < LEAST_USABLE * wanted) {
    return {
      kind: 'inconclusive',
      reason: 'gaps',
      why: `${state.compared} of ${wanted} intervals have data of both groups < half`,
    };
  }
  const unheard = policy.gauges.filter(
    ({ name, critical, dryRun }) => critical && !dryRun && (state.bets[`metric ${name}`] ?? 0) === 0,
  );
  if (unheard.length > 0) {
    return {
      kind: 'inconclusive',
      reason: 'no_data',
      why: `no data of the critical metric(s) ${unheard.map(({ name }) => name).join(', ')}`,
    };
  }
  const { lacks, left } = lacksToPass(state, policy);
  if (lacks.length > 0) {
    const isTraffic = lacks.some(({ kind }) => kind === 'unsure') && !lacks.some(({ kind }) => kind === 'evidence');
    return { kind: 'inconclusive', reason: isTraffic ? 'low_traffic' : 'margin', why: lacks.map(({ text }) => text).join('; ') };
  }
  const alone = left === undefined ? '' : `without ${left}, which alone is bad: `;
  const found = `${alone}${Object.keys(policy.shares)
    .map((test) => describe(state, policy, test, left))
    .join('; ')}`;
  if (!policy.mayPass)
    return {
      kind: 'inconclusive',
      reason: 'no_baseline',
      why: `not worse than ${policy.against ?? 'what it is compared with'}, but there is no baseline to pass against: ${found}`,
    };
  const against = left === undefined ? weighed : weigh(state, policy, left);
  return { kind: 'pass', why: `${found}; evidence ${round(against.evidence)} < ${threshold(policy.alpha)}` };
}

const round = (value: number) => (value >= 1000 ? value.toExponential(1) : value.toFixed(1));

function pickOf(policy: Policy, test: string): ((node: NodeTotals) => Tally) | undefined {
  if (test === 'errors') return (node) => ({ events: node.errors, exposure: node.requests });
  if (test === 'crashes') return (node) => ({ events: node.crashes, exposure: node.hours });
  const index = policy.latency.findIndex((latency) => latencyTest(latency) === test);
  return index < 0 ? undefined : (node) => ({ events: node.over[index] ?? 0, exposure: node.timed });
}

function findings(state: JudgeState, policy: Policy, weighed: Weighed): readonly Finding[] {
  return Object.keys(policy.shares).map((test): Finding => {
    const pick = pickOf(policy, test);
    const common = { test, evidence: Number((weighed.parts[test] ?? 0).toPrecision(4)), threshold: threshold(policy.alpha) };
    if (pick === undefined) return { ...common, samples: state.bets[test] ?? 0 };
    const [watched, reference] = [tally(state.watched, pick), tally(state.reference, pick)];
    const samples = Number(watched.exposure.toFixed(4));
    return { ...common, watched: share(rateOf(watched)), reference: share(rateOf(reference)), samples };
  });
}

const share = (rate: number) => Number(rate.toPrecision(4));

/** Value, operator and limit of one test, in an operator's words. */
function describe(state: JudgeState, policy: Policy, test: string, left?: string): string {
  const pick = pickOf(policy, test);
  const [watched, reference] = pick ? [tally(state.watched, pick, left), tally(state.reference, pick)] : [undefined, undefined];
  if (watched === undefined) return `${test}: ${state.bets[test] ?? 0} comparisons`;
  if (test === 'crashes') {
    const most = policy.crashes.ratio * policy.crashes.perNodeHour * watched.exposure;
    return `${watched.events} crash(es) in ${watched.exposure.toFixed(1)} node-hours ${watched.events > most ? '>' : '≤'} ${most.toFixed(2)} expected at most`;
  }
  const { errors } = policy;
  const limit = test === 'errors' ? errors.ratio * rateOf(reference) + errors.absolute : rateOf(reference);
  const latency = policy.latency.find((one) => latencyTest(one) === test);
  const against = policy.against ?? 'baseline';
  const edge = latency?.limitMs === undefined ? `the ${against}'s ${test}` : `${latency.limitMs} ms`;
  const what = latency ? `slower than ${latency.failFactor.toFixed(2)} × ${edge}` : 'failed';
  const sign = rateOf(watched) > limit ? '>' : '≤';
  return `${percent(rateOf(watched))} of ${watched.exposure} requests ${what} ${sign} ${percent(limit)} (${against} ${percent(rateOf(reference))} of ${reference.exposure})`;
}

const percent = (rate: number) => `${(100 * rate).toFixed(rate < 0.001 ? 3 : 2)} %`;
