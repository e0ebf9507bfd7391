import type { Group, Service } from '../service/service.ts';

/**
 * Counts of one group in one interval. Undefined means no data, which is not 0. Where `requests` is known, `errors` is
 * too: CloudWatch leaves out error counts of 0, so the adapter fills them in.
 */
export interface IntervalCounts {
  readonly at: number;
  readonly requests?: number;
  readonly errors?: number;
  /** Requests slower than each declared limit, in the order of `limits.slow`. */
  readonly slow: readonly (number | undefined)[];
}

export interface GroupMetrics {
  readonly group: Group;
  readonly intervals: readonly IntervalCounts[];
  /** Highest count of unhealthy nodes in the window, if known. */
  readonly unhealthyNodes?: number;
  /** Per node where the nodes publish it (Linux nodes do); empty where not. */
  readonly nodes: readonly { readonly instanceId: string; readonly intervals: readonly IntervalCounts[] }[];
}

export interface Metrics {
  /** Whole intervals in [from, to); at most two calls whatever the number of groups. */
  read(service: Service, groups: readonly Group[], from: number, to: number): Promise<readonly GroupMetrics[]>;
}
