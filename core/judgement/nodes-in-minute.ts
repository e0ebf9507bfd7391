/**
 * What one minute tells of single nodes. Load balancers count by group; that a node failed is known of every node. Where
 * nodes publish their own counts these are taken, and not the group's: a node's minute is not the load balancer's, and what
 * the two differ by would be nobody's. What is known of the group only stands beside the nodes as the whole. Pure.
 */
import { type Edges, type Slower, slowerInReference, slowerInWatched } from './edges.ts';
import type { Failure } from './judge-minutes.ts';
import type { OwnMinute } from './judgement.ts';
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

type Timed = Pick<MinuteCounts, 'timed' | 'slower'>;

interface Side {
  readonly nodes: number;
  readonly slower: (counts: Timed) => Slower;
}

export const watchedNodes = ({ nodes, edges }: Of, minute: MinuteCounts, { fresh, printed }: New): readonly NodeCounts[] =>
  nodesOf({ nodes: nodes.watched, slower: (counts) => slowerInWatched(counts, edges) }, minute, {
    fresh: fresh.filter(({ isWatched }) => isWatched),
    printed: printed.filter(({ isWatched }) => isWatched),
  });

/** Whose fingerprints do not matter. */
export const referenceNodes = ({ nodes, edges }: Of, minute: MinuteCounts, fresh: readonly Failure[]): readonly NodeCounts[] =>
  nodesOf({ nodes: nodes.reference, slower: (counts) => slowerInReference(counts, edges) }, minute, {
    fresh: fresh.filter(({ isWatched }) => !isWatched),
    printed: [],
  });

const UNTIMED: Timed = { timed: 0, slower: [] };

function nodesOf({ nodes, slower }: Side, minute: MinuteCounts, { fresh, printed }: New): readonly NodeCounts[] {
  const told = Object.entries(minute.nodes ?? {});
  const counted = new Map<string, OwnMinute>(told);
  const isTimed = told.some(([, { timed }]) => timed !== undefined);
  const { requests, errors } = told.length > 0 ? { requests: 0, errors: 0 } : minute;
  const whole: NodeCounts = {
    ...{ id: WHOLE_GROUP, nodes, requests: requests ?? 0, errors: errors ?? 0 },
    ...slower(isTimed ? UNTIMED : minute),
    ...{ crashes: 0, fingerprints: [] },
  };
  const failed = [...fresh, ...printed].map(({ instanceId }) => instanceId);
  const single = [...new Set([...counted.keys(), ...failed])].map((id): NodeCounts => {
    const of = (some: readonly Failure[]) => some.filter(({ instanceId }) => instanceId === id);
    const own = counted.get(id);
    return {
      ...{ id, nodes: 0, requests: own?.requests ?? 0, errors: Math.min(own?.errors ?? 0, own?.requests ?? 0) },
      ...slower({ timed: own?.timed ?? 0, slower: own?.slower ?? [] }),
      crashes: of(fresh).length,
      fingerprints: of(printed).flatMap(({ fingerprint }) => fingerprint ?? []),
      ...(own?.memoryMb !== undefined && { memoryMb: own.memoryMb }),
    };
  });
  return [whole, ...single];
}
