/**
 * The verdict on a watched group, by declared limits. Rules:
 *
 *   - the interval in which the watch began is ignored (requests of before, cold nodes)
 *   - fail, at any time: more than a limit, with at least max(10, minRequests / 5) requests and 3 bad ones
 *   - fail, at any time: more unhealthy nodes than allowed
 *   - pass, when the watch is over: at least minRequests, and no limit exceeded
 *   - where nothing counts requests, the health of the nodes alone decides
 *   - otherwise wait, and inconclusive once the grace is over as well: no data never passes and never fails
 */
import type { ServiceFile } from '../service/service-file.ts';
import type { Verdict } from '../release/release.ts';
import type { GroupMetrics, IntervalCounts } from './ports.ts';

export interface JudgeFacts {
  readonly watched: GroupMetrics;
  /** What it is compared with, for the reader of the verdict. */
  readonly reference?: GroupMetrics;
  readonly limits: ServiceFile['limits'];
  readonly since: number;
  readonly now: number;
  readonly minutes: number;
  /** Whether requests are counted at all: a network load balancer knows only the health of its nodes. */
  readonly countsRequests: boolean;
}

const FEWEST_REQUESTS = 10;
const FEWEST_BAD = 3;

/** One metric of the watched group against its limit. */
interface Finding {
  readonly requests: number;
  readonly bad: number;
  readonly limitPercent: number;
  readonly text: string;
}

export function judge(facts: JudgeFacts): Verdict {
  const { limits, watched } = facts;
  const unhealthy = watched.unhealthyNodes ?? 0;
  if (unhealthy > limits.maxUnhealthyNodes) {
    return { kind: 'fail', why: `${unhealthy} unhealthy node(s) in ${watched.group} > ${limits.maxUnhealthyNodes} allowed` };
  }
  return facts.countsRequests
    ? judgeRequests(facts)
    : overdue(facts, nodesLack(watched), `no unhealthy node in ${watched.group}`);
}

const nodesLack = ({ group, unhealthyNodes }: GroupMetrics) =>
  unhealthyNodes === undefined ? `no word of the health of ${group}` : undefined;

function judgeRequests(facts: JudgeFacts): Verdict {
  const { limits } = facts;
  const findings = [errorFinding(facts), ...limits.slow.map((_, index) => slowFinding(facts, index))];
  const least = Math.max(FEWEST_REQUESTS, Math.ceil(limits.minRequests / 5));
  const clear = findings.filter((one) => isOver(one) && one.requests >= least && one.bad >= FEWEST_BAD);
  if (clear.length > 0) return { kind: 'fail', why: say(clear) };

  const fewest = Math.min(...findings.map(({ requests }) => requests));
  const over = findings.filter(isOver);
  if (fewest < limits.minRequests) {
    return overdue(facts, `${fewest} of the ${limits.minRequests} requests a verdict needs`, say(findings));
  }
  return overdue(facts, over.length > 0 ? `too few bad requests to be sure: ${say(over)}` : undefined, say(findings));
}

/** Nothing failed: what the clock makes of it. `lacking` keeps it from passing. */
function overdue({ limits, since, minutes, now }: JudgeFacts, lacking: string | undefined, found: string): Verdict {
  const due = since + minutes * 60_000;
  const end = due + limits.graceMinutes * 60_000;
  if (now < due) return { kind: 'wait', why: `${minutesLeft(due, now)} of the watch left; ${lacking ?? found}` };
  if (lacking === undefined) return { kind: 'pass', why: found };
  return now < end
    ? { kind: 'wait', why: `${minutesLeft(end, now)} of the grace left; ${lacking}` }
    : { kind: 'inconclusive', why: `no verdict after ${minutes} + ${limits.graceMinutes} minutes: ${lacking}` };
}

const share = ({ bad, requests }: { bad: number; requests: number }) => (requests === 0 ? 0 : (100 * bad) / requests);
const isOver = (one: Finding) => share(one) > one.limitPercent;
const say = (findings: readonly Finding[]) => findings.map(({ text }) => text).join('; ');
const minutesLeft = (until: number, now: number) => `${Math.ceil((until - now) / 60_000)} minute(s)`;

function errorFinding(facts: JudgeFacts): Finding {
  return finding(facts, { bad: ({ errors }) => errors, limitPercent: facts.limits.maxErrorPercent, what: 'failed' });
}

function slowFinding(facts: JudgeFacts, index: number): Finding {
  const limit = facts.limits.slow[index] ?? { overMs: 0, maxPercent: 100 };
  return finding(facts, {
    bad: ({ slow }) => slow[index],
    limitPercent: limit.maxPercent,
    what: `took over ${limit.overMs} ms`,
  });
}

interface Measure {
  readonly bad: (counts: IntervalCounts) => number | undefined;
  readonly limitPercent: number;
  readonly what: string;
}

function finding(facts: JudgeFacts, measure: Measure): Finding {
  const { limitPercent, what } = measure;
  const counted = sum(facts.watched, facts, measure.bad);
  const compared = facts.reference ? sum(facts.reference, facts, measure.bad) : undefined;
  const sign = share(counted) > limitPercent ? '>' : '≤';
  const beside = compared && facts.reference ? `; ${facts.reference.group} ${percent(compared)} of ${compared.requests}` : '';
  const text = `${percent(counted)} of ${counted.requests} requests to ${facts.watched.group} ${what} ${sign} ${limitPercent} % allowed${beside}`;
  return { ...counted, limitPercent, text };
}

const percent = (counts: { bad: number; requests: number }) => `${share(counts).toFixed(1)} %`;

/** Only intervals in which both numbers are known: no data is not 0. */
function sum(metrics: GroupMetrics, { since }: JudgeFacts, bad: Measure['bad']) {
  let requests = 0;
  let badOnes = 0;
  for (const interval of metrics.intervals) {
    const count = bad(interval);
    if (interval.at <= since || interval.requests === undefined || count === undefined) continue;
    requests += interval.requests;
    badOnes += count;
  }
  return { requests, bad: badOnes };
}
