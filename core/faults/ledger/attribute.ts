/**
 * What do the nodes of a cluster have in common? The smallest thing that explains them is taken to be their cause: a zone,
 * a release, or what all of them share. A release is only sent back for what is not better explained otherwise.
 */
import type { Ledger, Mark, Stratum } from './ledger.ts';
import { nodesIn, slotsOf } from './ledger.ts';
import type { Cluster } from './scan.ts';
import { chanceOf } from './scan.ts';

/** open: all are in one zone, which may still be chance: a person looks, and the next failure tells. */
export type Cause =
  | { readonly kind: 'zone'; readonly zone: string; readonly why: string }
  | { readonly kind: 'everything'; readonly why: string }
  | { readonly kind: 'release'; readonly why: string }
  | { readonly kind: 'open'; readonly why: string };

/** That failures fall into one zone, or spare one release, by chance. */
const BY_CHANCE = 0.02;
const SPARED_BY_CHANCE = 0.05;
/** Of so many failures elsewhere: as on any other day. */
const IS_QUIET = 0.001;

export function attribute(ledger: Ledger, { marks, minutes }: Cluster, fault: Mark): Cause {
  const zoned = ofZone(ledger, { marks, minutes }, fault);
  if (zoned) return zoned;
  const ours = marks.filter(({ version }) => version === fault.version);
  const others = marks.filter(({ version }) => version !== fault.version);
  const within = `within ${minutes} minutes`;
  const isOther = (one: Stratum) => one.version !== fault.version;
  const failedOthers = slotsOf(others).size;
  if (failedOthers > 1 && chanceOf(ledger, { marks: others, isIn: isOther }, minutes) < IS_QUIET)
    return { kind: 'everything', why: `nodes of more than one release fail at once: ${slotsOf(marks).size} ${within}` };
  if (isUnlikeInBothBuilds(ours) && !isSpared(ledger, ours, fault, failedOthers))
    return { kind: 'everything', why: `nodes of both builds fail at once, and not alike: ${slotsOf(ours).size} ${within}` };
  return { kind: 'release', why: `${slotsOf(ours).size} nodes of ${fault.version} failed ${within}` };
}

function ofZone(ledger: Ledger, { marks, minutes }: Cluster, fault: Mark): Cause | undefined {
  const { zone, version } = fault;
  const inside = marks.filter((one) => one.zone === zone);
  const outside = marks.filter((one) => one.zone !== zone);
  const failed = slotsOf(inside).size;
  const isAlikeOutside = outside.some((one) => inside.some((other) => areAlike(one, other)));
  const share = shareOf(ledger, (one) => one.zone === zone);
  if (share === undefined || isAlikeOutside || isTheRelease(ledger, inside, { version, share })) return undefined;
  const isQuiet = chanceOf(ledger, { marks: outside, isIn: (one) => one.zone !== zone }, minutes) > IS_QUIET;
  const why = `${failed} nodes in ${zone} failed within ${minutes} minutes, and elsewhere it is quiet`;
  if (isQuiet && chanceInOne(slotsOf(marks).size, failed, share) <= BY_CHANCE) return { kind: 'zone', zone, why };
  if (outside.length > 0) return undefined;
  return { kind: 'open', why: `${failed} nodes failed within ${minutes} minutes, all in ${zone}: it is the zone or ${version}` };
}

/** Undefined where there is nothing to compare with. */
function shareOf({ fleet }: Pick<Ledger, 'fleet'>, isIn: (one: Stratum) => boolean): number | undefined {
  const inside = nodesIn(fleet, isIn);
  const all = nodesIn(fleet);
  return inside === 0 || inside === all ? undefined : inside / all;
}

/** All are of one release, which has few nodes in that zone: it says more about the release than about the zone. */
function isTheRelease(ledger: Ledger, marks: readonly Mark[], { version, share }: { version: string; share: number }): boolean {
  if (marks.some((one) => one.version !== version)) return false;
  const zones = new Set(marks.map(({ zone }) => zone));
  const there = ledger.fleet.filter(({ zone }) => zones.has(zone));
  const ofRelease = shareOf({ fleet: there }, (one) => one.version === version);
  return ofRelease !== undefined && ofRelease < share;
}

/** That so many of them or more are where the first is. */
export function chanceInOne(all: number, inOne: number, share: number): number {
  let sum = 0;
  for (let k = inOne - 1; k <= all - 1; k++) sum += choose(all - 1, k) * share ** k * (1 - share) ** (all - 1 - k);
  return Math.min(1, sum);
}

function choose(n: number, k: number): number {
  let found = 1;
  for (let i = 1; i <= k; i++) found *= (n - k + i) / i;
  return found;
}

export const areAlike = (one: Mark, other: Mark): boolean =>
  one.isClear && other.isClear && (one.print === other.print || (one.key !== '' && one.key === other.key));

/** Each build has lost more than one, and no failure of one has come up in the other. */
function isUnlikeInBothBuilds(marks: readonly Mark[]): boolean {
  const linux = marks.filter(({ build }) => build === 'linux');
  const unikernel = marks.filter(({ build }) => build === 'unikernel');
  if (slotsOf(linux).size < 2 || slotsOf(unikernel).size < 2) return false;
  return !linux.some((one) => unikernel.some((other) => areAlike(one, other)));
}

/** Another release has so many nodes that they would not all have been spared, were it not this one's own fault. */
function isSpared(ledger: Ledger, ours: readonly Mark[], { version }: Mark, failedOthers: number): boolean {
  const own = nodesIn(ledger.fleet, (one) => one.version === version);
  const other = nodesIn(ledger.fleet, (one) => one.version !== version);
  if (failedOthers > 0 || own === 0) return false;
  return (1 - Math.min(1, slotsOf(ours).size / own)) ** other < SPARED_BY_CHANCE;
}
