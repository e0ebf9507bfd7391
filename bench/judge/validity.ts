/** P(ever reject) at the very edge of what the errors' test tolerates: it must not be above its α, whatever the data is like. */
import type { NodeCounts } from '../../core/judgement/sequential/counts.ts';
import { learn } from '../../core/judgement/sequential/learn.ts';
import type { Policy } from '../../core/judgement/sequential/policy.ts';
import { type JudgeState, NEW_STATE } from '../../core/judgement/sequential/state.ts';
import { weigh } from '../../core/judgement/sequential/weigh.ts';
import { type Random, randomFrom } from './random.ts';

export interface EdgeCase {
  readonly name: string;
  readonly rate: number;
  readonly ratio: number;
  readonly canaryNodes: number;
  readonly baselineNodes: number;
  readonly diurnal: number;
  /** Variance of a node's counts by that of chance alone. */
  readonly dispersion: number;
}

const plain = { ratio: 1, canaryNodes: 4, baselineNodes: 4, diurnal: 0, dispersion: 1 };

export const EDGE_CASES: readonly EdgeCase[] = [
  { ...plain, name: 'failures 0.1 %', rate: 0.001 },
  { ...plain, name: 'failures 1 %', rate: 0.01 },
  { ...plain, name: 'failures 30 %', rate: 0.3 },
  { ...plain, name: 'ratio exactly as tolerated', rate: 0.01, ratio: 1.1 },
  { ...plain, name: 'day swings, split 10 : 3', rate: 0.01, ratio: 1.1, canaryNodes: 3, baselineNodes: 10, diurnal: 0.8 },
  { ...plain, name: 'three times as dispersed', rate: 0.01, ratio: 1.1, dispersion: 3 },
  { ...plain, name: 'six times as dispersed', rate: 0.01, ratio: 1.1, dispersion: 6 },
];

export const ALPHA = 0.01;
const REQUESTS = 1000;
const INTERVALS = 120;

const policy: Policy = {
  alpha: ALPHA,
  alphaWithoutNode: 1,
  alphaLast: ALPHA,
  warmupIntervals: 3,
  horizon: INTERVALS,
  shares: { errors: 1 },
  errors: { ratio: 1.1, absolute: 0, passRatio: 1.1, passAbsolute: 0, expected: 0.01 },
  latency: [],
  crashes: { isCompared: false, ratio: 3, perNodeHour: 0.01, knownFingerprints: [] },
  memory: { windowIntervals: 4, toleranceMb: 0 },
  gauges: [],
  mayPass: true,
};

export function everRejects(edge: EdgeCase, seed: number): boolean {
  const random = randomFrom(seed);
  let state: JudgeState = NEW_STATE;
  for (let interval = 0; interval < INTERVALS; interval++) {
    const day = 1 + edge.diurnal * Math.sin((2 * Math.PI * interval) / INTERVALS);
    const nodes = (count: number, rate: number) =>
      Array.from({ length: count }, (_, index) =>
        countNode(`n${index}`, { edge, rate: rate * day, requests: REQUESTS * day }, random),
      );
    state = learn(
      state,
      { seconds: 60, watched: nodes(edge.canaryNodes, edge.rate * edge.ratio), reference: nodes(edge.baselineNodes, edge.rate) },
      policy,
    );
    if (weigh(state, policy).evidence >= 1 / ALPHA) return true;
  }
  return false;
}

interface Load {
  readonly edge: EdgeCase;
  readonly rate: number;
  readonly requests: number;
}

/** Failures that come in clumps as large as the dispersion. */
function countNode(id: string, { edge, rate, requests }: Load, random: Random): NodeCounts {
  const errors = edge.dispersion * random.poisson((requests * rate) / edge.dispersion);
  return { id, requests, errors: Math.min(errors, requests), timed: 0, over: [], far: [], crashes: 0, fingerprints: [] };
}

/** Share of the runs in which it was rejected at any time. */
export function rejectionRate(edge: EdgeCase, { runs, campaign }: { runs: number; campaign: number }): number {
  let rejected = 0;
  for (let run = 0; run < runs; run++) if (everRejects(edge, campaign * 1_000_003 + run * 104_729)) rejected += 1;
  return rejected / runs;
}
