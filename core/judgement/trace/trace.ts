/** A recorded comparison, `canary-trace/1`: the form in which the judge is fed from outside. */

/** First bucket, then counts; bucket i holds (g^i, g^(i+1)] milliseconds, g = 2^(2^-scale). */
export type LatencyRow = readonly number[];

export interface TraceCounts {
  readonly requests: readonly number[];
  readonly errors: readonly number[];
  readonly crashes: readonly number[];
  readonly fingerprints: Readonly<Record<string, readonly string[]>>;
  readonly memoryMb: readonly (number | undefined)[];
  readonly latency: readonly LatencyRow[];
}

export interface TraceGroup {
  readonly build: string;
  readonly nodes: readonly string[];
  readonly warmupIntervals?: number;
}

export const TRACE_GROUPS = ['canary', 'baseline', 'stable'] as const;
export type TraceGroupName = (typeof TRACE_GROUPS)[number];

export interface TraceHistory {
  readonly crashes: number;
  readonly nodeHours: number;
  readonly knownFingerprints: readonly string[];
  readonly errorNoise: number;
  readonly latencyNoise: number;
  readonly errorRate?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Logarithms of Linux by unikernel, and how sure they are. */
  readonly buildErrors: { readonly ratio: number; readonly deviation: number };
  readonly buildLatency: { readonly ratio: number; readonly deviation: number };
}

export type TraceInterval = { readonly t: number | string } & Readonly<Partial<Record<TraceGroupName, TraceCounts>>>;

export interface Trace {
  readonly id: string;
  readonly intervalSeconds: number;
  readonly intervals: number;
  readonly groups: Readonly<Partial<Record<TraceGroupName, TraceGroup>>>;
  readonly history: TraceHistory;
  readonly data: readonly TraceInterval[];
}
