import type { GroupMetrics, GroupQuery, Metrics, MinuteCounts, Span } from '../../core/judgement/ports.ts';
import type { Group, Service } from '../../core/service/service.ts';

const MINUTE = 60_000;

export interface Rate {
  readonly requests: number;
  readonly errors: number;
  /** Slower than every edge. */
  readonly slow?: number;
  readonly gauges?: Readonly<Record<string, number>>;
}

/** The same traffic in every minute, as `rates` says for each group; a group without a rate has no data. */
export class MemoryMetrics implements Metrics {
  readonly rates = new Map<Group, Rate>();
  readonly unhealthy = new Map<Group, number>();
  /** Rates of single minutes. */
  readonly special = new Map<string, Rate>();
  calls = 0;

  async read(_service: Service, groups: readonly GroupQuery[], { from, to }: Span): Promise<readonly GroupMetrics[]> {
    this.calls += 1;
    const first = Math.ceil(from / MINUTE) * MINUTE;
    const count = Math.max(0, Math.floor((to - first) / MINUTE));
    return groups.map(({ group, edgesMs }) => {
      const minute = (index: number): MinuteCounts | undefined => {
        const at = first + index * MINUTE;
        const rate = this.special.get(`${group}/${at}`) ?? this.rates.get(group);
        return rate && { at, ...toCounts(rate, edgesMs) };
      };
      const unhealthyNodes = this.unhealthy.get(group);
      const minutes = Array.from({ length: count }, (_, index) => minute(index)).flatMap((one) => one ?? []);
      return { group, minutes, ...(unhealthyNodes === undefined ? {} : { unhealthyNodes }) };
    });
  }

  async quantiles(_service: Service, _group: Group, { quantiles }: Span & { readonly quantiles: readonly number[] }) {
    this.calls += 1;
    return quantiles.map((quantile) => 100 * quantile);
  }
}

const toCounts = ({ requests, errors, slow = 0, gauges = {} }: Rate, edgesMs: readonly number[]) => ({
  ...{ requests, errors, timed: requests, gauges },
  slower: edgesMs.map(() => slow),
});
