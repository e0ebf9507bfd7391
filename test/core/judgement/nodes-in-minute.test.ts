import { describe, expect, it } from 'vitest';
import { decide } from '../../../core/judgement/decide.ts';
import { edgesOf } from '../../../core/judgement/edges.ts';
import { judgePolicy } from '../../../core/judgement/judge-policy.ts';
import { beginWatch } from '../../../core/judgement/judgement.ts';
import { judgeMinutes } from '../../../core/judgement/judge-minutes.ts';
import { watchedNodes } from '../../../core/judgement/nodes-in-minute.ts';
import { groupsOf } from '../../../core/judgement/watch-groups.ts';
import { MINUTE, release, service, T0 } from '../../fakes/fixtures.ts';

const { file } = service({ nodeMetrics: { namespace: 'Web/Nodes' }, canary: { nodes: 3, minutes: 30 } });
const edges = edgesOf(judgePolicy({ file, watch: 'canary', minutes: 30, lastLooks: 0 }));
const IDS = ['i-1', 'i-2', 'i-3'];

describe('the nodes of a minute', () => {
  const minute = { at: 0, requests: 100, errors: 9, timed: 99, slower: [3, 2], gauges: {} };
  const of = { nodes: { watched: 2, reference: 2 }, edges };
  const crash = { faultId: 'i-2-1', instanceId: 'i-2', isWatched: true, isCrash: true };

  it('are the whole, and beside it those that failed', () => {
    expect(watchedNodes(of, minute, { fresh: [crash], printed: [{ ...crash, fingerprint: 'f' }] })).toMatchObject([
      { id: '*', nodes: 2, requests: 100, errors: 9, timed: 99, over: [2], far: [3], crashes: 0 },
      { id: 'i-2', nodes: 0, requests: 0, errors: 0, crashes: 1, fingerprints: ['f'] },
    ]);
  });

  it('are counted by themselves where they publish: the whole has only what nobody else tells', () => {
    const nodes = { 'i-1': { requests: 60, errors: 0 }, 'i-2': { requests: 41, errors: 8 } };
    expect(watchedNodes(of, { ...minute, nodes }, { fresh: [], printed: [] })).toMatchObject([
      { id: '*', nodes: 2, requests: 0, errors: 0, timed: 99, over: [2] },
      { id: 'i-1', nodes: 0, requests: 60, errors: 0 },
      { id: 'i-2', nodes: 0, requests: 41, errors: 8 },
    ]);
  });
});

/** An hour's half in which these nodes of three failed two of five requests. */
function judged(bad: readonly string[], instances: readonly string[] = IDS) {
  const compared = groupsOf('canary', release({ version: '2.0.0', replaces: '1.0.0', fleet: 'green' }), {});
  const facts = { file, watch: 'canary', minutes: 30, compared, nodes: { watched: 3, reference: 3 } } as const;
  const begun = beginWatch(undefined, { service: 'web', version: '2.0.0', fence: 2, watch: 'canary', since: T0 - 1 });
  const minutes = Array.from({ length: 30 }, (_, n) => ({ at: T0 + n * MINUTE, requests: 300, timed: 300, gauges: {} }));
  const own = Object.fromEntries(IDS.map((id) => [id, { requests: 100, errors: bad.includes(id) ? 40 : 0 }]));
  const canary = minutes.map((one) => ({ ...one, errors: 40 * bad.length, slower: [0, 0], nodes: own }));
  const baseline = minutes.map((one) => ({ ...one, errors: 0, slower: [0] }));
  const metrics = [
    { group: 'canary', minutes: canary },
    { group: 'baseline', minutes: baseline },
  ] as const;
  const now = T0 + 31 * MINUTE;
  const record = judgeMinutes(begun, { ...facts, metrics, edges, nodesWithCounts: IDS, failures: [], now });
  return decide(record, { ...facts, instances, sick: 0, notServing: 0, now });
}

describe('one bad node of three', () => {
  it('is named to be replaced, and nothing is decided before it is', () => {
    expect(judged(['i-2'])).toMatchObject({
      bad: 'i-2',
      verdict: { kind: 'wait', why: expect.stringContaining('i-2 alone is bad, and is not replaced yet') as string },
    });
  });

  it('does not keep the release from passing once it is gone', () => {
    const { verdict, bad } = judged(['i-2'], ['i-1', 'i-3', 'i-4']);
    expect([verdict.kind, bad]).toEqual(['pass', undefined]);
    expect(verdict.why).toContain('without i-2, which alone is bad');
    expect(verdict.why).not.toContain('only crashes and health are known');
  });

  it('is the release’s when there are two', () => {
    expect(judged(['i-1', 'i-2']).verdict).toMatchObject({ kind: 'fail', cause: 'code' });
  });
});
