/**
 * The weights of every group for every shape a service can be in: the table of docs/groups.md as arithmetic. A group
 * gets weight only if it has a healthy node of a release that may serve; what it does not get stays with the stable fleet.
 */
import { unreachable } from '../errors.ts';
import { healthyFloor } from '../fleet/plan-promotion.ts';
import type { Weights } from '../release/release.ts';
import { NO_WEIGHTS } from '../release/release.ts';
import type { Fleet, Group } from '../service/service.ts';
import type { ServiceFile } from '../service/service-file.ts';

export type ShiftPhase = 'canary' | 'debut' | 'promote' | 'finish' | 'rollback' | 'restore';

/** Healthy nodes, counted by what they are. */
export interface Serving {
  readonly canary: number;
  readonly control: number;
  /** Unikernels of the new release. */
  readonly next: number;
  /** Linux nodes in `baseline`, of the stable and of the new release. */
  readonly baselineStable: number;
  readonly baselineNext: number;
}

export interface WeightFacts {
  readonly file: ServiceFile;
  readonly phase: ShiftPhase;
  readonly next: Fleet;
  /** Fleet of the stable release; absent during a first release. */
  readonly stable?: Fleet;
  readonly serving: Serving;
  /** Whether a node of the new release, healthy or not, may still be registered in `baseline`. */
  readonly isBaselineMixed: boolean;
}

/** unsafe: these weights would send requests where nothing healthy answers; the shift is not made. */
export type WeightPlan =
  { readonly kind: 'set'; readonly weights: Weights; readonly why: string } | { readonly kind: 'unsafe'; readonly why: string };

const WHOLE = 1000;
/** The most a group can be given (ELB API reference, TargetGroupTuple: 0 to 999). */
const LONE = 999;

type Shares = Readonly<Partial<Record<Group, number>>>;

export function planWeights(facts: WeightFacts): WeightPlan {
  const lacking = reasonNotTo(facts);
  if (lacking !== undefined) return { kind: 'unsafe', why: lacking };
  switch (facts.phase) {
    case 'canary':
    case 'debut':
    case 'promote':
      return facts.stable === undefined ? firstRelease(facts) : compared(facts, facts.stable);
    case 'finish':
      return steady(facts, facts.next, facts.serving.baselineNext > 0 ? facts.file.linuxNodes : 0);
    case 'rollback':
    case 'restore':
      return back(facts);
    default:
      return unreachable(facts.phase);
  }
}

function reasonNotTo({ file, phase, stable, serving }: WeightFacts): string | undefined {
  const none = (group: string) => `${group} has no healthy node`;
  if (phase === 'canary' && serving.canary === 0) return none('canary');
  if (phase === 'canary' && stable !== undefined && serving.baselineStable === 0) return none('baseline');
  if ((phase === 'debut' || phase === 'promote') && serving.next === 0) return none('the new fleet');
  if (phase === 'debut' && stable !== undefined && serving.control === 0) return none('control');
  const floor = healthyFloor(file);
  if (phase === 'finish' && serving.next < Math.max(1, floor)) {
    return `the new fleet has ${serving.next} healthy node(s) of ${file.nodes}, and ${Math.max(1, floor)} is the least`;
  }
  return undefined;
}

/** Nobody else serves: the canary has everything, and hands over by capacity. */
function firstRelease({ file, phase, next, serving }: WeightFacts): WeightPlan {
  const share = phase === 'canary' ? 0 : firstShare(file, phase, serving);
  const main = serving.canary === 0 ? whole({ [next]: WHOLE }) : whole({ [next]: share, canary: WHOLE - share });
  const beta = file.mode === 'beta' && serving.canary > 0 ? whole({ canary: WHOLE }) : {};
  return { kind: 'set', weights: { main, beta }, why: `first release: nobody else serves; the new fleet gets ${percent(share)}` };
}

