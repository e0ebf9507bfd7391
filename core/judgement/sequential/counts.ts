/** The node that stands for a group of which only the sum is known; it cannot be left out. */
export const WHOLE_GROUP = '*';
export const isNode = (id: string) => id !== WHOLE_GROUP;

/**
 * What one interval is judged on. Latency comes as counts of requests slower than an edge, which load balancers and
 * histograms both can tell; the edges are quantiles of the reference's own past.
 */
export interface NodeCounts {
  /** `WHOLE_GROUP` for what is known of the group only; it may stand beside nodes that tell the rest. */
  readonly id: string;
  /** How many nodes it stands for, where that is not plain: see `standsFor`. */
  readonly nodes?: number;
  readonly requests: number;
  readonly errors: number;
  /** Requests whose time is known. */
  readonly timed: number;
  /**
   * For each latency quantile, the requests slower than its edge. In the watched group the edge is moved up: for `over` by
   * what is tolerated before a release fails, for `far` by what is tolerated when it passes.
   */
  readonly over: readonly number[];
  readonly far: readonly number[];
  readonly crashes: number;
  readonly fingerprints: readonly string[];
  readonly memoryMb?: number;
}

/** One value of each group, of a metric the service has declared. */
export interface GaugePair {
  readonly watched: number;
  readonly reference: number;
}

export interface Interval {
  readonly seconds: number;
  /** Absent: no data, which is not 0. */
  readonly watched?: readonly NodeCounts[];
  readonly reference?: readonly NodeCounts[];
  readonly gauges?: Readonly<Record<string, GaugePair | undefined>>;
}

/** Events among an exposure: errors among requests, slow among timed requests, crashes in node-hours. */
export interface Tally {
  readonly events: number;
  readonly exposure: number;
}

export const rateOf = ({ events, exposure }: Tally) => (exposure === 0 ? 0 : events / exposure);

export const sumOf = <Item>(items: readonly Item[], value: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + value(item), 0);

/** How many nodes one of these counts stands for, if it does not say: a node for one, and so the whole where no node is known. */
export const standsFor = (counts: readonly NodeCounts[], { id, nodes }: NodeCounts): number =>
  nodes ?? (isNode(id) || !counts.some((one) => isNode(one.id)) ? 1 : 0);

export const nodesIn = (counts: readonly NodeCounts[]): number => sumOf(counts, (one) => standsFor(counts, one));

export const without = (nodes: readonly NodeCounts[], id: string | undefined): readonly NodeCounts[] =>
  id === undefined ? nodes : nodes.filter((node) => node.id !== id);
