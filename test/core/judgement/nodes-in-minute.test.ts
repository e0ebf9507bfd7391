import { describe, expect, it } from 'vitest';
import { decide } from '../../../core/judgement/decide.ts';
import { edgesOf } from '../../../core/judgement/edges.ts';
import { judgePolicy } from '../../../core/judgement/judge-policy.ts';
import { beginWatch } from '../../../core/judgement/judgement.ts';
import { judgeMinutes } from '../../../core/judgement/judge-minutes.ts';
import { referenceNodes, watchedNodes } from '../../../core/judgement/nodes-in-minute.ts';
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

describe('the nodes they are compared with', () => {
  const minute = { at: 0, requests: 100, errors: 9, timed: 99, slower: [3], gauges: {} };
  const of = { nodes: { watched: 2, reference: 2 }, edges };

  it('are counted by themselves where they publish, with their memory', () => {
    const nodes = { 'i-8': { requests: 60, errors: 0, memoryMb: 80 }, 'i-9': { requests: 41, errors: 8, memoryMb: 90 } };
    expect(referenceNodes(of, { ...minute, nodes }, [])).toMatchObject([
      { id: '*', nodes: 2, requests: 0, errors: 0, timed: 99, over: [3], far: [3] },
      { id: 'i-8', nodes: 0, requests: 60, errors: 0, memoryMb: 80 },
      { id: 'i-9', nodes: 0, requests: 41, errors: 8, memoryMb: 90 },
    ]);
  });

  it('have their own latency where they publish it, and then the whole has none', () => {
    const nodes = { 'i-8': { requests: 60, errors: 0, timed: 58, slower: [2, 1] } };
    expect(watchedNodes(of, { ...minute, slower: [3, 2], nodes }, { fresh: [], printed: [] })).toMatchObject([
      { id: '*', timed: 0, over: [], far: [] },
      { id: 'i-8', timed: 58, far: [2], over: [1] },
    ]);
  });
});

interface Odd {
  readonly bad?: readonly string[];
  readonly slow?: readonly string[];
  readonly leaking?: readonly string[];
  /** Of the requests to old and new, this share takes longer than the declared limit. */
  readonly over?: number;
  /** This share of what a bad node answered is not in what it tells: its minute is not the load balancer's. */
  readonly untold?: number;
}

/** Half an hour in which some nodes of three failed two of five requests, were slow, or kept a megabyte a minute. */
function judged({ bad = [], slow = [], leaking = [], over = 0, untold = 0 }: Odd, instances: readonly string[] = IDS) {
  const compared = groupsOf('canary', release({ version: '2.0.0', replaces: '1.0.0', fleet: 'green' }), {});
  const facts = { file, watch: 'canary', minutes: 30, compared, nodes: { watched: 3, reference: 3 } } as const;
  const begun = beginWatch(undefined, { service: 'web', version: '2.0.0', fence: 2, watch: 'canary', since: T0 - 1 });
  const memoryOf = (id: string, n: number) => 100 + 10 * Number(id.at(-1)) + ((n * 7 + Number(id.at(-1))) % 5) * 0.1;
  const own = (ids: readonly string[], n: number) =>
    Object.fromEntries(
      ids.map((id) => {
        const memoryMb = memoryOf(id, n) + (leaking.includes(id) ? n : 0);
        const timed = { timed: 100, slower: slow.includes(id) ? [30, 30] : [0, 0] };
        const told = bad.includes(id) ? 1 - untold : 1;
        return [id, { requests: 100 * told, errors: bad.includes(id) ? 40 * told : 0, memoryMb, ...timed }];
      }),
    );
  const minutes = Array.from({ length: 30 }, (_, n) => ({ at: T0 + n * MINUTE, requests: 300, timed: 300, gauges: {} }));
  const canary = minutes.map((one, n) => ({ ...one, errors: 40 * bad.length, slower: [300 * over, 0], nodes: own(IDS, n) }));
  const baseline = minutes.map((one, n) => ({ ...one, errors: 0, slower: [300 * over], nodes: own(['i-7', 'i-8', 'i-9'], n) }));
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
    expect(judged({ bad: ['i-2'] })).toMatchObject({
      bad: 'i-2',
      verdict: { kind: 'wait', why: expect.stringContaining('i-2 alone is bad, and is not replaced yet') as string },
    });
  });

  it('does not keep the release from passing once it is gone', () => {
    const { verdict, bad } = judged({ bad: ['i-2'] }, ['i-1', 'i-3', 'i-4']);
    expect([verdict.kind, bad]).toEqual(['pass', undefined]);
    expect(verdict.why).toContain('without i-2, which alone is bad');
    expect(verdict.why).not.toContain('only crashes and health are known');
  });

  it('is left out of what fails, and not of what is slow', () => {
    const { verdict } = judged({ bad: ['i-2'], over: 0.04 }, ['i-1', 'i-3', 'i-4']);
    expect(verdict.why).toMatch(
      /^0\.0 % of 6000 requests to canary but i-2 failed .*; 4\.0 % of 9000 requests to canary took over/,
    );
    expect(verdict.kind).toBe('pass');
  });

  it('is left out whole, though its minute is not the load balancer’s', () => {
    expect(judged({ bad: ['i-2'], untold: 0.15 })).toMatchObject({ bad: 'i-2', verdict: { kind: 'wait' } });
  });

  it('is left out as far as it tells, where most of the group does not', () => {
    expect(judged({ bad: ['i-2'], untold: 0.9 }).verdict).toMatchObject({ kind: 'fail' });
  });

  it('is the release’s when there are two', () => {
    expect(judged({ bad: ['i-1', 'i-2'] }).verdict).toMatchObject({ kind: 'fail', cause: 'code' });
  });
});

