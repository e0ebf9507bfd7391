/**
 * What do the nodes of a cluster have in common? The smallest thing that explains them is taken to be their cause: a zone,
 * a release, or what all of them share. A release is only sent back for what is not better explained otherwise.
 */
import type { Ledger, Mark, Stratum } from './ledger.ts';
import { nodesIn, slotsOf } from './ledger.ts';
import type { Cluster } from './scan.ts';
import { chanceOf, findCluster, LONGEST_MS, part } from './scan.ts';

/** Where it is one or the other, the next failure tells. */
export interface Cause {
  readonly kind: 'zone' | 'everything' | 'release' | 'zone-or-release' | 'release-or-everything';
  readonly why: string;
  /** The faults it explains. */
  readonly marks: readonly Mark[];
}

/** What is not the release's comes suddenly. */
const SUDDEN_MINUTES = 60;
const VERY_SUDDEN_MINUTES = 10;
/** That failures fall into one zone by chance, or spare the other releases. */
const BY_CHANCE = 0.04;
const SPARED_BY_CHANCE = 0.005;
/** Of so many failures elsewhere: as on any other day. */
const IS_QUIET = 0.001;
/** Nodes that fail at once, and not alike, may be a zone's and one by accident. */
const UNLIKE_SLOTS = 5;
/** More of a zone's failures than this have come up elsewhere as well: it is not the zone. */
const ALIKE_ELSEWHERE = 1 / 3;
/** Of a release's failures, so many alike speak for all of them. */
const ALIKE_SHARE = 1 / 4;

/** What faults are explained by that is not their release, by the faults' ids. The least likely cluster is taken first. */
export function explain(ledger: Ledger, marks: readonly Mark[]): ReadonlyMap<string, Cause> {
  const explained = new Map<string, Cause>();
  let rest = marks;
  for (;;) {
    const cluster = findCluster(ledger, rest);
    if (cluster === undefined) return explained;
    const cause = attribute(ledger, cluster);
    const all = isShared(cause) ? rest.filter((mark) => cause.marks.includes(mark) || follows(mark, cause)) : [];
    for (const { id } of all) explained.set(id, cause);
    rest = rest.filter((mark) => !cause.marks.includes(mark) && !explained.has(mark.id));
  }
}

/** What ends a window does not end an outage. */
const AFTER_MS = 10 * 60_000;

function follows({ at, zone }: Mark, cause: Cause): boolean {
  const times = cause.marks.map((one) => one.at);
  const isNear = at > Math.min(...times) - AFTER_MS && at < Math.max(...times) + AFTER_MS;
  return isNear && (cause.kind === 'everything' || cause.marks.every((one) => one.zone === zone));
}

/** Of this fault, if it does not stand alone. */
export function findCause(ledger: Ledger, fault: Mark): Cause | undefined {
  const marks = marksAround(ledger, fault);
  const explained = explain(ledger, marks);
  const shared = explained.get(fault.id);
  if (shared) return shared;
  const rest = marks.filter(({ id }) => !explained.has(id));
  const cluster = findCluster(ledger, rest, (inside) => inside.includes(fault));
  const cause = cluster && attribute(ledger, cluster);
  return cause?.marks.includes(fault) === true ? cause : undefined;
}

/** That may be in a window with it, of releases that have nodes. */
export function marksAround({ marks, fleet }: Ledger, { at }: Pick<Mark, 'at'>): readonly Mark[] {
  const versions = new Set(fleet.map(({ version }) => version));
  return marks.filter((mark) => Math.abs(mark.at - at) <= LONGEST_MS && versions.has(mark.version));
}

const isShared = ({ kind }: Cause) => kind === 'zone' || kind === 'everything';

function attribute(ledger: Ledger, cluster: Cluster): Cause {
  const { marks, minutes } = cluster;
  const failed = `${slotsOf(marks).size} nodes failed within ${minutes} minutes`;
  if (minutes > SUDDEN_MINUTES) return ofReleases(ledger, cluster);
  const zone = zoneThatExplains(ledger, cluster);
  const inZone = marks.filter((one) => one.zone === zone);
  if (zone !== undefined) return { kind: 'zone', why: `${failed}, and it is ${zone} that fails`, marks: inZone };
  const only = onlyZone(ledger, marks);
  if (only !== undefined)
    return { kind: 'zone-or-release', why: `${failed}, all in ${only}: it is that zone, or their release`, marks };
  return ofReleases(ledger, cluster);
}

