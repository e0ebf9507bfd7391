/** A release that never was: 4 canary nodes and 4 of a baseline beside 8 stable ones, 60 intervals of 30 seconds. */
import type { Trace, TraceCounts, TraceGroup, TraceInterval } from '../../core/judgement/trace/trace.ts';
import { drawRow, quantileMs, type Shares, sharesOf, stretchTail } from './latencies.ts';
import { type Random, randomFrom } from './random.ts';
import { INTERVALS, type Scenario, type World } from './scenario.ts';

const NODES = 4;
const STABLE_NODES = 8;
const WARMUP = 3;
const SECONDS = 30;
const CRASHES_PER_NODE_HOUR = 0.001;

interface Node {
  readonly id: string;
  readonly errors: number;
  readonly latency: number;
  readonly traffic: number;
  readonly bad?: 'errors' | 'latency';
  memoryMb: number;
}

interface Moment {
  readonly index: number;
  readonly traffic: number;
  readonly latency: number;
  readonly errors: number;
}

interface Stage {
  readonly world: World;
  readonly random: Random;
  readonly base: Shares;
  readonly tail: Shares;
}

export interface Simulated {
  readonly trace: Trace;
  /** The interval in which the change began. */
  readonly onset: number;
}

export function simulate(scenario: Scenario, seed: number): Simulated {
  const random = randomFrom(seed);
  const world = scenario.world(random);
  const base = sharesOf(world);
  const stage: Stage = { world, random, base, tail: stretchTail(base, world.change.tail) };
  const nodes = {
    canary: makeNodes(stage, 'canary', NODES),
    baseline: makeNodes(stage, 'baseline', NODES),
    stable: makeNodes(stage, 'stable', STABLE_NODES),
  };
  const phase = random.next() * 2 * Math.PI;
  const data = Array.from({ length: INTERVALS }, (_, index) => {
    const moment = momentAt(stage, index, phase);
    const counts = (group: 'canary' | 'baseline' | 'stable') =>
      random.next() < world.gaps ? {} : { [group]: countsOf(stage, nodes[group], moment, group) };
    return { t: index * SECONDS, ...counts('canary'), ...counts('baseline'), ...counts('stable') } satisfies TraceInterval;
  });
  const group = (build: string, all: readonly Node[], warmupIntervals: number): TraceGroup => ({
    build,
    nodes: all.map(({ id }) => id),
    warmupIntervals,
  });
  const trace: Trace = {
    id: `${scenario.name}-${seed}`,
    intervalSeconds: SECONDS,
    intervals: INTERVALS,
    groups: {
      canary: group('linux', nodes.canary, WARMUP),
      baseline: group('linux', nodes.baseline, WARMUP),
      stable: group('unikernel', nodes.stable, 0),
    },
    history: historyOf(world, base),
    data,
  };
  return { trace, onset: world.change.from };
}

/** Like groups of four differ by the noise of a node, over the root of two. */
const historyOf = (world: World, base: Shares): Trace['history'] => ({
  crashes: 10,
  nodeHours: 10 / CRASHES_PER_NODE_HOUR,
  knownFingerprints: ['known-0', 'known-1'],
  errorNoise: world.errorNoise / Math.SQRT2,
  latencyNoise: world.latencyNoise / Math.SQRT2,
  errorRate: world.errorRate,
  p50Ms: quantileMs(base, 0.5),
  p99Ms: quantileMs(base, 0.99),
  buildErrors: { ratio: 0, deviation: 0.05 },
  buildLatency: { ratio: 0.2, deviation: 0.03 },
});

