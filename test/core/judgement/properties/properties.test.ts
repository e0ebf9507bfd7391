/** What must hold of the judge whatever it is shown. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCENARIOS } from '../../../../bench/judge/scenario.ts';
import { simulate } from '../../../../bench/judge/simulate.ts';
import type { Interval, NodeCounts } from '../../../../core/judgement/sequential/counts.ts';
import { type Look, lookAt } from '../../../../core/judgement/sequential/look.ts';
import { NEW_STATE } from '../../../../core/judgement/sequential/state.ts';
import { judgeTrace } from '../../../../core/judgement/trace/judge-trace.ts';
import type { Trace, TraceCounts } from '../../../../core/judgement/trace/trace.ts';
import { policy } from '../sequential/given.ts';

const SEED = 20_261_127;

/** Simulated releases of every kind, cut short to be quick. */
const releases = fc
  .record({ scenario: fc.nat(SCENARIOS.length - 1), seed: fc.nat(1_000_000), intervals: fc.integer({ min: 8, max: 30 }) })
  .map(({ scenario, seed, intervals }): Trace => {
    const { trace } = simulate(SCENARIOS[scenario]!, seed);
    return { ...trace, intervals, data: trace.data.slice(0, intervals) };
  });

const said = (trace: Trace) =>
  judgeTrace(trace).map(({ verdict, quarantine = [] }) => ({ verdict, quarantine: quarantine.toSorted() }));

/** The nodes of a group in another order, under other names. */
function relabel(trace: Trace, name: 'canary' | 'baseline', order: readonly number[]): Trace {
  const group = trace.groups[name]!;
  const reorder = <Item>(items: readonly Item[]) => (items.length === order.length ? order.map((index) => items[index]!) : items);
  const counts = (old: TraceCounts): TraceCounts => ({
    requests: reorder(old.requests),
    errors: reorder(old.errors),
    crashes: reorder(old.crashes),
    memoryMb: reorder(old.memoryMb),
    latency: reorder(old.latency),
    fingerprints: Object.fromEntries(Object.entries(old.fingerprints).map(([id, prints]) => [renamed(id), prints])),
  });
  return {
    ...trace,
    groups: { ...trace.groups, [name]: { ...group, nodes: reorder(group.nodes).map(renamed) } },
    data: trace.data.map((one) => (one[name] ? { ...one, [name]: counts(one[name]) } : one)),
  };
}

const renamed = (id: string) => `${id.split('').toReversed().join('')}x`;
const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 });

describe('a verdict', () => {
  it('does not hang on the names and the order of the nodes', () => {
    const property = fc.property(releases, orders, orders, (trace, canary, baseline) => {
      const other = said(relabel(relabel(trace, 'canary', canary), 'baseline', baseline));
      const expected = said(trace).map((one) => ({ ...one, quarantine: one.quarantine.map(renamed).toSorted() }));
      expect(other).toEqual(expected);
    });
    fc.assert(property, { seed: SEED, numRuns: 60 });
  });

  it('does not hang on the unit of time', () => {
    const units = fc.constantFrom(1 / 60, 0.5, 60, 3600);
    const property = fc.property(releases, units, (trace, times) => {
      // Such that neither unit comes near the bounds that are set for services without a past.
      const history = { ...trace.history, crashes: 100, nodeHours: 1_000_000 };
      const other: Trace = {
        ...trace,
        intervalSeconds: trace.intervalSeconds * times,
        history: { ...history, nodeHours: history.nodeHours * times },
        data: trace.data.map((one) => ({ ...one, t: new Date(Number(one.t) * 1000 * times).toISOString() })),
      };
      expect(said(other)).toEqual(said({ ...trace, history }));
    });
    fc.assert(property, { seed: SEED, numRuns: 60 });
  });
});

const PRINTS = ['known', 'boom', 'bang'];

const nodeOf = (id: string) =>
  fc
    .record({
      requests: fc.nat(400),
      failing: fc.double({ min: 0, max: 0.3, noNaN: true }),
      slow: fc.double({ min: 0, max: 1, noNaN: true }),
      fingerprints: fc.oneof(
        { weight: 9, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(fc.constantFrom(...PRINTS), { maxLength: 2 }) },
      ),
      memoryMb: fc.option(fc.integer({ min: 100, max: 120 }), { nil: undefined }),
    })
    .map(({ requests, failing, slow, fingerprints, memoryMb }): NodeCounts => {
      const over = [0.5, 0.1, 0.01].map((share) => Math.round(requests * share * 2 * slow));
      return {
        id,
        requests,
        errors: Math.floor(requests * failing * failing),
        timed: requests,
        over,
        far: over.map((count) => Math.floor(0.8 * count)),
        crashes: fingerprints.length,
        fingerprints,
        ...(memoryMb !== undefined && { memoryMb }),
      };
    });