/** The zone with most failures, if so many would not be there by chance, and the others have no more than ever. */
function zoneThatExplains(ledger: Ledger, { marks, minutes }: Cluster): string | undefined {
  const zone = mostOften(marks, (one) => one.zone);
  const inside = marks.filter((one) => one.zone === zone);
  const outside = part(marks, (one) => one.zone !== zone);
  const failed = slotsOf(inside).size;
  const share = shareOf(ledger.fleet, (one) => one.zone === zone);
  if (share === undefined || isOfRelease(ledger, inside, share)) return undefined;
  const elsewhere = inside.filter((one) => outside.marks.some((other) => areAlike(one, other)));
  if (slotsOf(elsewhere).size > failed * ALIKE_ELSEWHERE) return undefined;
  const isQuiet = chanceOf(ledger, outside, minutes) > IS_QUIET;
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

/** Of the release with most failures. */
function ofReleases(ledger: Ledger, { marks, minutes }: Cluster): Cause {
  const version = mostOften(marks, (one) => one.version);
  const ours = marks.filter((one) => one.version === version);
  const others = part(marks, (one) => one.version !== version);
  const failed = slotsOf(ours).size;
  const failedOthers = slotsOf(others.marks).size;
  const within = `within ${minutes} minutes`;
  const isSudden = minutes <= SUDDEN_MINUTES;
  if (isSudden && failedOthers > 1 && chanceOf(ledger, others, minutes) < IS_QUIET)
    return { kind: 'everything', why: `nodes of more than one release fail at once: ${failed + failedOthers} ${within}`, marks };
  const isAlone = nodesIn(ledger.fleet, others.isIn) === 0;
  const isSpared = failedOthers === 0 && areSpared(ledger, failed, version);
  if (minutes <= VERY_SUDDEN_MINUTES && isUnlikeInBothBuilds(ours) && !isSpared)
    return { kind: 'everything', why: `nodes of both builds fail at once, and not alike: ${failed} ${within}`, marks };
  const why = `${failed} nodes of ${version} failed ${within}`;
  if ((isAlone && failed >= UNLIKE_SLOTS) || isSpared || haveAlike(ours)) return { kind: 'release', why, marks: ours };
  return { kind: 'release-or-everything', why: `${why}: it is that release, or what all nodes need`, marks: ours };
}

/** In most slots; of equals the first by name. */
function mostOften(marks: readonly Mark[], nameOf: (mark: Mark) => string): string {
  const names = [...new Set(marks.map(nameOf))].sort();
  const count = (name: string) => slotsOf(marks.filter((one) => nameOf(one) === name)).size;
  return names.reduce((most, name) => (count(name) > count(most) ? name : most), names[0] ?? '');
}

/** That so many of them or more are where the first is. */
function chanceInOne(all: number, inOne: number, share: number): number {
  let sum = 0;
  for (let k = inOne - 1; k <= all - 1; k++) sum += choose(all - 1, k) * share ** k * (1 - share) ** (all - 1 - k);
  return Math.min(1, sum);
}

function choose(n: number, k: number): number {
  let found = 1;
  for (let i = 1; i <= k; i++) found *= (n - k + i) / i;
  return found;
}

const areAlike = (one: Mark, other: Mark): boolean => one.isClear && other.isClear && one.print === other.print;

/** Several, and enough of them to speak for all: two of many are alike by chance. */
function haveAlike(marks: readonly Mark[]): boolean {
  const least = Math.max(2, ALIKE_SHARE * slotsOf(marks).size);
  return marks.some((one) => slotsOf(marks.filter((other) => areAlike(one, other))).size >= least);
}

/** Each build has lost more than one, and no failure of one has come up in the other. */
function isUnlikeInBothBuilds(marks: readonly Mark[]): boolean {
  const linux = marks.filter(({ build }) => build === 'linux');
  const unikernel = marks.filter(({ build }) => build === 'unikernel');
  if (slotsOf(linux).size < 2 || slotsOf(unikernel).size < 2) return false;
  return !linux.some((one) => unikernel.some((other) => areAlike(one, other)));
}

/** Other releases have so many nodes that they would not all have been spared, were it not this one's own fault. */
function areSpared({ fleet }: Ledger, failed: number, version: string): boolean {
  const [own, all] = [nodesIn(fleet, (one) => one.version === version), nodesIn(fleet)];
  return own < all && chanceOfSparing(failed, own, all) < SPARED_BY_CHANCE;
}

/** That so many of all nodes fail, any of them, and each is one of these. */
function chanceOfSparing(failed: number, own: number, all: number): number {
  let chance = 1;
  for (let n = 0; n < Math.min(failed, own); n++) chance *= (own - n) / (all - n);
  return chance;
}

/** Other releases have nodes, and that only this one's have failed may be chance. */
export function mayBeChance(ledger: Ledger, marks: readonly Mark[], version: string): boolean {
  const failed = slotsOf(marks.filter((one) => one.version === version)).size;
  const isAlone = nodesIn(ledger.fleet, (one) => one.version !== version) === 0;
  return !isAlone && !areSpared(ledger, failed, version);
}
