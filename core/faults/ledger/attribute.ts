/**
 * What do the nodes of a cluster have in common? The smallest thing that explains them is taken to be their cause: a zone,
 * a release, or what all of them share. A release is only sent back for what is not better explained otherwise.
 */
import type { Ledger, Mark, Stratum } from './ledger.ts';
import { nodesIn, slotsOf } from './ledger.ts';
import type { Cluster } from './scan.ts';
import { chanceOf, findCluster } from './scan.ts';

/** open: it is one or the other. A person looks, and the next failure tells. */
export interface Cause {
  readonly kind: 'zone' | 'everything' | 'release' | 'open';
  readonly why: string;
  /** The faults it explains. */
  readonly marks: readonly Mark[];
}

/** What is not the release's comes suddenly. */
const ZONE_MINUTES = 60;
const BUILDS_MINUTES = 10;
/** That failures fall into one zone by chance, or spare the other releases. */
const BY_CHANCE = 0.04;
const SPARED_BY_CHANCE = 0.01;
/** Of so many failures elsewhere: as on any other day. */
const IS_QUIET = 0.001;
/** More of a zone's failures than this have come up elsewhere as well: it is not the zone. */
const ALIKE_ELSEWHERE = 1 / 3;

/** Of the cluster this fault belongs to, if there is one. */
export function findCause(ledger: Ledger, fault: Mark): Cause | undefined {
  const cluster = findCluster(ledger, fault);
  const zone = cluster && zoneThatExplains(ledger, cluster);
  if (zone === undefined || fault.zone === zone) return cluster && attribute(ledger, cluster, { fault, zone });
  // It came at the same time, and elsewhere: is there a cluster without that zone as well?
  const rest = findCluster(ledger, fault, (mark) => mark.zone === zone);
  return rest && attribute(ledger, rest, { fault });
}

function attribute(ledger: Ledger, cluster: Cluster, { fault, zone }: { fault: Mark; zone?: string | undefined }): Cause {
  const within = `within ${cluster.minutes} minutes`;
  const { marks } = cluster;
  const failed = slotsOf(marks).size;
  const inZone = marks.filter((one) => one.zone === zone);
  if (zone !== undefined)
    return { kind: 'zone', why: `${failed} nodes failed ${within}, and it is ${zone} that fails`, marks: inZone };
  const only = cluster.minutes <= ZONE_MINUTES ? onlyZone(ledger, marks) : undefined;
  if (only !== undefined)
    return { kind: 'open', why: `${failed} nodes failed ${within}, all in ${only}: it is the zone or ${fault.version}`, marks };
  return ofReleases(ledger, cluster, fault);
}

/** The zone with most failures, if so many would not be there by chance, and the others have no more than ever. */
function zoneThatExplains(ledger: Ledger, { marks, minutes }: Cluster): string | undefined {
  if (minutes > ZONE_MINUTES) return undefined;
  const counts = new Map<string, number>();
  for (const { zone } of marks) counts.set(zone, slotsOf(marks.filter((one) => one.zone === zone)).size);
  const [zone, failed] = [...counts].sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1))[0] ?? ['', 0];
  const inside = marks.filter((one) => one.zone === zone);
  const outside = marks.filter((one) => one.zone !== zone);
  const share = shareOf(ledger.fleet, (one) => one.zone === zone);
  if (share === undefined || isOfRelease(ledger, inside, share)) return undefined;
  if (slotsOf(inside.filter((one) => outside.some((other) => areAlike(one, other)))).size > failed * ALIKE_ELSEWHERE)
    return undefined;
  const isQuiet = chanceOf(ledger, { marks: outside, isIn: (one) => one.zone !== zone }, minutes) > IS_QUIET;
  return isQuiet && chanceInOne(slotsOf(marks).size, failed, share) <= BY_CHANCE ? zone : undefined;
}

function onlyZone(ledger: Ledger, marks: readonly Mark[]): string | undefined {
  const [zone, ...more] = new Set(marks.map((one) => one.zone));
  const share = shareOf(ledger.fleet, (one) => one.zone === zone);
  return more.length > 0 || share === undefined || isOfRelease(ledger, marks, share) ? undefined : zone;
}

/** Undefined where there is nothing to compare with. */
function shareOf(fleet: readonly Stratum[], isIn: (one: Stratum) => boolean): number | undefined {
  const inside = nodesIn(fleet, isIn);
  const all = nodesIn(fleet);
  return inside === 0 || inside === all ? undefined : inside / all;
}

/** All are of one release, which has a smaller share of the zone than the zone has of all: it says more than the zone does. */
function isOfRelease(ledger: Ledger, marks: readonly Mark[], shareOfZone: number): boolean {
  const [version, ...more] = new Set(marks.map((one) => one.version));
  if (more.length > 0) return false;
  const there = ledger.fleet.filter(({ zone }) => marks.some((one) => one.zone === zone));
  const share = shareOf(there, (one) => one.version === version);
  return share !== undefined && share < shareOfZone;
}

function ofReleases(ledger: Ledger, { marks, minutes }: Cluster, { version }: Mark): Cause {
  const ours = marks.filter((one) => one.version === version);
  const others = marks.filter((one) => one.version !== version);
  const isOther = (one: Stratum) => one.version !== version;
  const failed = slotsOf(ours).size;
  const within = `within ${minutes} minutes`;
  if (slotsOf(others).size > 1 && chanceOf(ledger, { marks: others, isIn: isOther }, minutes) < IS_QUIET)
    return { kind: 'everything', why: `nodes of more than one release fail at once: ${slotsOf(marks).size} ${within}`, marks };
  const isAlone = nodesIn(ledger.fleet, isOther) === 0;
  const isSpared = others.length === 0 && areSpared(ledger, failed, version);
  if (minutes <= BUILDS_MINUTES && isUnlikeInBothBuilds(ours) && !isSpared)
    return { kind: 'everything', why: `nodes of both builds fail at once, and not alike: ${failed} ${within}`, marks };
  const why = `${failed} nodes of ${version} failed ${within}`;
  if (isAlone || isSpared || haveAlike(ours)) return { kind: 'release', why, marks: ours };
  return { kind: 'open', why: `${why}: it is that release, or what all nodes need`, marks: ours };
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

const areAlike = (one: Mark, other: Mark): boolean =>
  one.isClear && other.isClear && (one.print === other.print || (one.key !== '' && one.key === other.key));

const haveAlike = (marks: readonly Mark[]): boolean =>
  marks.some((one) => marks.some((other) => one.slot !== other.slot && areAlike(one, other)));

/** Each build has lost more than one, and no failure of one has come up in the other. */
function isUnlikeInBothBuilds(marks: readonly Mark[]): boolean {
  const linux = marks.filter(({ build }) => build === 'linux');
  const unikernel = marks.filter(({ build }) => build === 'unikernel');
  if (slotsOf(linux).size < 2 || slotsOf(unikernel).size < 2) return false;
  return !linux.some((one) => unikernel.some((other) => areAlike(one, other)));
}

/** Other releases have so many nodes that they would not all have been spared, were it not this one's own fault. */
function areSpared({ fleet }: Ledger, failed: number, version: string): boolean {
  const own = nodesIn(fleet, (one) => one.version === version);
  const others = nodesIn(fleet, (one) => one.version !== version);
  return own > 0 && (1 - Math.min(1, failed / own)) ** others < SPARED_BY_CHANCE;
}