function makeNodes({ world, random }: Stage, group: 'canary' | 'baseline' | 'stable', count: number): Node[] {
  const bad = world.badNode === group ? random.below(count) : -1;
  return Array.from({ length: count }, (_, index) => ({
    id: `${group}-${index}`,
    errors: Math.exp(world.errorNoise * random.normal()),
    latency: Math.exp(world.latencyNoise * random.normal()) * (group === 'stable' ? Math.exp(-0.2) : 1),
    traffic: Math.exp(0.03 * random.normal()),
    memoryMb: random.between(200, 600),
    ...(index === bad && { bad: random.next() < 0.5 ? ('errors' as const) : ('latency' as const) }),
  }));
}

function momentAt({ world, random }: Stage, index: number, phase: number): Moment {
  const day = 1 + world.diurnal * Math.sin(phase + (2 * Math.PI * index) / INTERVALS);
  const isShock = random.next() < world.shocks;
  return {
    index,
    traffic: day * Math.exp(0.05 * random.normal()),
    latency: day ** 0.3 * Math.exp(0.02 * random.normal()) * (isShock ? random.between(1.2, 3) : 1),
    errors: Math.exp(0.1 * random.normal()) * (isShock ? random.scale(3, 30) : 1),
  };
}

function countsOf(stage: Stage, nodes: Node[], moment: Moment, group: 'canary' | 'baseline' | 'stable'): TraceCounts {
  const rows = nodes.map((node) => countNode(stage, node, moment, group));
  const fingerprints = rows.flatMap(({ id, prints }) => (prints.length > 0 ? [[id, prints] as const] : []));
  return {
    requests: rows.map(({ requests }) => requests),
    errors: rows.map(({ errors }) => errors),
    crashes: rows.map(({ prints }) => prints.length),
    fingerprints: Object.fromEntries(fingerprints),
    memoryMb: rows.map(({ memoryMb }) => memoryMb),
    latency: group === 'stable' ? [mergeOf(stage, rows, moment)] : rows.map(({ row }) => row),
  };
}

/** The stable group is not drawn node by node: its row is merged in the trace as well. */
function mergeOf({ base, random }: Stage, rows: readonly { requests: number }[], moment: Moment): number[] {
  const requests = rows.reduce((sum, one) => sum + one.requests, 0);
  return drawRow(base, { requests, factor: moment.latency * Math.exp(-0.2) }, random);
}

function countNode(stage: Stage, node: Node, moment: Moment, group: string) {
  const { world, random } = stage;
  const isNew = group === 'canary' && moment.index >= world.change.from;
  const isCold = group !== 'stable' && moment.index < WARMUP;
  const requests = random.poisson(world.requests * node.traffic * moment.traffic);
  const rate = world.errorRate * node.errors * moment.errors * (isCold ? 2 : 1) + (isNew ? world.change.errors : 0);
  const share = Math.min(1, Math.max(0, rate + (node.bad === 'errors' ? 0.05 : 0)));
  const factor =
    node.latency * moment.latency * (isCold ? 1.5 : 1) * (isNew ? world.change.latency : 1) * (node.bad === 'latency' ? 1.6 : 1);
  const crashes = isNew ? random.poisson(world.change.crashesPerNodeInterval) : 0;
  const background = random.poisson((CRASHES_PER_NODE_HOUR * SECONDS) / 3600);
  const leak = isNew ? world.change.leakMbPerInterval : 0;
  node.memoryMb += leak + 0.3 * random.normal() + (isCold ? 5 : 0);
  if (crashes + background > 0) node.memoryMb -= Math.min(leak * moment.index, node.memoryMb / 2);
  const prints = [
    ...Array.from({ length: crashes }, () => (random.next() < 0.8 ? 'new-0' : `odd-${random.below(1e6)}`)),
    ...Array.from({ length: background }, () => (random.next() < 0.5 ? 'known-0' : `odd-${random.below(1e6)}`)),
  ];
  return {
    id: node.id,
    requests,
    errors: Math.min(requests, random.poisson(requests * share)),
    prints,
    memoryMb: Math.round(node.memoryMb * 10) / 10,
    row: group === 'stable' ? [] : drawRow(isNew ? stage.tail : stage.base, { requests, factor }, random),
  };
}
