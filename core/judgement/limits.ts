/** The watched group against the limits the service file declares. Pure. */
import type { ServiceFile } from '../service/service-file.ts';
import { type Ailment, type LimitCounts, tallyOf } from './judgement.ts';
import { rateOf, type Tally } from './sequential/counts.ts';
import { poissonEvidence } from './sequential/poisson-evidence.ts';

type Limits = ServiceFile['limits'];

/** One metric against its limit. */
export interface LimitFinding {
  readonly ailment: Ailment;
  readonly watched: Tally;
  readonly reference?: Tally;
  readonly limitPercent: number;
  readonly standing: Standing;
  readonly text: string;
}

/** over: more than the limit, and so much that chance is no excuse · above: more than the limit */
export type Standing = 'over' | 'above' | 'within';

export interface LimitFacts {
  readonly limits: Limits;
  readonly group: string;
  readonly watched: LimitCounts;
  /** Where single nodes are known: what failed of the group without one of them. */
  readonly but?: { readonly node: string; readonly failed: Tally } | undefined;
  /** What it is compared with, for the reader of the verdict. */
  readonly reference?: { readonly group: string; readonly counts: LimitCounts };
}

export const NO_LIMIT_COUNTS: LimitCounts = { requests: 0, errors: 0, slow: [] };

/** The limits as ailments of requests. */
export const ailmentsIn = ({ maxErrorPercent, slow }: Limits) => [
  { ailment: { kind: 'errors' }, limitPercent: maxErrorPercent } as const,
  ...slow.map(({ maxPercent }, limit) => ({ ailment: { kind: 'slow', limit }, limitPercent: maxPercent }) as const),
];

const FEWEST_REQUESTS = 10;
const FEWEST_BAD = 3;
/** Chance that a release which keeps the limit is ever taken for one that does not, looked at every minute. */
const CHANCE = 0.01;
const TIMES_THE_LIMIT = [1.25, 1.5, 2, 3, 5, 10, 30, 100];

/** So few bad ones, or so few requests, may be chance. */
export function standingOf(tally: Tally, limitPercent: number, minRequests: number): Standing {
  const limit = limitPercent / 100;
  if (rateOf(tally) <= limit) return 'within';
  const least = Math.max(FEWEST_REQUESTS, Math.ceil(minRequests / 5));
  const allowed = { events: tally.events, exposure: limit * tally.exposure };
  const isClear = poissonEvidence(allowed, TIMES_THE_LIMIT) >= 1 / CHANCE;
  return isClear && tally.exposure >= least && tally.events >= FEWEST_BAD ? 'over' : 'above';
}

export function limitFindings({ limits, group, watched, but, reference }: LimitFacts): readonly LimitFinding[] {
  return ailmentsIn(limits).map(({ ailment, limitPercent }) => {
    const without = ailment.kind === 'errors' ? but : undefined;
    const tally = without?.failed ?? tallyOf(watched, ailment);
    const whose = without ? `${group} but ${without.node}` : group;
    const beside = reference && tallyOf(reference.counts, ailment);
    const slow = ailment.kind === 'slow' ? limits.slow[ailment.limit] : undefined;
    const what = slow ? `took over ${slow.overMs} ms` : 'failed';
    const sign = 100 * rateOf(tally) > limitPercent ? '>' : '≤';
    const compared = reference && beside ? `; ${reference.group} ${percent(beside)} of ${beside.exposure}` : '';
    return {
      ailment,
      watched: tally,
      ...(beside && { reference: beside }),
      limitPercent,
      standing: standingOf(tally, limitPercent, limits.minRequests),
      text: `${percent(tally)} of ${tally.exposure} requests to ${whose} ${what} ${sign} ${limitPercent} % allowed${compared}`,
    };
  });
}

export const say = (findings: readonly LimitFinding[]) => findings.map(({ text }) => text).join('; ');
const percent = (tally: Tally) => `${(100 * rateOf(tally)).toFixed(1)} %`;
