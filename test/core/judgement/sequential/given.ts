/** Counts and policies for the sequential judge's tests; what a test does not say is unremarkable. */
import type { Interval, NodeCounts } from '../../../../core/judgement/sequential/counts.ts';
import { type Looked, lookAt } from '../../../../core/judgement/sequential/look.ts';
import { errorPolicy, NO_HISTORY, type Policy, sharesOf } from '../../../../core/judgement/sequential/policy.ts';
import { NEW_STATE } from '../../../../core/judgement/sequential/state.ts';

export const node = (id: string, counts: Partial<NodeCounts> = {}): NodeCounts => ({
  id,
  requests: 1000,
  errors: 1,
  timed: 1000,
  over: [500, 100, 10],
  far: [430, 70, 7],
  crashes: 0,
  fingerprints: [],
  memoryMb: 300,
  ...counts,
});

export const policy = (own: Partial<Policy> = {}): Policy => ({
  alpha: 0.005,
  alphaWithoutNode: 0.05,
  alphaLast: 0.01,
  warmupIntervals: 0,
  horizon: 30,
  shares: sharesOf(['errors', 'p50', 'p90', 'p99', 'crashes', 'memory'], []),
  errors: errorPolicy(NO_HISTORY),
  latency: [0.5, 0.9, 0.99].map((quantile) => ({ quantile, failFactor: 1.04, passFactor: 1.09 })),
  crashes: { isCompared: true, ratio: 3, perNodeHour: 0.003, knownFingerprints: ['known'] },
  memory: { windowIntervals: 4, toleranceMb: 0.4 },
  gauges: [],
  mayPass: true,
  ...own,
});

/** The watched group told as a function of the interval; four plain nodes beside it. */
export function watch(
  watched: (interval: number) => readonly NodeCounts[] | undefined,
  own: Partial<Policy> = {},
  reference: (interval: number) => readonly NodeCounts[] | undefined = () => ['r0', 'r1', 'r2', 'r3'].map((id) => node(id)),
): readonly Looked[] {
  const rules = policy(own);
  const looks: Looked[] = [];
  for (let index = 0; index < rules.horizon; index++) {
    const [canary, beside] = [watched(index), reference(index)];
    const interval: Interval = { seconds: 60, ...(canary && { watched: canary }), ...(beside && { reference: beside }) };
    looks.push(lookAt(looks.at(-1)?.state ?? NEW_STATE, interval, rules));
  }
  return looks;
}

export const four = (counts: (index: number) => Partial<NodeCounts> = () => ({})) =>
  [0, 1, 2, 3].map((index) => node(`w${index}`, counts(index)));
