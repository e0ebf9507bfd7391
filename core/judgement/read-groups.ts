/** What is asked of CloudWatch in one look: counts of all groups in one call, and before it the edges where none are declared. */
import type { Service } from '../service/service.ts';
import { type Edges, edgesOf, needsQuantiles, otherEdges, PAST_MINUTES, watchedEdges } from './edges.ts';
import type { Compared } from './judge-minutes.ts';
import { hasOwnCounts, judgePolicy, type PolicyOf } from './judge-policy.ts';
import { type CellGroup, MINUTE_MS } from './judgement.ts';
import type { SeenNodes } from './look-at-nodes.ts';
import type { GroupMetrics, GroupQuery, Metrics } from './ports.ts';

/** A release that was paused for days is caught up with little by little. */
const MOST_MINUTES = 240;
/** Of a larger group so many tell for all: what is known of each is kept between two looks, and one call asks 500 metrics. */
const MOST_COUNTED_NODES = 15;

/** Nodes whose own counts are asked for. */
export function countedNodes({ file, watch }: Pick<PolicyOf, 'file' | 'watch'>, { instances, beside }: SeenNodes) {
  if (!hasOwnCounts(file, watch)) return { watched: [], reference: [] };
  return { watched: instances.slice(0, MOST_COUNTED_NODES), reference: beside.slice(0, MOST_COUNTED_NODES) };
}

interface Telling {
  readonly compared: Compared;
  /** Minutes before it are judged. */
  readonly from: number;
  readonly of: Omit<PolicyOf, 'lastLooks'>;
}

/** Quantiles are those of the reference before what is judged with them: nothing the new release does moves them. */
export async function edgesFor(metrics: Metrics, service: Service, { compared, from, of }: Telling): Promise<Edges> {
  const policy = judgePolicy({ ...of, lastLooks: 0 });
  if (!needsQuantiles(policy) || compared.reference === undefined) return edgesOf(policy);
  const span = { from: from - PAST_MINUTES * MINUTE_MS, to: from };
  const quantiles = policy.latency.map(({ quantile }) => quantile);
  return edgesOf(policy, await metrics.quantiles(service, compared.reference.group, { ...span, quantiles }));
}

interface Reading {
  readonly compared: Compared;
  readonly edges: Edges;
  readonly counted: ReturnType<typeof countedNodes>;
  readonly from: number;
  readonly now: number;
}

export function readGroups(metrics: Metrics, service: Service, reading: Reading): Promise<readonly GroupMetrics[]> {
  const { edges, counted, from, now } = reading;
  const { watched, reference, cells } = reading.compared;
  const queryOf = (cell: CellGroup): GroupQuery => {
    if (cell.group === watched.group)
      return { ...cell, edgesMs: watchedEdges(edges), nodes: counted.watched, ...(reference && { median: true }) };
    if (cell.group === reference?.group) return { ...cell, edgesMs: edges.reference, nodes: counted.reference, median: true };
    return { ...cell, edgesMs: otherEdges(edges) };
  };
  return metrics.read(service, cells.map(queryOf), { from, to: Math.min(now, from + MOST_MINUTES * MINUTE_MS) });
}
