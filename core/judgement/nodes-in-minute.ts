/**
 * What one minute tells of single nodes. Load balancers count by group; that a node failed is known of every node. Where
 * nodes publish their own counts these are taken, and not the group's: a node's minute is not the load balancer's, and what
 * the two differ by would be nobody's. What is known of the group only stands beside the nodes as the whole. Pure.
 */
import { type Edges, slowerInReference, slowerInWatched } from './edges.ts';
import type { Failure } from './judge-minutes.ts';
import type { MinuteCounts } from './ports.ts';
import { type NodeCounts, WHOLE_GROUP } from './sequential/counts.ts';

interface Of {
  readonly nodes: { readonly watched: number; readonly reference: number };
  readonly edges: Edges;
}

interface New {
  /** Failures that were not counted so far, and those whose fingerprints were not. */
  readonly fresh: readonly Failure[];
  readonly printed: readonly Failure[];
}

const NOTHING = { requests: 0, errors: 0 };

export function watchedNodes({ nodes, edges }: Of, minute: MinuteCounts, { fresh, printed }: New): readonly NodeCounts[] {
  const own = (some: readonly Failure[]) => some.filter(({ isWatched }) => isWatched);
  const counted = minute.nodes ?? {};
  const failed = [...own(fresh), ...own(printed)].map(({ instanceId }) => instanceId);
  const ids = [...new Set([...Object.keys(counted), ...failed])];
  const { requests: all = 0, errors: failures = 0 } = Object.keys(counted).length > 0 ? NOTHING : minute;
  const whole: NodeCounts = {
    ...{ id: WHOLE_GROUP, nodes: nodes.watched, requests: all, errors: failures },
    ...slowerInWatched(minute, edges),
    ...{ crashes: 0, fingerprints: [] },
  };
  const zeros = edges.over.map(() => 0);
  const single = ids.map((id): NodeCounts => {
    const of = (some: readonly Failure[]) => own(some).filter(({ instanceId }) => instanceId === id);
    const { requests = 0, errors = 0 } = counted[id] ?? {};
    const fingerprints = of(printed).flatMap(({ fingerprint }) => fingerprint ?? []);
    const slow = { timed: 0, over: zeros, far: zeros };
    return { id, nodes: 0, requests, errors: Math.min(errors, requests), ...slow, crashes: of(fresh).length, fingerprints };
  });
  return [whole, ...single];
}

export const referenceNode = ({ nodes, edges }: Of, minute: MinuteCounts, fresh: readonly Failure[]): NodeCounts => ({
  ...{ id: WHOLE_GROUP, nodes: nodes.reference, requests: minute.requests ?? 0, errors: minute.errors ?? 0 },
  ...slowerInReference(minute, edges),
  ...{ crashes: fresh.filter(({ isWatched }) => !isWatched).length, fingerprints: [] },
});