const firstShare = (file: ServiceFile, phase: ShiftPhase, serving: Serving) =>
  phase === 'debut' ? thousandths(file.debut.percent) : Math.round((WHOLE * serving.next) / (serving.next + serving.canary));

/** canary, debut, promote beside a stable release. */
function compared(facts: WeightFacts, stable: Fleet): WeightPlan {
  const { file, phase, next, serving } = facts;
  const linux = linuxPair(facts);
  const inMain = file.mode === 'beta' ? {} : linux;
  const rest = WHOLE - total(inMain);
  const fleets = phase === 'canary' ? {} : phase === 'debut' ? debutPair(facts) : byCapacity(facts, rest);
  const main = whole({ ...inMain, ...fleets, [stable]: rest - total(fleets) });
  const beta = file.mode === 'beta' ? whole(linux) : {};
  const grown = phase === 'promote' ? `, its fleet ${serving.next} of ${file.nodes} node(s)` : '';
  const share = (main.canary ?? 0) + (main[next] ?? 0);
  return { kind: 'set', weights: { main, beta }, why: `the new release gets ${percent(share)} of the requests${grown}` };
}

/** Canary and baseline, the same for both. One that has died since gets nothing: a weighted group does not fail over. */
function linuxPair({ file, serving }: WeightFacts): Shares {
  const each = file.mode === 'beta' ? WHOLE / 2 : thousandths(file.canary.percent);
  return {
    ...(serving.canary > 0 ? { canary: each } : {}),
    ...(serving.baselineStable > 0 ? { baseline: each } : {}),
  };
}

const debutPair = ({ file, next }: WeightFacts): Shares => ({
  [next]: thousandths(file.debut.percent),
  control: thousandths(file.debut.percent),
});

/** A node of the new fleet takes what a node of a whole fleet takes, so none is overloaded however few there are. */
function byCapacity({ file, next, serving }: WeightFacts, rest: number): Shares {
  const grown = Math.min(serving.next, file.nodes);
  const share = Math.round((rest * grown) / file.nodes);
  return { [next]: grown < file.nodes ? Math.min(Math.max(1, share), rest - 1) : rest };
}

/** One fleet, and its always-on Linux nodes: beside it in pool mode, behind the beta rule in beta mode. */
function steady({ file }: WeightFacts, fleet: Fleet, linuxNodes: number): WeightPlan {
  if (file.mode === 'beta') {
    const beta = linuxNodes > 0 ? whole({ baseline: WHOLE }) : {};
    return { kind: 'set', weights: { main: whole({ [fleet]: WHOLE }), beta }, why: `${fleet} serves; beta has the Linux nodes` };
  }
  const share = Math.round((WHOLE * linuxNodes) / (file.nodes + linuxNodes));
  const main = whole({ [fleet]: WHOLE - share, baseline: share });
  return { kind: 'set', weights: { main, beta: {} }, why: `${fleet} serves, the Linux nodes take ${percent(share)}` };
}

/** To the stable release over what exists of it. Its fleet gets its share even if none is healthy: no other may have it. */
function back(facts: WeightFacts): WeightPlan {
  const { file, stable, serving } = facts;
  if (stable === undefined) {
    return { kind: 'set', weights: NO_WEIGHTS, why: 'there is no stable release: the rules go, the listener answers 503' };
  }
  const linuxNodes = facts.isBaselineMixed ? 0 : Math.min(serving.baselineStable, file.linuxNodes);
  return steady(facts, stable, linuxNodes);
}

const thousandths = (share: number) => Math.round(share * 10);
const percent = (share: number) => `${share / 10} %`;
const total = (shares: Shares) => Object.values(shares).reduce((sum, share) => sum + share, 0);

/** Groups without weight are left out, and a group that is alone has the highest weight there is. */
function whole(shares: Shares): Shares {
  const some = Object.entries(shares).filter(([, share]) => share > 0);
  return Object.fromEntries(some.length === 1 ? some.map(([group]) => [group, LONE]) : some);
}