const group = (side: string) => fc.tuple(...[0, 1, 2].map((index) => nodeOf(`${side}${index}`)));
const intervals = fc.array(
  fc.record({ seconds: fc.constant(60), watched: fc.option(group('w'), { nil: undefined, freq: 12 }), reference: group('r') }),
  { minLength: 6, maxLength: 24 },
);

/** What is added to one node in one interval. */
const harm = fc.record({
  interval: fc.nat(),
  node: fc.nat(),
  errors: fc.nat(60),
  slow: fc.nat(200),
  crash: fc.option(fc.constantFrom(...PRINTS)),
});
type Harm = typeof harm extends fc.Arbitrary<infer Value> ? Value : never;

function add(node: NodeCounts, { errors, slow, crash }: Harm): NodeCounts {
  const slower = (counts: readonly number[]) => counts.map((count) => Math.min(node.timed, count + slow));
  return {
    ...node,
    errors: Math.min(node.requests, node.errors + errors),
    over: slower(node.over),
    far: slower(node.far),
    crashes: node.crashes + (crash === null ? 0 : 1),
    fingerprints: crash === null ? node.fingerprints : [...node.fingerprints, crash],
  };
}

function harmed(all: readonly Interval[], harms: readonly Harm[]): readonly Interval[] {
  return harms.reduce((known, one) => {
    const at = one.interval % known.length;
    return known.map((interval, index) => {
      if (index !== at || interval.watched === undefined) return interval;
      const chosen = one.node % interval.watched.length;
      return { ...interval, watched: interval.watched.map((node, place) => (place === chosen ? add(node, one) : node)) };
    });
  }, all);
}

const RANK: Readonly<Record<Look['kind'], number>> = { fail: 0, inconclusive: 1, wait: 1, pass: 2 };

interface Seen {
  readonly rank: number;
  readonly evidence: readonly number[];
}

function look(all: readonly Interval[], warmupIntervals: number): readonly Seen[] {
  const rules = policy({ horizon: all.length, warmupIntervals });
  let state = NEW_STATE;
  return all.map((interval) => {
    const looked = lookAt(state, interval, rules);
    state = looked.state;
    return { rank: RANK[looked.look.kind], evidence: looked.look.findings.map(({ evidence }) => evidence) };
  });
}

/** Wealths are kept to five digits. */
const ROUNDING = 1.001;

describe('errors, slow requests and crashes of the canary', () => {
  it('never make a verdict better nor the evidence smaller, at any interval', () => {
    const property = fc.property(intervals, fc.array(harm, { minLength: 1, maxLength: 6 }), fc.nat(3), (all, harms, warmup) => {
      const [before, after] = [look(all, warmup), look(harmed(all, harms), warmup)];
      after.forEach(({ rank, evidence }, index) => {
        expect(rank).toBeLessThanOrEqual(before[index]!.rank);
        evidence.forEach((value, test) => {
          expect(value * ROUNDING).toBeGreaterThanOrEqual(before[index]!.evidence[test]!);
        });
      });
    });
    fc.assert(property, { seed: SEED, numRuns: 300 });
  });
});

describe('a fine release', () => {
  const RUNS = 8;
  /** Of 56, where 1 in 1,000 is usual and 1.5 in 100 the promise at the edge of what is tolerated. */
  const MOST_FAILED = 1;

  it('fails as seldom when it and its baseline change places', () => {
    const alike = SCENARIOS.filter(({ name }) =>
      ['stationary', 'diurnal', 'heavy_tail', 'shared_shocks', 'node_noise', 'low_traffic', 'gaps'].includes(name),
    );
    const traces = alike.flatMap((scenario) => Array.from({ length: RUNS }, (_, run) => simulate(scenario, 77_000 + run).trace));
    const swapped = traces.map((trace): Trace => ({
      ...trace,
      groups: { ...trace.groups, canary: trace.groups.baseline!, baseline: trace.groups.canary! },
      data: trace.data.map(({ canary, baseline, ...rest }) => ({
        ...rest,
        ...(baseline && { canary: baseline }),
        ...(canary && { baseline: canary }),
      })),
    }));
    const failed = (all: readonly Trace[]) => all.filter((trace) => judgeTrace(trace).at(-1)?.verdict === 'fail').length;
    expect(alike).toHaveLength(7);
    expect(failed(traces)).toBeLessThanOrEqual(MOST_FAILED);
    expect(failed(swapped)).toBeLessThanOrEqual(MOST_FAILED);
  });
});