describe('memory that nodes publish', () => {
  it('that grows on the new nodes fails their release', () => {
    const { verdict } = judged({ leaking: IDS });
    expect(verdict).toMatchObject({
      kind: 'fail',
      why: expect.stringMatching(/^memory: \d+ comparisons; evidence .* ≥ 200/) as string,
    });
  });

  it('that grows on one of them is that node’s, which is replaced', () => {
    expect(judged({ leaking: ['i-3'] }).verdict.kind).not.toBe('fail');
  });

  it('that does not grow passes, whatever each node has', () => {
    const { verdict } = judged({});
    expect(verdict.kind).toBe('pass');
    expect(verdict.tests?.find(({ test }) => test === 'memory')).toMatchObject({ samples: 13 });
  });
});

describe('one slow node of three', () => {
  it('is that node’s where nodes publish their response times, and the release’s when there are two', () => {
    expect(judged({ slow: ['i-2'] })).toMatchObject({ bad: 'i-2', verdict: { kind: 'wait' } });
    expect(judged({ slow: ['i-1', 'i-2'] }).verdict.kind).toBe('fail');
  });
});

describe('a minute that nodes have not told of yet', () => {
  const compared = groupsOf('canary', release({ version: '2.0.0', replaces: '1.0.0', fleet: 'green' }), {});
  const begun = beginWatch(undefined, { service: 'web', version: '2.0.0', fence: 2, watch: 'canary', since: T0 - 1 });
  const own = { requests: 50, errors: 0 };
  const counts = { requests: 100, timed: 0, slower: [], gauges: {} };

  /** Two minutes are told; of the second one node of the baseline says nothing. */
  const judgedAt = (now: number) => {
    const both = (nodes: Record<string, typeof own>) => [
      { ...counts, nodes: { a: own, b: own } },
      { ...counts, nodes },
    ];
    const group = (name: 'canary' | 'baseline', nodes: Record<string, typeof own>) => ({
      group: name,
      minutes: both(nodes).map((one, n) => ({ ...one, at: T0 + n * MINUTE })),
    });
    const metrics = [group('canary', { a: own, b: own }), group('baseline', { a: own })];
    const facts = { file, watch: 'canary', minutes: 30, compared, nodes: { watched: 2, reference: 2 }, failures: [] } as const;
    return judgeMinutes(begun, { ...facts, metrics, edges, nodesWithCounts: ['a', 'b'], now }).judgedTo;
  };

  it('waits for them for three minutes, those of the baseline too if they ever told', () => {
    expect(judgedAt(T0 + 3.5 * MINUTE)).toBe(T0 + MINUTE);
    expect(judgedAt(T0 + 5 * MINUTE)).toBe(T0 + 2 * MINUTE);
  });
});
