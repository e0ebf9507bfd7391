/** What the bets so far come to: the evidence of each test, with all nodes and with each left out. */
import { crashEvidence } from './crash-test.ts';
import type { Policy } from './policy.ts';
import type { JudgeState } from './state.ts';
import { evidence } from './wealth.ts';

export interface Weighed {
  readonly evidence: number;
  /** By test. */
  readonly parts: Readonly<Record<string, number>>;
}

export function weigh(state: JudgeState, policy: Policy, left?: string): Weighed {
  const parts = Object.fromEntries(Object.keys(policy.shares).map((test) => [test, evidenceOf(state, policy, test, left)]));
  return { parts, evidence: Object.entries(policy.shares).reduce((sum, [test, share]) => sum + share * (parts[test] ?? 0), 0) };
}

export function evidenceOf(state: JudgeState, policy: Policy, test: string, left?: string): number {
  const bets = state.bets[test] ?? 0;
  const panel = state.panels[test];
  const wealth = left === undefined ? panel?.all : (panel?.without[left] ?? panel?.all);
  const sequential = wealth === undefined ? 1 : evidence(wealth, bets);
  if (test !== 'crashes') return sequential;
  const { history, repeats } = crashEvidence(state, policy, left);
  return 0.1 * sequential + 0.3 * history + 0.6 * repeats;
}

export interface Suspect {
  readonly node: string;
  readonly weighed: Weighed;
}

/** The node without which least speaks against the release; none where nodes are not known. */
export function suspect(state: JudgeState, policy: Policy): Suspect | undefined {
  const nodes = new Set(Object.values(state.panels).flatMap(({ without }) => Object.keys(without)));
  const found = [...nodes].map((node) => ({ node, weighed: weigh(state, policy, node) }));
  return found.sort((a, b) => a.weighed.evidence - b.weighed.evidence || (a.node < b.node ? -1 : 1))[0];
}
