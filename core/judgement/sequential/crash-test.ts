/**
 * Crashes against three yardsticks, with a share of the evidence each: the reference's crashes at the same time, what the
 * service's history says of its nodes, and how seldom a crash nobody has seen before repeats on another node.
 */
import { type NodeCounts, WHOLE_GROUP } from './counts.ts';
import { poissonTail } from './distributions.ts';
import type { Policy } from './policy.ts';
import { poissonEvidence } from './poisson-evidence.ts';
import type { JudgeState } from './state.ts';
import { tally } from './state.ts';

const AGAINST_HISTORY = [2, 3, 5, 10, 30, 100];
const AGAINST_REPEATS = [100, 300, 1000];
/** How many crashes of a fine release repeat, on another node, one that is not in the history. */
const REPEATS = 0.15;
export const CRASH_KAPPAS = [2, 3, 5, 10, 30, 100];
const MOST_FINGERPRINTS = 20;
const MOST_NODES_EACH = 12;
/** Fingerprints are hashes; of a longer text, the beginning. */
const MOST_CHARACTERS = 64;

/** Evidence that the crashes are more than the history allows, in number or in likeness. Never falls with another crash. */
export function crashEvidence(state: JudgeState, { crashes }: Policy, left?: string) {
  const { events, exposure } = tally(state.watched, (node) => ({ events: node.crashes, exposure: node.hours }), left);
  const allowed = crashes.ratio * crashes.perNodeHour * exposure;
  return {
    history: poissonEvidence({ events, exposure: allowed }, AGAINST_HISTORY),
    repeats: poissonEvidence({ events: repeatsIn(state, left), exposure: REPEATS * allowed }, AGAINST_REPEATS),
  };
}

/**
 * Crashes of unknown fingerprints that were seen on another node as well: of each, those beyond the node that has most. A
 * node that is left out still has shown its fingerprints: what it alone suffers from does not crash the others alike.
 */
function repeatsIn({ fingerprints }: JudgeState, left?: string): number {
  return Object.values(fingerprints).reduce((sum, nodes) => {
    const counts = Object.entries(nodes).flatMap(([id, count]) => (id === left ? [] : [count]));
    const isKnownFrom = left !== undefined && (nodes[left] ?? 0) > 0;
    return sum + counts.reduce((total, one) => total + one, 0) - (isKnownFrom ? 0 : Math.max(0, ...counts));
  }, 0);
}

export function learnFingerprints(
  state: JudgeState,
  nodes: readonly NodeCounts[],
  known: readonly string[],
): JudgeState['fingerprints'] {
  const all = new Map(Object.entries(state.fingerprints).map(([print, counts]) => [print, { ...counts }]));
  for (const { id, fingerprints } of nodes)
    for (const whole of fingerprints) {
      const print = whole.slice(0, MOST_CHARACTERS);
      if (known.includes(whole) || (!all.has(print) && all.size >= MOST_FINGERPRINTS)) continue;
      const counts = all.get(print) ?? {};
      const node = id in counts || Object.keys(counts).length < MOST_NODES_EACH ? id : WHOLE_GROUP;
      all.set(print, { ...counts, [node]: (counts[node] ?? 0) + 1 });
    }
  return Object.fromEntries(all);
}

const LOOP_CRASHES = 3;
const LOOP_INTERVALS = 10;
/** So unlikely while all is well that it needs no other evidence. */
const LOOP_CHANCE = 1e-4;
/** More than these cannot matter. */
const MOST_RECENT = 60;

export function recentCrashes(state: JudgeState, nodes: readonly NodeCounts[]): JudgeState['recentCrashes'] {
  const fresh = nodes.flatMap(({ id, crashes }) =>
    Array.from({ length: Math.min(crashes, LOOP_CRASHES) }, () => ({ interval: state.intervals, node: id })),
  );
  const young = state.recentCrashes.filter(({ interval }) => state.intervals - interval < LOOP_INTERVALS);
  return [...young, ...fresh].slice(-MOST_RECENT);
}

/** Nodes of a crash loop; of one node alone it is that node's. */
export function loopingNodes(
  { recentCrashes: recent }: JudgeState,
  policy: Policy,
  seconds: number,
  nodes: number,
): readonly string[] {
  const hours = (LOOP_INTERVALS * seconds * nodes) / 3600;
  const isLoop =
    recent.length >= LOOP_CRASHES &&
    poissonTail(recent.length, policy.crashes.ratio * policy.crashes.perNodeHour * hours) < LOOP_CHANCE;
  return isLoop ? [...new Set(recent.map(({ node }) => node))] : [];
}
