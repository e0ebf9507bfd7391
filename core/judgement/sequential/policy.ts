/** What the sequential judge tolerates, and what it risks. Numbers of a service, kept with its verdicts. */
import { chiSquareQuantile } from './distributions.ts';

export interface GaugePolicy {
  readonly name: string;
  readonly direction: 'increase' | 'decrease';
  /** Share of the reference's value that is tolerated. */
  readonly margin: number;
  /** Without its data a release does not pass. */
  readonly critical: boolean;
  /** Measured and told, and decides nothing. */
  readonly dryRun: boolean;
}

export interface LatencyPolicy {
  readonly quantile: number;
  /** Factors by which the edge is moved up for `over` and `far`, for the reader of a verdict. */
  readonly failFactor: number;
  readonly passFactor: number;
  /** The edge is this limit, which the service has declared, and no quantile of the reference. */
  readonly limitMs?: number;
  /** Share of requests that may be slower than the edge, on top of the reference's, when a release passes. */
  readonly passAbove?: number;
}

export interface Policy {
  /** Chance to fail a fine release; and one of which a single node is arbitrarily bad. */
  readonly alpha: number;
  readonly alphaWithoutNode: number;
  /** The last look has its own. */
  readonly alphaLast: number;
  readonly warmupIntervals: number;
  /** Intervals after which a verdict is due. */
  readonly horizon: number;
  /** What evidence of each kind counts; 1 in all. */
  readonly shares: Readonly<Record<string, number>>;
  readonly errors: {
    /** Times the reference's rate, and on top of it, that do not fail a release. */
    readonly ratio: number;
    readonly absolute: number;
    readonly passRatio: number;
    readonly passAbsolute: number;
    /** Expected rate, until the reference has told. */
    readonly expected: number;
  };
  readonly latency: readonly LatencyPolicy[];
  readonly crashes: {
    /** Whether the reference has nodes whose crashes can be compared. */
    readonly isCompared: boolean;
    readonly ratio: number;
    /** The most crashes a node has in an hour while all is well (99 %). */
    readonly perNodeHour: number;
    readonly knownFingerprints: readonly string[];
  };
  readonly memory: { readonly windowIntervals: number; readonly toleranceMb: number };
  /** Of each test: how much more its counts are known to vary than chance has it. Counts are taken to vary no less. */
  readonly dispersion?: Readonly<Record<string, number>>;
  readonly gauges: readonly GaugePolicy[];
  /** What a verdict calls the reference; `baseline` if it is not said. */
  readonly against?: string;
  /** False where there is no reference of the same build and age: what is not compared with one cannot pass. */
  readonly mayPass: boolean;
}

/** What is known of a service's past. */
export interface History {
  readonly crashes: number;
  readonly nodeHours: number;
  readonly knownFingerprints: readonly string[];
  /** Standard deviations of the logarithmic ratios of like groups: what differs though nothing changed. */
  readonly errorNoise: number;
  readonly latencyNoise: number;
  readonly errorRate: number;
  /** Of each test: how much more than chance has it the counts of fine nodes vary. */
  readonly dispersion?: Readonly<Record<string, number>>;
}

export const NO_HISTORY: History = {
  crashes: 0,
  nodeHours: 0,
  knownFingerprints: [],
  errorNoise: 0.05,
  latencyNoise: 0.03,
  errorRate: 0.001,
};

export const QUANTILES: readonly number[] = [0.5, 0.9, 0.99];

/** No service is fine that loses a node in less than this, whatever little its history says. */
const MOST_CRASHES_PER_NODE_HOUR = 0.05;
/** One in a thousand node-hours among 1000 node-hours that were never seen. */
const UNSEEN_NODE_HOURS = 500;

export function crashesPerNodeHour({ crashes, nodeHours }: Pick<History, 'crashes' | 'nodeHours'>): number {
  const hours = Math.max(nodeHours, UNSEEN_NODE_HOURS);
  return Math.min(MOST_CRASHES_PER_NODE_HOUR, chiSquareQuantile(0.99, 2 * crashes + 2) / (2 * hours));
}

/** A bucket of an exponential histogram is a factor of `base` wide; with factors told exactly, `base` is 1.0443 as well. */
const BUCKET = 2 ** (1 / 16);

export function latencyBuckets(noise: number): { readonly fail: number; readonly pass: readonly number[] } {
  const step = Math.log(BUCKET);
  return {
    fail: Math.max(1, Math.ceil((2 * noise) / step - 0.25)),
    pass: [1.1, 1.1, 1.15].map((factor) => Math.floor(Math.log(factor) / step)),
  };
}

export const bucketFactor = (buckets: number) => BUCKET ** buckets;

const BUILT_IN: Readonly<Record<string, number>> = { errors: 0.33, p50: 0.05, p90: 0.1, p99: 0.27, crashes: 0.2, memory: 0.05 };

/** Declared metrics get a fifth of the evidence between them. What is not measured leaves its share to the rest. */
export function sharesOf(measured: readonly string[], gauges: readonly GaugePolicy[]): Readonly<Record<string, number>> {
  const deciding = gauges.filter(({ dryRun }) => !dryRun);
  const builtIn = measured.filter((name) => name in BUILT_IN);
  const total = builtIn.reduce((sum, name) => sum + (BUILT_IN[name] ?? 0), 0);
  const left = deciding.length === 0 ? 1 : total === 0 ? 0 : 0.8;
  return Object.fromEntries([
    ...builtIn.map((name) => [name, ((BUILT_IN[name] ?? 0) / total) * left] as const),
    ...deciding.map(({ name }) => [gaugeTest(name), (1 - left) / deciding.length] as const),
  ]);
}

export const gaugeTest = (name: string) => `metric ${name}`;

export function errorPolicy(history: Pick<History, 'errorNoise' | 'errorRate'>): Policy['errors'] {
  const ratio = Math.exp(Math.max(Math.log(1.1), 2 * history.errorNoise));
  return { ratio, absolute: 1e-4, passRatio: ratio, passAbsolute: 5e-4, expected: history.errorRate };
}
