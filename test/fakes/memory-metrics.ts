import type { GroupMetrics, IntervalCounts, Metrics } from '../../core/judgement/ports.ts';
import type { Group, Service } from '../../core/service/service.ts';

const MINUTE = 60_000;

/** The same traffic in every minute, as `rates` says for each group; a group without a rate has no data. */
export class MemoryMetrics implements Metrics {
  readonly rates = new Map<Group, { readonly requests: number; readonly errors: number; readonly slow?: number }>();
  readonly unhealthy = new Map<Group, number>();

  async read(service: Service, groups: readonly Group[], from: number, to: number): Promise<readonly GroupMetrics[]> {
    const first = Math.ceil(from / MINUTE) * MINUTE;
    const count = Math.max(0, Math.floor((to - first) / MINUTE));
    return groups.map((group) => {
      const rate = this.rates.get(group);
      const slow = service.file.limits.slow.map(() => rate?.slow ?? 0);
      const interval = (index: number): IntervalCounts => ({
        at: first + index * MINUTE,
        slow,
        requests: rate?.requests ?? 0,
        errors: rate?.errors ?? 0,
      });
      const intervals = rate ? Array.from({ length: count }, (_, index) => interval(index)) : [];
      const unhealthyNodes = this.unhealthy.get(group);
      return { group, intervals, nodes: [], ...(unhealthyNodes === undefined ? {} : { unhealthyNodes }) };
    });
  }
}
