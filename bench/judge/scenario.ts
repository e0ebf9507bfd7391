/** The releases the judges are tried on. What a scenario does not say is as in `PLAIN`. */
import type { Random } from './random.ts';

/** What the new release does, beginning at an interval. */
export interface Change {
  readonly from: number;
  /** Added to the share of failed requests. */
  readonly errors: number;
  /** Factors of all latencies, and of those around and above the 99th percentile. */
  readonly latency: number;
  readonly tail: number;
  readonly leakMbPerInterval: number;
  readonly crashesPerNodeInterval: number;
}

export interface World {
  readonly requests: number;
  readonly errorRate: number;
  readonly medianMs: number;
  readonly spread: number;
  /** Share of requests in a tail of its own, and its spread. */
  readonly tailShare: number;
  readonly tailSpread: number;
  readonly diurnal: number;
  readonly shocks: number;
  readonly errorNoise: number;
  readonly latencyNoise: number;
  readonly gaps: number;
  readonly badNode?: 'canary' | 'baseline';
  readonly change: Change;
}

export interface Scenario {
  readonly name: string;
  readonly what: string;
  readonly kind: 'fine' | 'bad' | 'bad node';
  readonly world: (random: Random) => World;
}

const NO_CHANGE: Change = { from: 0, errors: 0, latency: 1, tail: 1, leakMbPerInterval: 0, crashesPerNodeInterval: 0 };
export const INTERVALS = 60;

const plain = (random: Random): World => ({
  requests: random.scale(100, 1500),
  errorRate: random.scale(0.0005, 0.005),
  medianMs: random.scale(5, 200),
  spread: random.between(0.3, 0.6),
  tailShare: 0.02,
  tailSpread: 0.8,
  diurnal: 0,
  shocks: 0,
  errorNoise: 0.06,
  latencyNoise: 0.02,
  gaps: 0,
  change: NO_CHANGE,
});

/** The same world, with a release that changes nothing on nodes that are all right. */
export const withoutChange = ({ badNode: _, ...world }: World): World => ({ ...world, change: NO_CHANGE });

type Twist = (random: Random) => Omit<Partial<World>, 'change'> & { readonly change?: Partial<Change> };

const scenario = (kind: Scenario['kind'], name: string, what: string, twist: Twist): Scenario => ({
  name,
  what,
  kind,
  world: (random) => {
    const world = plain(random);
    const { change = {}, ...rest } = twist(random);
    return { ...world, ...rest, change: { ...NO_CHANGE, ...change } };
  },
});

const HEAVY = { tailShare: 0.08, tailSpread: 1.3 };
const low = (random: Random) => ({ requests: random.scale(0.5, 6) });

export const SCENARIOS: readonly Scenario[] = [
  scenario('fine', 'stationary', 'no change', () => ({})),
  scenario('fine', 'diurnal', 'traffic and latency swing with the day', () => ({ diurnal: 0.6 })),
  scenario('fine', 'heavy_tail', 'latencies with a heavy tail', () => HEAVY),
  scenario('fine', 'shared_shocks', 'outages that hit both groups', () => ({ shocks: 0.08 })),
  scenario('fine', 'node_noise', 'nodes that differ', () => ({ errorNoise: 0.2, latencyNoise: 0.05 })),
  scenario('fine', 'tolerated', 'a little slower, within the margin', (random) => ({
    change: { latency: random.between(1.02, 1.03) },
  })),
  scenario('fine', 'improved', 'faster, and fewer errors', () => ({ change: { latency: 0.85, errors: -0.0003 } })),
  scenario('fine', 'low_traffic', 'a request now and then', low),
  scenario('fine', 'gaps', 'metrics are missing at times', () => ({ gaps: 0.2 })),
  scenario('fine', 'bad_baseline_node', 'one node of the baseline is bad', () => ({ badNode: 'baseline' })),
  scenario('bad node', 'bad_node', 'one node of the canary is bad', () => ({ badNode: 'canary' })),
  scenario('bad', 'err_1pp', '+1 pp errors', () => ({ change: { errors: 0.01 } })),
  scenario('bad', 'err_01pp', '+0.1 pp errors', () => ({ change: { errors: 0.001 } })),
  scenario('bad', 'p99_20', 'p99 +20 %, only the tail', () => ({ change: { tail: 1.2 } })),
  scenario('bad', 'all_15', 'all latencies +15 %', () => ({ change: { latency: 1.15 } })),
  scenario('bad', 'leak', 'a memory leak', (random) => ({ change: { leakMbPerInterval: random.scale(0.5, 4) } })),
  scenario('bad', 'crash_every_n', 'crashes every so many requests', (random) => ({
    change: { crashesPerNodeInterval: random.between(3, 15) / (4 * INTERVALS) },
  })),
  scenario('bad', 'crash_loop', 'crashes soon after each start', () => ({ change: { crashesPerNodeInterval: 0.8 } })),
  scenario('bad', 'late_1pp', '+1 pp errors from the middle on', (random) => ({
    change: { errors: 0.01, from: 25 + random.below(10) },
  })),
  scenario('bad', 'p99_20_heavy', 'p99 +20 % with a heavy tail', () => ({ ...HEAVY, change: { tail: 1.2 } })),
  scenario('bad', 'err_5pp_low', '+5 pp errors at low traffic', (random) => ({ ...low(random), change: { errors: 0.05 } })),
  scenario('bad', 'err_1pp_shocks', '+1 pp errors among outages', () => ({ shocks: 0.08, change: { errors: 0.01 } })),
  scenario('bad', 'all_15_diurnal', 'all latencies +15 %, the day swings', () => ({ diurnal: 0.6, change: { latency: 1.15 } })),
  scenario('bad', 'err_1pp_noise', '+1 pp errors, nodes that differ', () => ({
    errorNoise: 0.2,
    latencyNoise: 0.05,
    change: { errors: 0.01 },
  })),
];
