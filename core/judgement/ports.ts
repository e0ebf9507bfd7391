import type { Build, Group, Service } from '../service/service.ts';
import type { ServiceHistory } from './history.ts';
import type { JudgementRecord, OwnMinute } from './judgement.ts';

/** A group whose counts are wanted, and what stands in it: a declared metric may be told apart by any of these. */
export interface GroupQuery {
  readonly group: Group;
  readonly version: string;
  readonly build: Build;
  /** Milliseconds: of each, the requests slower than it are counted. */
  readonly edgesMs: readonly number[];
  /** Instances whose own counts are wanted, where the service says how they are published. */
  readonly nodes?: readonly string[];
  /** Whether the median of its response times is wanted. */
  readonly median?: true;
}

/**
 * Counts of one group in one minute. Undefined means no data, which is not 0. Where `requests` is known, `errors` is too:
 * CloudWatch leaves out error counts of 0, so the adapter fills them in.
 */
export interface MinuteCounts {
  readonly at: number;
  readonly requests?: number;
  readonly errors?: number;
  /** Requests whose time is known: of these, some are slower than an edge. */
  readonly timed?: number;
  /** In the order of the edges. */
  readonly slower: readonly (number | undefined)[];
  /** By instance, of those that published. */
  readonly nodes?: Readonly<Record<string, OwnMinute>>;
  readonly medianMs?: number;
  /** Declared metrics by their key (`metricKey`). */
  readonly gauges: Readonly<Record<string, number>>;
}

export interface GroupMetrics {
  readonly group: Group;
  /** Those with data, oldest first. */
  readonly minutes: readonly MinuteCounts[];
  /** Highest count of unhealthy nodes in the window, if known. */
  readonly unhealthyNodes?: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What load balancers and services publish: one point a minute, late. */
export interface Metrics {
  /** Whole minutes in [from, to), in one call whatever the number of groups. */
  read(service: Service, groups: readonly GroupQuery[], span: Span): Promise<readonly GroupMetrics[]>;
  /** Milliseconds below which these shares of a group's requests were answered, in one call; undefined where too few were. */
  quantiles(
    service: Service,
    group: Group,
    of: Span & { readonly quantiles: readonly number[] },
  ): Promise<readonly (number | undefined)[]>;
}

/** What is known of a watched release so far, one record a release. Conditional like Records. */
export interface Judgements {
  find(service: string, version: string): Promise<JudgementRecord | undefined>;
  put(record: JudgementRecord): Promise<JudgementRecord>;
}

/** What is remembered of a service's past, one record a build. Conditional like Records. */
export interface Histories {
  find(service: string, build: Build): Promise<ServiceHistory | undefined>;
  put(record: ServiceHistory): Promise<ServiceHistory>;
}
