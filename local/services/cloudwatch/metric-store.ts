import type { Random } from '../../kernel/world.ts';
import type { Dimensions } from '../../kernel/ports.ts';
import { mergeSamples, Samples } from './samples.ts';
import type { SortedSamples } from './samples.ts';

export const MINUTE_MS = 60_000;
const KEPT_MS = 3 * 60 * MINUTE_MS;

/** A minute can be read this long after it ended: CloudWatch's data is late. What one AWS service publishes of a minute comes together. */
export const LATENESS_MS = { least: 15_000, most: 75_000 } as const;

export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
}

interface Bucket {
  readonly samples: Samples;
  readonly visibleAt: number;
}

interface Series {
  readonly id: MetricId;
  readonly minutes: Map<number, Bucket>;
  newest: number;
}

/** One-minute buckets of every metric, for three hours. */
export class MetricStore {
  readonly #series = new Map<string, Series>();
  readonly #byDimensions = new WeakMap<Dimensions, Map<string, Series>>();
  /** By namespace and minute. */
  readonly #visibleAt = new Map<string, number>();
  readonly #namespaces = new Set<string>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  put(id: MetricId, sample: { readonly value: number; readonly count: number; readonly at: number; readonly now: number }): void {
    const series = this.#open(id);
    const minute = Math.floor(sample.at / MINUTE_MS) * MINUTE_MS;
    const bucket = series.minutes.get(minute) ?? this.#openBucket(series, minute, sample.now);
    bucket.samples.add(sample.value, sample.count);
  }

  /** What can be read at `now` of [from, to); undefined if no minute in it has data. */
  read(id: MetricId, range: { readonly from: number; readonly to: number; readonly now: number }): SortedSamples | undefined {
    const series = this.#series.get(keyOf(id));
    if (!series) return undefined;
    const found: SortedSamples[] = [];
    for (let minute = range.from; minute < range.to; minute += MINUTE_MS) {
      const bucket = series.minutes.get(minute);
      if (bucket && bucket.visibleAt <= range.now) found.push(bucket.samples.sorted());
    }
    return found.length === 0 ? undefined : mergeSamples(found);
  }

  /** Metrics with data that can be read. */
  list(now: number): readonly MetricId[] {
    const readable = [...this.#series.values()].filter(({ minutes }) =>
      [...minutes.values()].some(({ visibleAt }) => visibleAt <= now),
    );
    return readable.map(({ id }) => id);
  }

  /** Whether anybody has ever published in it. */
  knows(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  /** Drops what is older than three hours. */
  prune(now: number): void {
    for (const [key, series] of this.#series) {
      for (const minute of series.minutes.keys()) if (minute < now - KEPT_MS) series.minutes.delete(minute);
      if (series.minutes.size === 0) this.#series.delete(key);
    }
    for (const [key, visibleAt] of this.#visibleAt) if (visibleAt < now - KEPT_MS) this.#visibleAt.delete(key);
  }

  /** AWS services pass the same dimensions object for every sample: their series is then found without making a key. */
  #open(id: MetricId): Series {
    const known = this.#byDimensions.get(id.dimensions);
    const name = `${id.namespace}\n${id.name}`;
    const cached = known?.get(name);
    if (cached && cached.minutes.size > 0) return cached;
    this.#namespaces.add(id.namespace);
    const key = keyOf(id);
    const series = this.#series.get(key) ?? { id, minutes: new Map<number, Bucket>(), newest: 0 };
    this.#series.set(key, series);
    if (known) known.set(name, series);
    else this.#byDimensions.set(id.dimensions, new Map([[name, series]]));
    return series;
  }

  #openBucket(series: Series, minute: number, now: number): Bucket {
    const bucket: Bucket = { samples: new Samples(), visibleAt: this.#drawVisible(series.id.namespace, minute, now) };
    // The minute before is over for this metric: its samples become compact.
    series.minutes.get(series.newest)?.samples.sorted();
    series.minutes.set(minute, bucket);
    series.newest = Math.max(series.newest, minute);
    return bucket;
  }

  #drawVisible(namespace: string, minute: number, now: number): number {
    const key = `${namespace}\n${minute}`;
    const known = this.#visibleAt.get(key);
    if (known !== undefined && known >= now) return known;
    const late = LATENESS_MS.least + this.#random.below(LATENESS_MS.most - LATENESS_MS.least);
    const visibleAt = Math.max(minute + MINUTE_MS, now) + late;
    this.#visibleAt.set(key, visibleAt);
    return visibleAt;
  }
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, ...Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
